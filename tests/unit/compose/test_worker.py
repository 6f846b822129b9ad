"""Block code beside the page's thread: outcomes come back, what hangs is left behind once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from portal.compose.worker import MOST_FAILING
from portal.compose.worker import MOST_FAILURES
from portal.compose.worker import Overseer
from portal.compose.worker import Overtime
from portal.compose.worker import RenderWorker
from portal.compose.worker import Resting
from portal.compose.worker import Snapshot
from portal.content.stamps import LogRows
from portal.content.stamps import Stamp
from portal.errors import BlockError
from tests.clocks import StandingClock

PATIENT = timedelta(seconds=10)
IMPATIENT = timedelta(milliseconds=20)


@contextmanager
def open_nothing() -> Iterator[Snapshot]:
    """A snapshot of no database; these tests read nothing."""
    yield Snapshot(None, Stamp("epoch", 1), LogRows("epoch", 0, 1))


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """What hanging calls wait for; set at the end of every test."""
    event = threading.Event()
    yield event
    event.set()


def now() -> datetime:
    return datetime(2026, 11, 23, 2, 30, tzinfo=UTC)


def test_a_call_runs_on_the_snapshot_of_its_worker():
    with RenderWorker(open_nothing, PATIENT) as worker:
        assert Overseer(now).run(worker, "a", lambda snapshot: snapshot.stamp, PATIENT) == Stamp(
            "epoch", 1
        )


def test_what_a_call_raises_is_raised_where_it_was_asked_for():
    with RenderWorker(open_nothing, PATIENT) as worker, pytest.raises(ZeroDivisionError):
        Overseer(now).run(worker, "a", lambda snapshot: 1 / 0, PATIENT)


def test_its_own_timeout_error_is_not_taken_for_overtime():
    def wait_for_a_server(snapshot: Snapshot) -> None:
        raise TimeoutError("the server does not answer")

    with RenderWorker(open_nothing, PATIENT) as worker:
        with pytest.raises(TimeoutError, match="the server does not answer") as raised:
            Overseer(now).run(worker, "a", wait_for_a_server, PATIENT)
    assert not isinstance(raised.value, Overtime)


def test_a_call_that_wants_to_end_the_process_only_fails():
    def leave(snapshot: Snapshot) -> None:
        raise SystemExit(1)

    with RenderWorker(open_nothing, PATIENT) as worker:
        with pytest.raises(BlockError, match="SystemExit"):
            Overseer(now).run(worker, "a", leave, PATIENT)
        assert Overseer(now).run(worker, "a", lambda snapshot: 1, PATIENT) == 1


def test_while_a_call_hangs_the_next_of_its_name_fails_at_once(release: threading.Event):
    overseer, begun = Overseer(now), []

    def hang(snapshot: Snapshot) -> None:
        begun.append(1)
        release.wait()

    with RenderWorker(open_nothing, PATIENT) as worker:
        with pytest.raises(Overtime, match="no answer within 0.020 s"):
            overseer.run(worker, "a", hang, IMPATIENT)
    with RenderWorker(open_nothing, PATIENT) as other:
        with pytest.raises(Overtime, match="has not come back yet"):
            overseer.run(other, "a", hang, PATIENT)
        assert overseer.run(other, "b", lambda snapshot: 2, PATIENT) == 2
    assert begun == [1]


def test_a_snapshot_that_opens_too_late_is_given_back(release: threading.Event):
    given_back = threading.Event()

    @contextmanager
    def open_late() -> Iterator[Snapshot]:
        release.wait()
        yield Snapshot(None, Stamp("epoch", 1), LogRows("epoch", 0, 1))
        given_back.set()

    with pytest.raises(TimeoutError):
        RenderWorker(open_late, IMPATIENT)
    release.set()
    assert given_back.wait(10)


def test_a_database_that_cannot_be_opened_is_an_error_of_the_page():
    @contextmanager
    def open_none() -> Iterator[Snapshot]:
        raise ConnectionError("no such server")
        yield

    with pytest.raises(ConnectionError, match="no such server"):
        RenderWorker(open_none, PATIENT)


def test_who_is_asked_all_the_time_rests_no_longer_than_who_is_left_in_peace():
    """A refusal is no failure: an address that readers never leave alone would stay refused."""
    clock = StandingClock(now())
    overseer, begun = Overseer(clock), []

    def fail(snapshot: Snapshot) -> None:
        begun.append(clock())
        raise ZeroDivisionError

    with RenderWorker(open_nothing, PATIENT) as worker:
        for _ in range(5):
            with pytest.raises(ZeroDivisionError):
                overseer.run(worker, "a", fail, PATIENT)
        for _ in range(4):
            clock.advance(seconds=1)
            with pytest.raises(Resting):
                overseer.run(worker, "a", fail, PATIENT)
        clock.advance(seconds=1)
        assert overseer.run(worker, "a", lambda snapshot: "well", PATIENT) == "well"
    assert len(begun) == 5


def test_of_endless_names_that_fail_only_the_latest_are_kept_in_mind():
    """One that fails again and again is left alone, however many others fail meanwhile."""
    clock = StandingClock(now())
    overseer = Overseer(clock)

    def fail(snapshot: Snapshot) -> None:
        raise ZeroDivisionError

    with RenderWorker(open_nothing, PATIENT) as worker:
        for turn in range(MOST_FAILURES):
            clock.advance(seconds=1)
            for number in range(MOST_FAILING // 2 - 1):
                with pytest.raises(ZeroDivisionError):
                    overseer.run(worker, f"{turn} {number}", fail, PATIENT)
            with pytest.raises(ZeroDivisionError):
                overseer.run(worker, "often", fail, PATIENT)
    assert overseer.rests("often")
    assert len(overseer._failures) == MOST_FAILING
