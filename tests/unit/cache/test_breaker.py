"""The breaker: three failures open it, a probe closes it, and an open one costs nothing."""

from __future__ import annotations

import threading

import pytest

from portal.cache.breaker import WINDOW_SECONDS
from portal.cache.breaker import Breaker

NEVER = 3600.0


class Seconds:
    """A monotonic clock that stands still."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class OtherSide:
    """Something that works or does not."""

    def __init__(self) -> None:
        self.works = False
        self.asked = 0

    def __call__(self) -> None:
        self.asked += 1
        if not self.works:
            raise ConnectionError("still away")


def test_the_third_failure_opens_and_a_working_probe_closes():
    """Two are forgiven; a probe that fails leaves it open."""
    other = OtherSide()
    breaker = Breaker("reading", other, clock=Seconds(), interval=NEVER)
    breaker.failed("timeout")
    breaker.failed("timeout")
    assert breaker.is_closed
    breaker.failed("timeout")
    assert not breaker.is_closed
    assert not breaker.probe_once()
    assert not breaker.is_closed
    other.works = True
    assert breaker.probe_once()
    assert breaker.is_closed
    assert (breaker.opened, other.asked) == (1, 2)
    breaker.close()


def test_after_closing_it_takes_three_failures_again():
    """The old failures are forgotten with the success of the probe."""
    other = OtherSide()
    other.works = True
    breaker = Breaker("reading", other, clock=Seconds(), interval=NEVER)
    for _ in range(3):
        breaker.failed("timeout")
    breaker.probe_once()
    breaker.close()
    breaker.failed("timeout")
    breaker.failed("timeout")
    assert breaker.is_closed


def test_failures_far_apart_do_not_open_it():
    """One slow answer a minute is no reason to do without Redis."""
    clock = Seconds()
    breaker = Breaker("reading", OtherSide(), clock=clock, interval=NEVER)
    for _ in range(20):
        breaker.failed("timeout")
        clock.now += WINDOW_SECONDS / 2 + 0.1
    assert breaker.is_closed


def test_it_opens_once_however_many_calls_fail_together():
    """Calls that were under way when it opened report late."""
    breaker = Breaker("reading", OtherSide(), clock=Seconds(), interval=NEVER)
    for _ in range(50):
        breaker.failed("timeout")
    assert breaker.opened == 1
    breaker.close()


def test_a_thread_probes_until_the_other_side_works_and_then_ends():
    """The thread is made on opening only, and none is left afterwards."""
    asked_twice = threading.Event()
    works = threading.Event()

    def probe() -> None:
        if not works.is_set():
            if other.asked:
                asked_twice.set()
            other()

    other = OtherSide()
    before = threading.active_count()
    breaker = Breaker("reading", probe, interval=0.001)
    assert threading.active_count() == before
    for _ in range(3):
        breaker.failed("timeout")
    (thread,) = [one for one in threading.enumerate() if "reading probe" in one.name]
    assert thread.daemon
    assert asked_twice.wait(10)
    works.set()
    thread.join(10)
    assert breaker.is_closed
    assert threading.active_count() == before


def test_closing_ends_the_thread_of_an_open_breaker():
    """At the end of a process or a test nothing keeps probing."""
    breaker = Breaker("reading", OtherSide(), interval=NEVER)
    for _ in range(3):
        breaker.failed("timeout")
    breaker.close()
    assert not [one for one in threading.enumerate() if "reading probe" in one.name]


def test_a_child_process_begins_closed():
    """It has neither the thread nor the failures of its parent."""
    breaker = Breaker("reading", OtherSide(), interval=NEVER)
    for _ in range(3):
        breaker.failed("timeout")
    breaker.close()
    breaker.after_fork()
    assert breaker.is_closed


def test_opening_and_closing_are_logged_with_the_reason(caplog: pytest.LogCaptureFixture):
    """An operator reads what is wrong and what it means."""
    other = OtherSide()
    other.works = True
    breaker = Breaker("writing", other, clock=Seconds(), interval=NEVER)
    for _ in range(3):
        breaker.failed("out_of_memory")
    breaker.probe_once()
    breaker.close()
    opened, closed = (record.getMessage() for record in caplog.records)
    assert "no writing after 3 failures, the last one: out_of_memory" in opened
    assert "writing again after 0.0 s" in closed
