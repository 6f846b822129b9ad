"""Single flight: while one thread of this process makes an entry, the others wait for it.

What they get is judged like anything else, so a flight that began before a change can never show
them the old content; the worst that can happen is a second rendering. A page takes off once and
joins only what took off before it, so waiting never goes round in a circle.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from time import monotonic

from portal.forking import begin_anew_after_fork


class Flight:
    """What this page is to make, and what it waits for because others are making it.

    `led` are its keys, `joined` those of earlier flights.
    """

    __slots__ = ("_changed", "_flights", "_up", "joined", "led")

    def __init__(self, flights: Flights) -> None:
        self.led: frozenset[str] = frozenset()
        self.joined: tuple[tuple[Flight, str], ...] = ()
        self._flights = flights
        self._up: set[str] = set()
        self._changed = threading.Condition()

    def wait(self, seconds: float) -> None:
        """Wait until the others have made theirs, or not longer than `seconds`."""
        end = monotonic() + seconds
        for flight, key in self.joined:
            flight.wait_for(key, end - monotonic())

    def wait_for(self, key: str, seconds: float) -> None:
        """Wait until this flight has landed `key`, or not longer than `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: key not in self._up, max(0.0, seconds))

    def land(self, key: str) -> None:
        """Wake those who wait for `key`: it is made, or never will be."""
        if key in self._up:
            self._land((key,))

    def _land(self, keys: Iterable[str]) -> None:
        self._flights.clear(keys)
        with self._changed:
            self._up.difference_update(keys)
            self._changed.notify_all()

    def __enter__(self) -> Flight:
        return self

    def __exit__(self, *_: object) -> None:
        if self._up:
            self._land(tuple(self._up))


class Flights:
    """What is being made in this process. Safe to share between threads."""

    def __init__(self) -> None:
        self.after_fork()
        begin_anew_after_fork(self)

    def after_fork(self) -> None:
        """Wait for nothing that another process makes: here nobody would ever land it."""
        self._up: dict[str, Flight] = {}
        self._lock = threading.Lock()

    def take_off(self, keys: Iterable[str]) -> Flight:
        """Lead the keys that nobody makes and join the others; use it as a context manager."""
        flight = Flight(self)
        wanted = frozenset(keys)
        with self._lock:
            up = self._up
            joined = wanted & up.keys()
            flight.joined = tuple((up[key], key) for key in joined)
            flight.led = wanted - joined
            flight._up = set(flight.led)
            up.update(dict.fromkeys(flight.led, flight))
        return flight

    def clear(self, keys: Iterable[str]) -> None:
        """Take keys off the board; only the flight that leads them asks for that."""
        with self._lock:
            for key in keys:
                del self._up[key]

    def __len__(self) -> int:
        return len(self._up)
