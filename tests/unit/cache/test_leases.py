"""Leases of one process: renewed while it lives and works, never longer, never another's."""

from __future__ import annotations

import threading

import pytest

from portal.cache.heartbeat import Heartbeat
from portal.cache.leases import LONGEST_HOLD_SECONDS
from portal.cache.leases import Leases
from portal.cache.redis_tier import BlockSimpleCache


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def store(time: Time) -> BlockSimpleCache:
    return BlockSimpleCache(clock=time)


def test_a_renewed_lease_outlives_its_time(store: BlockSimpleCache, time: Time):
    one, two = Leases(store, time), Leases(store, time)
    assert one.claim(["k"], 100) == [True]
    for _ in range(5):
        time.now += 0.09
        one.renew()
        assert two.claim(["k"], 100) == [False]
    time.now += 0.11
    assert two.claim(["k"], 100) == [True]


def test_who_was_stopped_for_too_long_renews_and_releases_nothing_of_anothers(
    store: BlockSimpleCache, time: Time
):
    one, two = Leases(store, time), Leases(store, time)
    one.claim(["k"], 100)
    time.now += 0.2
    two.claim(["k"], 100)
    one.renew()
    one.release(["k"])
    assert not one.are_held
    assert store.fetch(["k"]) != [None]
    time.now += 0.11
    assert store.fetch(["k"]) == [None]


def test_an_abandoned_lease_runs_out(store: BlockSimpleCache, time: Time):
    """What was claimed with it and is still being made lives on."""
    leases = Leases(store, time)
    leases.claim(["unmade", "made"], 100)
    leases.abandon(["unmade", "never claimed"])
    time.now += 0.06
    leases.renew()
    time.now += 0.06
    assert [value is None for value in store.fetch(["unmade", "made"])] == [True, False]


def test_no_lease_is_renewed_for_ever(store: BlockSimpleCache, time: Time):
    """Of a thread that never came back nothing is left in the end."""
    leases = Leases(store, time)
    leases.claim(["k"], 1000)
    while time.now < LONGEST_HOLD_SECONDS + 1:
        time.now += 0.5
        leases.renew()
    assert store.fetch(["k"]) == [None]
    assert not leases.are_held


def test_the_heart_beats_while_it_is_needed_and_again_when_it_is_started():
    beats, wanted = threading.Semaphore(0), [3]
    ended = threading.Event()

    def beat() -> None:
        wanted[0] -= 1
        beats.release()

    def is_needed() -> bool:
        if wanted[0] <= 0:
            ended.set()
        return wanted[0] > 0

    heart = Heartbeat("test", beat, is_needed, 0.001)
    for _ in range(2):
        ended.clear()
        wanted[0] = 3
        heart.start()
        heart.start()
        for _ in range(3):
            assert beats.acquire(timeout=10)
        assert ended.wait(10)
    assert not beats.acquire(blocking=False)
    heart.close()
