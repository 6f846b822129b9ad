"""The protocol of the block cache, explored exhaustively in a model: no order of steps fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.proofs import mutations
from tests.proofs import other_protocols as others
from tests.proofs import plays
from tests.proofs.model import Stage
from tests.proofs.model import explore

PLAYS: dict[str, Callable[[Stage], None]] = {
    "one reader, two saves": plays.one_reader_two_saves,
    "warm reader": plays.warm_reader,
    "two threads": plays.two_threads,
    "two processes": plays.two_processes,
    "two articles": plays.two_articles,
    "followers": plays.followers,
    "own save": plays.own_save,
    "maintenance": plays.maintenance,
    "restore": plays.restore,
    "purge": plays.purge,
}


def test_no_schedule_of_any_play_shows_a_stale_or_a_torn_page() -> None:
    runs = {}
    for name, play in PLAYS.items():
        found = explore(play)
        assert found.violations == [], name
        runs[name] = found.runs
    found = explore(plays.replica, replicated=True)
    assert found.violations == [], "replica"
    runs["replica"] = found.runs
    print(f"{sum(runs.values())} distinct schedules: {runs}")  # noqa: T201 - the proof's size
    assert sum(runs.values()) >= 30_000


@pytest.mark.parametrize(
    ("reader", "writer"),
    [
        pytest.param(others.read_through, others.delete_on_write, id="delete on write"),
        pytest.param(others.read_and_stamp_at_store, others.count_up, id="version at store"),
        pytest.param(others.memoize, others.delete_version, id="version read again"),
        pytest.param(others.read_with_stamp(late=True), others.commit_with_log, id="late stamp"),
    ],
)
def test_the_explorer_finds_the_faults_of_other_protocols(
    reader: others.Reader, writer: others.Writer
) -> None:
    runs, wrong = others.count_violations(reader, writer, readers=1)
    assert 0 < wrong < runs


def test_the_same_order_with_the_stamp_first_has_none() -> None:
    runs, wrong = others.count_violations(
        others.read_with_stamp(late=False), others.commit_with_log
    )
    assert (runs > 1_000, wrong) == (True, 0)


def test_rules_left_out_are_found_without_being_told_where() -> None:
    """The explorer needs no directed schedule for what the plays lead to."""
    for play, broken in (
        (plays.two_threads, mutations.without(page_position=False)),
        (plays.warm_reader, mutations.without(future=False)),
        (plays.maintenance, mutations.without(floor=False)),
        (plays.one_reader_two_saves, mutations.ReadsOutside),
        (plays.two_threads, mutations.StampsByTable),
        (plays.one_reader_two_saves, mutations.StampsLate),
    ):
        assert explore(play, broken, first_only=True).violations != [], broken
    assert explore(plays.restore, renews_epoch=False, first_only=True).violations != []
