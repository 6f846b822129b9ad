"""Single flight across processes: leases in the shared tier, and waiting for whoever holds them.

Losing a lease costs a second rendering, never a wrong page: what arrives is judged like anything
else, and who has waited long enough renders without a lease.

A reader may wait for a process that renders, but never longer than `PATIENCE_SECONDS` because of
the shared tier: for its answers, and for leases behind which nobody is any more. A lease lives for
`LEASE_MILLISECONDS` and is renewed by who lives, so a claim that is refused proves that somebody
was there `LEASE_MILLISECONDS` ago; all the time after the last such proof may have been in vain.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from portal.cache import Entry
from portal.cache import Flight
from portal.cache import Shared
from portal.compose.afterwards import Afterwards
from portal.forking import begin_anew_after_fork

PATIENCE_SECONDS = 0.25
"""Longest delay of a page because of the shared tier, whose calls take `LONGEST_CALL_SECONDS` at
most; an operator who grants them more grants as much more for each call that fits into it."""
LONGEST_CALL_SECONDS = 0.06
LEASE_MILLISECONDS = 120
LONGEST_WAIT_SECONDS = 1.5
"""Longest wait for a process that lives and renders. The time for which the lease of one that was
killed lives on is not taken from it: whoever renders instead has all of it."""
_PAUSE = 0.015
# How many pages of a process may render at once although another process holds the lease.
MOST_IMPATIENT = 2

Packs = Mapping[str, tuple[Entry, ...]]


def _pause(seconds: float) -> None:
    # time.sleep asks for a moment of the clock, which is refused where that clock is a shifted one.
    threading.Event().wait(seconds)


@dataclass(slots=True)
class Turn:
    """The keys that this page may make now, and those that other processes are making.

    `flight` is the page's turn within its process; `behind` are keys whose entries are about to be
    stored, after the reader has their page. `proved` is the moment until which waiting for the
    shared tier was not in vain; at first the page's first question to it.
    """

    queue: Queue
    flight: Flight
    epoch: str
    proved: float
    won: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    behind: set[str] = field(default_factory=set)
    _in_time: bool = field(default=True)
    _impatient: bool = field(default=False)

    def claim(self) -> None:
        """Ask for the lost keys."""
        asked = self.queue.clock()
        gained = self.queue.shared.claim(self.epoch, self.lost, self.queue.lease_milliseconds)
        self.won |= gained
        self.lost -= gained
        if self.lost:
            self.proved = max(self.proved, asked - self.queue.lease_milliseconds / 1000)
        self._in_time = self._may_ask

    def arrivals(self) -> Iterator[Packs]:
        """What arrives of the lost keys, until they are all ours, or patience is over."""
        ends = self.queue.clock() + self.queue.lease_milliseconds / 1000 + LONGEST_WAIT_SECONDS
        while self.lost and self._in_time and self.queue.clock() < ends:
            self.queue.sleep(_PAUSE)
            wanted = sorted(self.lost)
            # First the leases: who gave one back has stored before what was made under it.
            self.claim()
            if self._in_time:
                packs = self.queue.shared.get_many(self.epoch, wanted)
                self._in_time = self._may_ask
                yield packs
        if self.lost:
            self._impatient = self.queue.impatient.acquire(timeout=LONGEST_WAIT_SECONDS)

    @property
    def _may_ask(self) -> bool:
        """Whether one more call, however late its answer, leaves the page in time."""
        return self.queue.clock() - self.proved < self.queue.patience - self.queue.longest_call

    def __enter__(self) -> Turn:
        return self

    def __exit__(self, *_: object) -> None:
        if self._impatient:
            self.queue.impatient.release()
        self.queue.give_back_behind(self.epoch, frozenset(self.won & self.behind))
        self.queue.give_back(self.epoch, frozenset(self.won - self.behind), now=self._in_time)


class Queue:
    """Where the pages of a process stand in line with those of other processes."""

    def __init__(
        self,
        shared: Shared,
        storing: Afterwards,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = _pause,
    ) -> None:
        granted = max(0.0, shared.call_seconds - LONGEST_CALL_SECONDS)
        self.longest_call = LONGEST_CALL_SECONDS + granted
        # Who renders renews a lease by a call, which may come as late as any.
        self.lease_milliseconds = LEASE_MILLISECONDS + round(2000 * granted)
        self.patience = PATIENCE_SECONDS + 4 * granted
        self.shared = shared
        self.clock = clock
        self.sleep = sleep
        self._storing = storing
        self.after_fork()
        begin_anew_after_fork(self)

    def after_fork(self) -> None:
        """Count the pages of this process alone."""
        self.impatient = threading.BoundedSemaphore(MOST_IMPATIENT)

    def stand_in_line(
        self, epoch: str, flight: Flight, wanted: Collection[str], spent: float = 0.0
    ) -> Turn:
        """Claim what of `wanted` this page leads within its process; a context manager.

        `spent` are the seconds that the page has waited for the shared tier before.
        """
        keys = set(flight.led) & set(wanted)
        turn = Turn(self, flight, epoch, self.clock() - spent, lost=keys)
        if keys:
            turn.claim()
        return turn

    def give_back(self, epoch: str, keys: frozenset[str], *, now: bool) -> None:
        """Release claimed keys `now`, or let them become free by themselves in a moment."""
        if keys and now:
            self.shared.release(epoch, keys)
        elif keys:
            self.shared.abandon(epoch, keys)

    def give_back_behind(self, epoch: str, keys: frozenset[str]) -> None:
        """Release claimed keys after what was made of them is stored, which is done behind too.

        Released earlier, the next process would find neither a lease nor an entry, and render.
        """
        if keys and not self._storing.add(lambda: self.give_back(epoch, keys, now=True)):
            self.give_back(epoch, keys, now=False)
