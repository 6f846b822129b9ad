"""Making entries anew behind the readers' backs: before their time, or shown once more after it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from datetime import timedelta

from portal.block import NoSuchPage
from portal.cache import Flights
from portal.compose.attempt import Attempt
from portal.compose.attempt import RequiredBlockFailed
from portal.compose.attempt import Restart
from portal.compose.exchange import Exchange
from portal.compose.making import Made
from portal.compose.making import Making
from portal.compose.page import Page
from portal.compose.page import PageRequest
from portal.compose.passes import Composition
from portal.compose.passes import Passes
from portal.compose.waiting import Queue
from portal.compose.waiting import Turn
from portal.compose.worker import OpenSnapshot
from portal.compose.worker import RenderWorker
from portal.errors import ContentUnavailable

SNAPSHOT_PATIENCE = timedelta(seconds=5)
"""Longest wait for a snapshot to open before the page does without."""


def start_worker(parts: Composition, opener: OpenSnapshot) -> RenderWorker:
    """A worker on a snapshot. Raises `ContentUnavailable` when none can be opened."""
    try:
        return RenderWorker(opener, SNAPSHOT_PATIENCE, parts.table.ensure)
    except Exception as problem:
        raise ContentUnavailable("no snapshot of the content can be opened") from problem


class Renewals:
    """The renewing of one process, each entry by one turn at a time. Safe to share between threads.

    `keep` remembers a page that was made anew.
    """

    def __init__(
        self,
        parts: Composition,
        passes: Passes,
        exchange: Exchange,
        flights: Flights,
        queue: Queue,
        keep: Callable[[PageRequest, Page, Attempt], object],
    ) -> None:
        self._parts = parts
        self._passes = passes
        self._exchange = exchange
        self._flights = flights
        self._queue = queue
        self._keep = keep
        self._failed: set[str] = set()

    def add_early(self, request: PageRequest) -> None:
        """Have a page's oldest entries made anew before their time."""
        self._parts.afterwards.add(lambda: self._renew_early(request))

    def add_aged(self, request: PageRequest, keys: frozenset[str]) -> None:
        """Have entries made anew that only grew old and were shown once more."""
        self._parts.afterwards.add(lambda: self._renew_aged(request, keys))

    def may_wait(self, keys: Collection[str]) -> frozenset[str]:
        """Those that may be shown for being renewed: what cannot be renewed may not."""
        held = self._parts.memory.pack
        return frozenset(key for key in keys if key not in self._failed and held(key))

    def note(self, made: Collection[str]) -> None:
        """These were made, so they can be renewed as well."""
        self._failed.difference_update(made)

    def _renew_early(self, request: PageRequest) -> None:
        attempt = self._passes.attempt(self._parts.table.current())
        page = self._passes.run(request, attempt)
        if page is None:
            # It came as a whole; only its parts can be renewed.
            page, attempt = self._exchange.fetch(request, attempt, as_whole=False)
        if page is not None and attempt.due:
            self._renew(request, frozenset(attempt.due))

    def _renew_aged(self, request: PageRequest, keys: frozenset[str]) -> None:
        """Unless an earlier reader's turn has done so by now."""
        attempt = self._passes.attempt(self._parts.table.current())
        self._passes.run(request, attempt)
        if not keys.isdisjoint(attempt.missing):
            self._renew(request, keys & attempt.missing)

    def _renew(self, request: PageRequest, keys: frozenset[str]) -> None:
        """Make these entries anew unless somebody does so already."""
        with self._flights.take_off(keys) as flight:
            if not flight.led:
                return
            attempt = self._passes.attempt(self._parts.table.current(), again=flight.led)
            with self._queue.stand_in_line(attempt.view.epoch, flight, flight.led) as turn:
                if turn.lost:
                    return
                self._render_again(request, attempt, turn)

    def _render_again(self, request: PageRequest, attempt: Attempt, turn: Turn) -> None:
        led, parts, made = turn.flight.led, self._parts, Made()
        opener = parts.snapshots(request.locale, attempt.now, attempt.view)
        with start_worker(parts, opener) as worker:
            view = parts.table.merge(worker.snapshot.rows)
            again = self._passes.attempt(
                view,
                position=worker.snapshot.stamp.position,
                making=Making(worker, made),
                again=led,
            )
            try:
                page = self._passes.run(request, again)
            except (Restart, RequiredBlockFailed, NoSuchPage):
                page = None
        # What cannot be renewed is not shown for being renewed: its placement says what then.
        self._failed |= led - made.keys
        self.note(made.keys)
        turn.behind |= self._exchange.share(request, again, page, made.shared)
        if page is not None:
            self._keep(request, page, again)
