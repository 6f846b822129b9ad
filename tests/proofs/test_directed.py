"""Every rule of the protocol is needed: without it, some schedule shows a wrong page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.proofs import directed
from tests.proofs import mutations
from tests.proofs import plays
from tests.proofs.model import Choices
from tests.proofs.model import Stage
from tests.proofs.model import explore
from tests.proofs.mutations import without
from tests.proofs.protocol import Process
from tests.proofs.protocol import run


@dataclass(frozen=True, slots=True)
class Case:
    """A schedule, and the processes that must fail in it."""

    play: Callable[[Stage], None]
    broken: type[Process] = Process
    renews_epoch: bool = True


CASES = {
    "no_judge": Case(directed.save_elsewhere, without(changes=False)),
    "no_floor": Case(directed.entry_below_the_floor, without(floor=False)),
    "no_pfloor": Case(directed.page_below_the_floor, without(page_floor=False)),
    "no_p": Case(directed.late_result, without(page_position=False)),
    "no_p, the table's": Case(directed.late_result, mutations.StandsAtTable),
    "future_ok": Case(directed.answer_from_the_future, without(future=False)),
    "no_snap": Case(directed.save_between_two_renders, mutations.ReadsOutside),
    "stamp_table": Case(directed.save_after_the_snapshot, mutations.StampsByTable),
    "stamp_wall": Case(directed.save_after_the_snapshot, mutations.StampsByNow),
    "stamp_late": Case(directed.save_after_the_snapshot, mutations.StampsLate),
    "no_follow": Case(directed.save_elsewhere, mutations.NeverLooks),
    "front_late": Case(directed.save_while_the_page_is_finished, mutations.KeepsFrontLate),
    "no_epoch": Case(directed.database_goes_back, renews_epoch=False),
    "epochs mixed": Case(directed.database_goes_back_under_a_snapshot, mutations.MixesEpochs),
    "rows dropped": Case(directed.database_goes_back_between_head_and_rows, mutations.ProvesByHead),
    "load_split": Case(directed.save_during_the_load, mutations.SplitsLoad),
    "two_snap": Case(directed.content_of_a_second_snapshot, mutations.TwoSnapshots),
    "no_final": Case(directed.table_moves_while_the_store_is_asked, mutations.JudgesOnce),
    "judge_each": Case(directed.table_moves_between_two_blocks, mutations.JudgesEach),
    "no_rejudge": Case(directed.save_before_the_snapshot, mutations.KeepsJudgement),
    "late result unjudged": Case(directed.late_result, mutations.BelievesLate),
    "merge_nomax": Case(directed.late_rows, mutations.MergesWithoutMaximum),
    "load_back": Case(directed.late_load, mutations.LoadsBack),
    "no_own": Case(directed.own_save, mutations.DoesNotReadOwn),
    "no_strict": Case(directed.editor_looks, mutations.ForgetsStrict),
    "no_bound": Case(directed.follower_is_cut, mutations.TrustsForEver),
    "proof_after": Case(directed.answer_takes_long, mutations.ProvesAfter),
}


def violations(case: Case, kind: type[Process], *, renews_epoch: bool = True) -> list[str]:
    """What goes wrong when the schedule of a case is played by such processes."""
    stage = Stage(Choices(), kind, renews_epoch=renews_epoch)
    case.play(stage)
    assert stage.world.oracle.pages > 0
    return [str(violation) for violation in stage.world.oracle.violations]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_schedule_goes_wrong_exactly_without_its_rule(case: Case) -> None:
    assert violations(case, Process) == []
    assert violations(case, case.broken, renews_epoch=case.renews_epoch) != []


def test_replica_that_lags_is_refused_or_pages_are_stale() -> None:
    """`no_gate`: how far the replica lags is one of the choices that are explored."""
    found = explore(plays.replica, mutations.TakesAnyReplica, replicated=True, first_only=True)
    assert found.violations != []


def test_save_of_another_article_leaves_a_page_in_the_process() -> None:
    """The rules refuse no more than they must: nothing is rendered again."""
    stage = Stage(Choices())
    process, writer = stage.process(), stage.process()
    run(process.page(plays.PAGE))
    rendered: list[str] = []
    run(writer.save({2: 1}))
    stage.database.meanwhile["snapshot"] = lambda: rendered.append("snapshot")
    run(process.page(plays.PAGE))
    assert rendered == []
    run(writer.save({1: 1}))
    run(process.page(plays.PAGE))
    assert rendered == ["snapshot"]
    assert stage.world.oracle.violations == []
