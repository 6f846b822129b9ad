"""What is told to begin anew in a forked process, and when."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from portal.cache import Flights
from portal.cache import NothingShared
from portal.compose.afterwards import Afterwards
from portal.compose.waiting import MOST_IMPATIENT
from portal.compose.waiting import Queue
from portal.compose.worker import Overseer
from portal.compose.worker import Overtime
from portal.compose.worker import RenderWorker
from portal.compose.worker import Snapshot
from portal.content.stamps import LogRows
from portal.content.stamps import Stamp
from portal.forking import begin_anew_after_fork

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*multi-threaded, use of fork:DeprecationWarning"  # here the children only look
)


class Holder:
    def __init__(self) -> None:
        self.tellings = 0
        begin_anew_after_fork(self)

    def after_fork(self) -> None:
        self.tellings += 1


def in_child(look: Callable[[], int]) -> int:
    """What `look` says in a forked process: a number of at most one byte."""
    child = os.fork()
    if child == 0:
        code = 255
        try:
            code = look()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_child_is_told_and_its_parent_is_not():
    holder = Holder()
    assert in_child(lambda: holder.tellings) == 1
    assert holder.tellings == 0


def test_a_child_of_a_child_is_told_again():
    holder = Holder()
    assert in_child(lambda: in_child(lambda: holder.tellings)) == 2


def test_what_nobody_holds_any_more_is_not_told():
    told: list[Holder] = []

    class Telling(Holder):
        def after_fork(self) -> None:
            told.append(self)

    kept, left = Telling(), Telling()
    del left
    assert in_child(lambda: 10 * len(told) + (told == [kept])) == 11


def test_a_child_does_its_own_work_after_a_response_and_none_of_its_parents():
    afterwards, begun, go_on, done = Afterwards(), threading.Event(), threading.Event(), []
    afterwards.add(lambda: (begun.set(), go_on.wait()))
    afterwards.add(lambda: done.append("parent's"))
    begun.wait()

    def work() -> int:
        afterwards.add(lambda: done.append("child's"))
        return 1 if afterwards.settle() and done == ["child's"] else 2

    assert in_child(work) == 1
    go_on.set()
    assert afterwards.settle()
    assert done == ["parent's"]


def test_a_child_makes_itself_what_its_parent_is_making():
    flights = Flights()

    def leads() -> bool:
        with flights.take_off(["made", "free"]) as flight:
            return flight.led == {"made", "free"} and not flight.joined

    with flights.take_off(["made"]):
        assert in_child(leads) == 1
        assert not leads()


def test_a_child_has_all_the_places_of_those_who_wait_no_longer():
    queue = Queue(NothingShared(), Afterwards())

    def free() -> int:
        return sum(queue.impatient.acquire(blocking=False) for _ in range(MOST_IMPATIENT + 1))

    assert free() == MOST_IMPATIENT
    assert in_child(free) == MOST_IMPATIENT


@contextmanager
def open_nothing() -> Iterator[Snapshot]:
    """A snapshot of no database; these tests read nothing."""
    yield Snapshot(None, Stamp("epoch", 1), LogRows("epoch", 0, 1))


def test_a_child_does_not_wait_for_a_block_that_hangs_in_its_parent():
    overseer, release = Overseer(lambda: datetime.now(UTC)), threading.Event()

    def run(function: Callable[[Snapshot], object], seconds: float) -> object:
        with RenderWorker(open_nothing, timedelta(seconds=10)) as worker:
            return overseer.run(worker, "block", function, timedelta(seconds=seconds))

    with pytest.raises(Overtime):
        run(lambda snapshot: release.wait(), 0.02)
    assert in_child(lambda: 1 if run(lambda snapshot: "well", 10) == "well" else 2) == 1
    with pytest.raises(Overtime, match="has not come back yet"):
        run(lambda snapshot: "well", 10)
    release.set()
