"""Composes a page: plan and subject become, placement by placement, fragments.

The way of a page, in the order in which it gets dearer: remembered as a whole · put together from
this process's entries · from the shared tier, whole or in parts, read at once · with what only
grew old shown once more and renewed behind · after waiting for whoever makes the same · rendered
on a snapshot. Whatever the way, `portal.cache.usable` decides what may be shown. In trouble: what
was true not too long ago · the copy of the site kept for essential mode · the 503 page.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from dataclasses import replace

from portal.block import Failure
from portal.block import NoSuchPage
from portal.cache import Flights
from portal.cache import View
from portal.cache import document_key
from portal.cache import key_tag
from portal.compose.attempt import Attempt
from portal.compose.attempt import RequiredBlockFailed
from portal.compose.attempt import Restart
from portal.compose.documents import name_text
from portal.compose.exchange import Exchange
from portal.compose.explaining import Explainer
from portal.compose.explaining import PageReport
from portal.compose.making import Asked
from portal.compose.making import Made
from portal.compose.making import Making
from portal.compose.page import Page
from portal.compose.page import PageRequest
from portal.compose.passes import Composition
from portal.compose.passes import Passes
from portal.compose.remembered import Remembered
from portal.compose.remembered import as_kept
from portal.compose.remembered import is_kept
from portal.compose.remembered import weigh
from portal.compose.renewing import SNAPSHOT_PATIENCE
from portal.compose.renewing import Renewals
from portal.compose.renewing import start_worker
from portal.compose.waiting import Packs
from portal.compose.waiting import Queue
from portal.compose.waiting import Turn
from portal.compose.worker import RenderWorker
from portal.errors import ContentUnavailable

log = logging.getLogger(__name__)

MOST_EPOCHS_PER_PAGE = 3


class PageUnavailable(Exception):
    """Not even the error page could be made; the web room answers with fixed bytes."""


class Composer:
    """Turns page requests into pages. Safe to share between threads."""

    def __init__(self, composition: Composition) -> None:
        self._composition = composition
        self._observer = composition.fragments.observer
        self._passes = Passes(composition)
        self._explainer = Explainer(composition, self._passes)
        self._flights = Flights()
        self._queue = Queue(composition.shared, composition.storing)
        self._exchange = Exchange(composition, self._passes)
        self._renewals = Renewals(
            composition, self._passes, self._exchange, self._flights, self._queue, self._keep
        )

    # --- pages --------------------------------------------------------------------------------

    def recall(self, request: PageRequest) -> Remembered | None:
        """The finished page if it may be given out as it is; the way of every warm page."""
        parts = self._composition
        try:
            parts.greet()
            view = parts.table.current()
        except ContentUnavailable:
            return None
        now = parts.clock().timestamp()
        known = parts.pages.find(request, view, now)
        if known is not None:
            self._observer.gave("remembered")
            if now >= known.early:
                known.early = math.inf
                self._renewals.add_early(request)
        return known

    def receive(self, request: PageRequest) -> tuple[Remembered | None, Asked]:
        """The finished page if nothing of it has to be made: of parts that this process holds, or
        from the shared tier. `compose` takes what was asked of that tier in vain.
        """
        asked = Asked()
        try:
            self._composition.greet()
            view = self._composition.table.current()
            known = self._exchange.receive(request, view, asked)
            if known is not None:
                return self._take(known), asked
            attempt = self._passes.attempt(view, asked=asked)
            page = self._passes.run(request, attempt)
            if page is None:
                page, attempt = self._exchange.fetch(request, attempt)
        except (ContentUnavailable, NoSuchPage, RequiredBlockFailed):
            return None, asked
        except Exception:
            # Whoever makes the page tells its reader.
            log.exception("page %s cannot be put together", request.path)
            return None, asked
        if page is None or not is_kept(page):
            return None, asked
        return self.remembered(request, self._give(request, page, attempt)), asked

    def remembered(self, request: PageRequest, page: Page) -> Remembered | None:
        """What is remembered of a page that was just composed, for the forms it is sent in."""
        known = self._composition.pages.peek(request)
        return known if known is not None and known.page.etag == page.etag else None

    def compose(self, request: PageRequest, asked: Asked | None = None) -> Page:
        """The page for `request`, whatever fails: at worst a 503 page made without the database.

        `asked` is what `receive` asked for this page. Raises `PageUnavailable` only when even that
        page cannot be made.
        """
        try:
            return self._compose(request, asked)
        except NoSuchPage:
            return self.compose_failure(request, Failure(404))
        except RequiredBlockFailed as failed:
            log.error("page %s: required block %s failed", request.path, failed.key)
        except ContentUnavailable as problem:
            log.error("page %s cannot be made: %s", request.path, problem)
        except Exception:
            log.exception("page %s cannot be made", request.path)
        return self._composition.essential(request) or self.compose_failure(request, Failure(503))

    def compose_failure(self, request: PageRequest, failure: Failure) -> Page:
        """The error page for `failure`; for 404 and 410 the 503 page if that one fails too."""
        try:
            return self._compose(replace(request, failure=failure, fragment=""))
        except Exception as problem:
            if failure.status == 503:
                raise PageUnavailable from problem
            log.exception("page %s: error page %s failed", request.path, failure.status)
            return self.compose_failure(request, Failure(503))

    def forget(self) -> None:
        """Drop everything that this process holds."""
        parts = self._composition
        for store in (parts.memory, parts.absent, parts.pages, parts.assembler.heads):
            store.clear()

    def explain(self, request: PageRequest) -> PageReport:
        """Why every block of a page is shown as it is; see `portal.compose.explaining`."""
        return self._explainer.page(request)

    def purge_tags(self, request: PageRequest) -> tuple[str, ...]:
        """The tags that end every entry of a page, in each of its forms."""
        forms = [replace(request, printing=printing) for printing in (False, True)]
        keys = [key for form in forms for key in self._explainer.keys(form)]
        plans, site = self._composition.plans, self._composition.folder.site.key
        name = name_text(request.path)
        keys.append(document_key(site, plans.page_digest, request.locale, name))
        return tuple(map(key_tag, dict.fromkeys(keys)))

    def statistics(self) -> dict[str, int]:
        """What this process holds, and what it had of the shared tier."""
        parts = self._composition
        return {
            "entries": len(parts.memory),
            "entry_bytes": parts.memory.bytes,
            "pages": len(parts.pages),
            "page_bytes": parts.pages.bytes,
            "absent": len(parts.absent),
            "log_position": parts.table.view.position,
            "log_tags": len(parts.table.view.last),
            **{f"shared_{name}": count for name, count in parts.shared.statistics().items()},
        }

    def settle(self) -> bool:
        """Wait until nothing is being renewed or stored behind the readers' backs."""
        # What is renewed is stored after it.
        return self._composition.afterwards.settle() and self._composition.storing.settle()

    def close(self) -> None:
        """Do what is left behind the readers' backs; nothing works there any more."""
        # What is renewed is stored after it.
        self._composition.afterwards.close()
        self._composition.storing.close()

    # --- the ways of a page -------------------------------------------------------------------

    def _compose(self, request: PageRequest, asked: Asked | None = None) -> Page:
        try:
            self._composition.greet()
            return self._compose_at(request, self._composition.table.current(), asked)
        except ContentUnavailable as problem:
            if request.failure is None:
                log.warning("serving what was last known: %s", problem)
            return self._compose_in_doubt(request)

    def _compose_at(self, request: PageRequest, view: View, asked: Asked | None) -> Page:
        known = self._composition.pages.find(request, view, self._composition.clock().timestamp())
        if known is not None:
            self._observer.gave("remembered")
            return known.page
        attempt = self._passes.attempt(view, asked=asked)
        page = self._passes.run(request, attempt)
        if page is not None:
            return self._give(request, page, attempt)
        if request.failure is not None and request.failure.status == 503:
            return self._compose_without_database(request, view)
        return self._compose_missing(request, attempt)

    def _compose_missing(self, request: PageRequest, attempt: Attempt) -> Page:
        """Something cannot be used: look elsewhere for it, wait for it, or make it."""
        _, needed = self._show_aged(request, attempt)
        with self._flights.take_off(needed.missing - needed.unkept) as flight:
            page, attempt = self._exchange.fetch(request, attempt)
            if page is None:
                page, attempt = self._show_aged(request, attempt)
            if page is None and flight.joined:
                flight.wait(self._composition.budget.total_seconds())
                # Who was waited for stores the page.
                attempt.asked.whole_key = None
                view = self._composition.table.current()
                attempt = self._passes.attempt(view, asked=attempt.asked)
                page = self._passes.run(request, attempt)
                if page is None:
                    page, attempt = self._show_aged(request, attempt)
            if page is not None:
                return self._give(request, page, attempt)
            epoch, spent = attempt.view.epoch, attempt.asked.seconds
            # Of what is never shared nothing would arrive.
            missing = attempt.missing - attempt.unshared
            with self._queue.stand_in_line(epoch, flight, missing, spent) as turn:
                if turn.lost:
                    page, attempt = self._wait(request, turn.arrivals(), attempt)
                if page is not None:
                    return self._give(request, page, attempt)
                return self._render(request, attempt, turn)

    def _show_aged(self, request: PageRequest, attempt: Attempt) -> tuple[Page | None, Attempt]:
        """The same with what only grew old shown once more; the page if nothing else is missing.

        What else is missing is made or waited for, and nobody waits for what is shown.
        """
        if not attempt.is_overdue:
            return None, attempt
        renewed = self._renewals.may_wait(attempt.missing)
        attempt = self._passes.attempt(attempt.view, renewed=renewed, asked=attempt.asked)
        return self._passes.run(request, attempt), attempt

    def _wait(
        self,
        request: PageRequest,
        arrivals: Iterable[Packs],
        attempt: Attempt,
    ) -> tuple[Page | None, Attempt]:
        """Wait for other processes; the page as soon as everything of it has arrived."""
        page, asked = None, attempt.asked
        for packs in arrivals:
            self._composition.memory.put_packs(packs)
            view = self._exchange.view_over(self._composition.table.current(), packs.values())
            asked.arrived |= packs.keys()
            attempt = self._passes.attempt(view, renewed=attempt.renewed, asked=asked)
            page = self._passes.run(request, attempt)
            if page is not None:
                # Who was waited for stores the page.
                asked.whole_key = None
                break
        return page, attempt

    def _render(self, request: PageRequest, attempt: Attempt, turn: Turn) -> Page:
        """Make what is missing on a snapshot of its own, opened after the page began."""
        parts = self._composition
        made, renewed = Made(turn.flight.land), attempt.shown_once_more
        failed: set[str] = set()
        view, epochs, snapshots = attempt.view, 0, parts.snapshots
        while True:
            page = None
            now = self._composition.clock()
            with start_worker(parts, snapshots(request.locale, now, view)) as worker:
                view = parts.table.merge(worker.snapshot.rows)
                if worker.snapshot.stamp.epoch != view.epoch:
                    view, epochs = parts.table.ensure(), epochs + 1
                    if epochs > MOST_EPOCHS_PER_PAGE:
                        raise ContentUnavailable("the database changes its history all the time")
                    continue
                attempt = self._passes.attempt(
                    view,
                    position=worker.snapshot.stamp.position,
                    now=now,
                    making=Making(worker, made),
                    failed=failed,
                    renewed=renewed,
                    asked=attempt.asked,
                )
                try:
                    page = self._passes.run(request, attempt)
                except Restart as restart:
                    failed = attempt.failed
                    if restart.is_offline:
                        # What still needs the database stands in or is left out, at once.
                        snapshots = parts.offline
                    continue
                finally:
                    self._renewals.note(made.keys)
                    turn.behind |= self._exchange.share(request, attempt, page, made.shared)
            if page is None:
                raise ContentUnavailable("a page that may render everything has gaps")
            return self._give(request, page, attempt)

    # --- trouble ------------------------------------------------------------------------------

    def _compose_in_doubt(self, request: PageRequest) -> Page:
        """The page from entries that were true not too long ago; what has none is left out."""
        table = self._composition.table
        if request.failure is not None and request.failure.status == 503:
            return self._compose_without_database(request, table.view)
        attempt = self._passes.attempt(table.view, doubt=table.age)
        page = self._passes.run(request, attempt)
        if page is None:
            page = self._composition.pages.find_doubted(
                request, table.view, attempt.seconds, table.age
            )
            if page is not None:
                self._observer.gave("remembered")
                return page
        if page is None:
            found = self._composition.shared.get_many(table.view.epoch, sorted(attempt.missing))
            self._composition.memory.put_packs(found)
            attempt = self._passes.attempt(table.view, doubt=table.age)
            page = self._passes.run(request, attempt)
            if page is None:
                # Whole and a little older is better than with gaps.
                page = self._composition.essential(request)
            if page is None:
                page = self._passes.run(request, attempt, with_gaps=True)
        if page is None:
            raise ContentUnavailable(f"nothing is known of {request.path}")
        attempt.tell()
        return page

    def _compose_without_database(self, request: PageRequest, view: View) -> Page:
        """The 503 page: blocks that read content fail there and are left out."""
        parts = self._composition
        failed: set[str] = set()
        while True:
            opener = parts.offline(request.locale, self._composition.clock(), view)
            with RenderWorker(opener, SNAPSHOT_PATIENCE) as worker:
                making = Making(worker, Made())
                attempt = self._passes.attempt(view, making=making, failed=failed)
                try:
                    page = self._passes.run(request, attempt)
                except Restart:
                    failed = attempt.failed
                    continue
            if page is None:
                raise PageUnavailable
            attempt.tell()
            return page

    def _give(self, request: PageRequest, page: Page, attempt: Attempt) -> Page:
        """The page to a reader; told of, and kept for the next one."""
        if attempt.received is not None:
            return self._take(attempt.received).page
        attempt.tell()
        if attempt.aged:
            self._renewals.add_aged(request, attempt.shown_once_more)
        self._exchange.share(request, attempt, page, ())
        return self._keep(request, page, attempt)

    def _take(self, known: Remembered) -> Remembered:
        """A page that came as a whole, to a reader and for the next one."""
        self._observer.gave("received")
        self._composition.pages.put(known)
        return known

    def _keep(self, request: PageRequest, page: Page, attempt: Attempt) -> Page:
        """Remember a page that shows everything as it is."""
        if is_kept(page):
            # What was rendered is true at its snapshot's position; the next reader judges anew.
            view = attempt.view if attempt.making is None else View()
            until = attempt.seconds + page.lifetime
            self._composition.pages.put(
                Remembered(
                    request,
                    as_kept(page),
                    tuple(attempt.used),
                    view,
                    until,
                    attempt.early,
                    attempt.seconds,
                    attempt.grace,
                    weigh(page),
                )
            )
        return page
