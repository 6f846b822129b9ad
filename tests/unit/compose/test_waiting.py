"""How long a page waits because of the shared tier: a clock counts, and every call takes its time.

The tier and its store are those of the portal; only time is the test's.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import redis

from portal.cache import Entry
from portal.cache import Flights
from portal.cache.leases import Leases
from portal.cache.redis_tier import BlockSimpleCache
from portal.cache.redis_tier import SharedTier
from portal.cache.redis_tier.connections import CALL_SECONDS
from portal.cache.redis_tier.tier import BEAT_SECONDS
from portal.cache.sealing import Sealer
from portal.compose.afterwards import Afterwards
from portal.compose.waiting import LEASE_MILLISECONDS
from portal.compose.waiting import LONGEST_CALL_SECONDS
from portal.compose.waiting import LONGEST_WAIT_SECONDS
from portal.compose.waiting import PATIENCE_SECONDS
from portal.compose.waiting import Queue
from portal.content.stamps import Stamp

NOW = 1_700_000_000.0
ENTRY = Entry(Stamp("e", 1), frozenset({"t"}), NOW, NOW + 600, NOW + 900, "d", b"<p>made</p>")
LATE = 0.9 * CALL_SECONDS


@dataclass
class Time:
    """Moves when somebody waits, and tells others when their moment has come."""

    now: float = 0.0
    planned: Callable[[float], None] = lambda now: None

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + 0.001)
            self.planned(self.now)


class Slow(BlockSimpleCache):
    """A store whose answers take `seconds`, or never come."""

    def __init__(self, time: Time) -> None:
        super().__init__(clock=time)
        self.time = time
        self.seconds = 0.0
        self.answers = True

    def _wait(self) -> None:
        self.time.wait(self.seconds if self.answers else CALL_SECONDS)
        if not self.answers:
            raise redis.TimeoutError

    def fetch(self, keys: Sequence[str]) -> list[bytes | None]:
        self._wait()
        return super().fetch(keys)

    def store(self, items: Mapping[str, tuple[bytes, int]]) -> None:
        self._wait()
        super().store(items)

    def claim(self, keys: Sequence[str], token: bytes, milliseconds: int) -> list[bool]:
        self._wait()
        return super().claim(keys, token, milliseconds)

    def release(self, keys: Sequence[str], token: bytes) -> None:
        self._wait()
        super().release(keys, token)


class Holder:
    """Another process that makes the same: it renews its leases until it is killed."""

    def __init__(self, store: Slow, time: Time) -> None:
        # Its own way to Redis is fast.
        self._fast = BlockSimpleCache(clock=time)
        self._fast._values = store._values
        self._leases = Leases(self._fast, time)
        self._tier = SharedTier(self._fast, Sealer("s" * 32), prefix="p:", clock=time)
        self._name = self._tier._lease_names("e", ["k"])[0]
        self._leases.claim([self._name], LEASE_MILLISECONDS)
        self._beats_at = time() + BEAT_SECONDS
        self.dies_at = self.ends_at = float("inf")
        self.does: Callable[[], None] = lambda: None

    def __call__(self, now: float) -> None:
        if now < self.dies_at and now >= self.ends_at:
            self._tier.set_many("e", {"k": (ENTRY,)}, NOW)
            self._leases.release([self._name])
            self.dies_at = now
        elif now < self.dies_at and now >= self._beats_at:
            self._leases.renew()
            self._beats_at = now + BEAT_SECONDS
        self.does()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def store(time: Time) -> Slow:
    return Slow(time)


def read(store: Slow, time: Time) -> Mapping[str, Any]:
    """A page that misses one entry: what it got in the end, if it need not render."""
    shared = SharedTier(store, Sealer("s" * 32), prefix="p:", clock=time)
    shared._heart._interval = 3600  # this page's own beat would tell the time by another clock
    queue = Queue(shared, Afterwards(), time, time.wait)
    with Flights().take_off(["k"]) as flight:
        asked = time()
        found = shared.get_many("e", ["k"])
        if found:
            return found
        with queue.stand_in_line("e", flight, ["k"], time() - asked) as turn:
            for packs in turn.arrivals():
                if packs:
                    found.update(packs)
                    break
    shared.close()
    return found


def test_the_limits_are_those_of_calls():
    assert LONGEST_CALL_SECONDS >= CALL_SECONDS
    assert BEAT_SECONDS < LEASE_MILLISECONDS / 1000 / 3


@pytest.mark.parametrize("seconds", [0.0, 0.02, LATE])
def test_a_planted_lease_is_waited_for_no_moment(time: Time, store: Slow, seconds: float):
    """It lives longer than any lease, so nobody is behind it."""
    tier = SharedTier(store, Sealer("s" * 32), prefix="p:", clock=time)
    store.store({tier._lease_names("e", ["k"])[0]: (b"planted", 3_600_000)})
    store.seconds, before = seconds, time()
    assert not read(store, time)
    assert time() - before <= 3 * seconds + 0.002


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.02, 0.03, 0.04, LATE])
@pytest.mark.parametrize("died", [0.001, 0.03, 0.07, 0.12])
def test_a_lease_whose_holder_was_killed_before_costs_at_most_the_patience(
    time: Time, store: Slow, seconds: float, died: float
):
    holder = Holder(store, time)
    time.planned = holder
    holder.dies_at = died
    time.wait(died)
    store.seconds, before = seconds, time()
    assert not read(store, time)
    assert time() - before <= PATIENCE_SECONDS


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.02, 0.03, 0.04, LATE])
@pytest.mark.parametrize("died", [0.02, 0.1, 0.3, 0.7])
def test_after_a_holder_was_killed_nobody_waits_longer_than_the_patience(
    time: Time, store: Slow, seconds: float, died: float
):
    holder = Holder(store, time)
    time.planned = holder
    store.seconds = seconds
    holder.dies_at = died
    assert not read(store, time)
    assert time() - died <= PATIENCE_SECONDS


@pytest.mark.parametrize("seconds", [0.0, 0.005, 0.01])
@pytest.mark.parametrize("ends", [0.05, 0.3, 1.0])
def test_a_process_that_lives_and_renders_is_waited_for(
    time: Time, store: Slow, seconds: float, ends: float
):
    """However long its rendering takes, within the page's budget; what it made arrives."""
    holder = Holder(store, time)
    time.planned = holder
    store.seconds = seconds
    holder.ends_at = ends
    assert read(store, time)["k"] == (ENTRY,)
    assert ends <= time() <= ends + 0.1


@pytest.mark.parametrize("ends", [0.3, LONGEST_WAIT_SECONDS])
def test_who_renders_instead_of_one_that_was_killed_is_waited_for_as_long(
    time: Time, store: Slow, ends: float
):
    """However late the lease of the one that was killed ran out."""
    dead = Holder(store, time)
    time.planned = dead
    dead.dies_at = 0.0
    lapses = time() + LEASE_MILLISECONDS / 1000
    another: list[Holder] = []

    def take_over(now: float) -> None:
        dead(now)
        if now >= lapses and not another:
            another.append(Holder(store, time))
            another[0].ends_at = now + ends - 0.05
        for holder in another:
            holder(now)

    time.planned = take_over
    assert read(store, time)["k"] == (ENTRY,)


def test_nobody_waits_for_ever_for_a_process_that_lives(time: Time, store: Slow):
    holder = Holder(store, time)
    time.planned = holder
    assert not read(store, time)
    assert LONGEST_WAIT_SECONDS <= time() <= LONGEST_WAIT_SECONDS + PATIENCE_SECONDS


@pytest.mark.parametrize("call", range(8))
def test_a_store_that_hangs_from_any_call_on_ends_the_waiting(time: Time, store: Slow, call: int):
    """Although a process lives and renders: nobody could tell any more when it is done."""
    time.planned = Holder(store, time)
    before, calls = LATE / 10, 0
    store.seconds = before

    def hang_later() -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            store.answers = False

    wait = store._wait
    store._wait = lambda: (hang_later(), wait())[1]  # type: ignore[method-assign]
    assert not read(store, time)
    if call:
        # All before was waiting for who rendered.
        waited_well = (call - 1) * (before + 0.015)
        assert time() - waited_well <= PATIENCE_SECONDS


def test_who_grants_calls_more_time_grants_waiting_more_as_well():
    """A lease lives as long as two calls take, and four of them fit into a page's patience."""
    far = BlockSimpleCache()
    far.call_seconds = 0.56
    tier = SharedTier(far, Sealer("s" * 32), prefix="far:")
    queue = Queue(tier, Afterwards())
    assert queue.longest_call == pytest.approx(0.56)
    assert queue.lease_milliseconds == LEASE_MILLISECONDS + 1000
    assert queue.patience == pytest.approx(PATIENCE_SECONDS + 2.0)
