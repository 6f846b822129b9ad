"""Composes a page: plan and subject become, placement by placement, fragments."""

from __future__ import annotations

import logging
from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from datetime import timedelta

from portal.block import Failure
from portal.block import NoSuchPage
from portal.block import Subject
from portal.cache import Entry
from portal.cache import LogTable
from portal.cache import MemoryTier
from portal.cache import View
from portal.cache import route_key
from portal.cache import seal_digest
from portal.compose.attempt import Attempt
from portal.compose.attempt import Missing
from portal.compose.attempt import RequiredBlockFailed
from portal.compose.attempt import Restart
from portal.compose.fragments import FragmentMaker
from portal.compose.page import BlockState
from portal.compose.page import Page
from portal.compose.page import PageRequest
from portal.compose.plan import Plan
from portal.compose.plan import PlanCatalog
from portal.compose.shell import Shell
from portal.compose.shell import ShellCatalog
from portal.compose.shell import render_head
from portal.compose.subjects import resolve_address
from portal.compose.worker import OpenSnapshot
from portal.compose.worker import Overseer
from portal.compose.worker import RenderWorker
from portal.compose.worker import Snapshot
from portal.errors import ContentUnavailable
from portal.layouts import PageFacts
from portal.layouts import SiteFolder

log = logging.getLogger(__name__)

# Longest wait for a snapshot to open before the page is a 503.
PATIENCE = timedelta(seconds=5)
LARGEST_MEMORY_OF_HEADS = 4096
# Finished pages that are given out again while nothing in the content changed.
MOST_REMEMBERED_BYTES = 16_000_000
SOUND: frozenset[BlockState] = frozenset({"fresh", "empty", "not-shown"})
_ERROR_LAYOUTS = {404: "404", 410: "410", 503: "503"}


class PageUnavailable(Exception):
    """Not even the error page could be made; the web room answers with fixed bytes."""


@dataclass(frozen=True, slots=True)
class Composition:
    """Everything a composer works with; made once by the composition root."""

    folder: SiteFolder
    plans: PlanCatalog
    shells: ShellCatalog
    fragments: FragmentMaker
    table: LogTable
    memory: MemoryTier
    snapshots: Callable[[str, datetime, View], OpenSnapshot]
    offline: Callable[[str, datetime, View], OpenSnapshot]
    clock: Callable[[], datetime]
    budget: timedelta


@dataclass(frozen=True, slots=True)
class _Known:
    """A page as it was made under one view of the log, true until a moment (seconds)."""

    view: View
    until: float
    page: Page


class Composer:
    """Turns page requests into pages. Safe to share between threads."""

    def __init__(self, composition: Composition) -> None:
        self._composition = composition
        self._overseer = Overseer()
        self._heads: dict[tuple[str, ...], tuple[bytes, str]] = {}
        self._pages: dict[PageRequest, _Known] = {}
        self._remembered_bytes = 0

    def compose(self, request: PageRequest) -> Page:
        """The page for `request`, whatever fails: at worst a 503 page made without the database.

        Raises `PageUnavailable` only when even that page cannot be made.
        """
        try:
            return self._compose(request)
        except NoSuchPage:
            return self.compose_failure(request, Failure(404))
        except RequiredBlockFailed as failed:
            log.error("page %s: required block %s failed", request.path, failed.key)
        except Exception:
            log.exception("page %s cannot be made", request.path)
        return self.compose_failure(request, Failure(503))

    def compose_failure(self, request: PageRequest, failure: Failure) -> Page:
        """The error page for `failure`; for 404 and 410 the 503 page if that one fails too."""
        try:
            return self._compose(replace(request, failure=failure))
        except Exception as problem:
            if failure.status == 503:
                raise PageUnavailable from problem
            log.exception("page %s: error page %s failed", request.path, failure.status)
            return self.compose_failure(request, Failure(503))

    def _compose(self, request: PageRequest) -> Page:
        parts = self._composition
        now = parts.clock()
        view = self._view(request)
        known = self._pages.get(request)
        if known is not None and known.view is view and now.timestamp() < known.until:
            return known.page
        attempt = self._attempt(view, view.position, now)
        try:
            page = self._pass(request, attempt)
        except (Missing, Restart):
            pass
        else:
            self._remember(request, page, view, now)
            return page
        if request.failure is not None and request.failure.status == 503:
            return self._compose_without_database(request, attempt)
        while True:
            with RenderWorker(parts.snapshots(request.locale, now, view), PATIENCE) as worker:
                snapshot = worker.snapshot
                view = parts.table.merge(snapshot.rows)
                position = snapshot.stamp.position
                attempt = self._attempt(view, position, now, worker, attempt.failed)
                try:
                    return self._pass(request, attempt)
                except Restart:
                    continue

    def _remember(self, request: PageRequest, page: Page, view: View, now: datetime) -> None:
        """Keep a page made of sound fragments: it stays true while the view does not move."""
        if page.status != 200 or not SOUND.issuperset(page.states.values()):
            return
        if self._remembered_bytes > MOST_REMEMBERED_BYTES:
            self.forget_pages()
        self._remembered_bytes += len(page.body)
        self._pages[request] = _Known(view, now.timestamp() + page.lifetime, page)

    def forget_pages(self) -> None:
        """Drop the finished pages; their fragments stay in the cache."""
        self._pages.clear()
        self._remembered_bytes = 0

    def _attempt(
        self,
        view: View,
        position: int,
        now: datetime,
        worker: RenderWorker | None = None,
        failed: Iterable[str] = (),
    ) -> Attempt:
        parts = self._composition
        return Attempt(
            parts.memory,
            parts.fragments,
            self._overseer,
            view,
            position,
            now,
            parts.budget,
            worker,
            set(failed),
        )

    def _view(self, request: PageRequest) -> View:
        """The log's state; when the database cannot be read, the last one that was known."""
        try:
            return self._composition.table.ensure()
        except ContentUnavailable:
            if request.failure is None:
                log.warning("the change log cannot be read; serving what was last known")
            return self._composition.table.view

    def _compose_without_database(self, request: PageRequest, attempt: Attempt) -> Page:
        """The 503 page: blocks that read content fail there and are left out."""
        parts = self._composition
        offline = parts.offline(request.locale, attempt.now, attempt.view)
        while True:
            with RenderWorker(offline, PATIENCE) as worker:
                attempt = replace(attempt, worker=worker, states={}, used=[])
                try:
                    return self._pass(request, attempt)
                except Restart:
                    continue

    def _pass(self, request: PageRequest, attempt: Attempt) -> Page:
        plans = self._composition.plans
        if request.failure is not None:
            failure = request.failure
            subject = Subject("error", "/", failure=failure)
            plan = plans.named(_ERROR_LAYOUTS[failure.status], request.locale)
            return self._assemble(request, attempt, plan, subject, failure.status, None)
        route, _ = attempt.entry(
            route_key(
                self._composition.folder.site.key,
                plans.site_digest,
                request.locale,
                request.path + ("\x1fprint" if request.printing else ""),
                request.page_number,
            ),
            lambda snapshot: self._resolve(request, snapshot),
            self._composition.budget,
        )
        found = route.resolution
        if found is None or found.location is not None or found.subject is None:
            status = found.status if found else 404
            location = found.location if found else None
            return Page(status, request.locale, location=location, tags=route.tags)
        failure_found = found.subject.failure
        if failure_found is not None:
            plan = plans.named(_ERROR_LAYOUTS[failure_found.status], request.locale)
        else:
            plan = plans.plan(found.subject.page_type, found.section_key, request.locale)
        return self._assemble(request, attempt, plan, found.subject, found.status, route)

    def _resolve(self, request: PageRequest, snapshot: Snapshot) -> Entry:
        reader = snapshot.reader.recording()
        resolution = resolve_address(
            reader, request.path, request.page_number, printing=request.printing
        )
        return self._composition.fragments.entry(snapshot, reader.reads, resolution=resolution)

    def _assemble(
        self,
        request: PageRequest,
        attempt: Attempt,
        plan: Plan,
        subject: Subject,
        status: int,
        route: Entry | None,
    ) -> Page:
        found = route.resolution if route is not None else None
        facts = PageFacts(
            subject.page_type,
            request.locale,
            found.section_key if found else None,
            found.tags if found else frozenset(),
        )
        filled = attempt.fill(plan, subject, facts)
        entries = [
            (slot.placement.region, filled[slot.placement.key])
            for slot in plan.slots
            if slot.placement.key in filled and filled[slot.placement.key].html
        ]
        regions: dict[str, list[bytes]] = {}
        for region, entry in entries:
            regions.setdefault(region, []).append(entry.html)
        shells = self._composition.shells
        shell = shells.shell(plan.layout, request.locale, frozenset(regions))
        head, etag = self._head(shell, request.locale, entries)
        body = shell.join(head, {name: b"\n".join(parts) for name, parts in regions.items()})
        lifetimes = [entry.fresh_until for entry in attempt.used]
        lifetimes += [
            change.timestamp()
            for slot in plan.slots
            if slot.placement.show is not None
            and (change := slot.placement.show.next_change(attempt.now)) is not None
        ]
        tags = frozenset[str]().union(*(entry.tags for entry in attempt.used))
        return Page(
            status,
            request.locale,
            body,
            etag,
            max(0.0, min(lifetimes, default=0.0) - attempt.now.timestamp()),
            tags,
            states=attempt.states,
            position=attempt.position,
        )

    def _head(
        self, shell: Shell, locale: str, entries: list[tuple[str, Entry]]
    ) -> tuple[bytes, str]:
        """Head elements and ETag: functions of the fragments' contents alone, so remembered."""
        identity = (shell.digest, *(f"{region} {entry.digest}" for region, entry in entries))
        known = self._heads.get(identity)
        if known is None:
            site = self._composition.folder.site
            assets = dict.fromkeys(url for _, entry in entries for url in entry.assets)
            head = render_head(
                (part for _, entry in entries for part in entry.head),
                (url for url in assets if url.endswith(".css")),
                (url for url in assets if url.endswith(".js")),
                site.text(site.name, locale),
            )
            known = head, seal_digest(*identity)
            if len(self._heads) >= LARGEST_MEMORY_OF_HEADS:
                self._heads.clear()
            self._heads[identity] = known
        return known
