"""One page at one attempt: where its address leads, which plan that is, what fills it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from datetime import timedelta

from portal.block import Failure
from portal.block import NoSuchPage
from portal.block import Subject
from portal.cache import RENDERED
from portal.cache import Entry
from portal.cache import LogTable
from portal.cache import MemoryTier
from portal.cache import Resolution
from portal.cache import Shared
from portal.cache import View
from portal.cache import page_key
from portal.cache import route_key
from portal.compose.afterwards import Afterwards
from portal.compose.assembly import Assembler
from portal.compose.attempt import Attempt
from portal.compose.attempt import RequiredBlockFailed
from portal.compose.fragments import ROUTE_STALE
from portal.compose.fragments import FragmentMaker
from portal.compose.making import Asked
from portal.compose.making import Making
from portal.compose.page import Page
from portal.compose.page import PageRequest
from portal.compose.plan import Plan
from portal.compose.plan import PlanCatalog
from portal.compose.plan import Policy
from portal.compose.remembered import PageMemory
from portal.compose.subjects import guess_address
from portal.compose.subjects import resolve_address
from portal.compose.worker import OpenSnapshot
from portal.compose.worker import Overseer
from portal.compose.worker import Snapshot
from portal.content.values import SearchQuery
from portal.errors import ContentUnavailable
from portal.layouts import PageFacts
from portal.layouts import SiteFolder

_ERROR_LAYOUTS = {404: "404", 410: "410", 503: "503"}


@dataclass(frozen=True, slots=True)
class Composition:
    """Everything a composer works with; made once by the composition root.

    `log_times` tells when rows of the log were committed, by position and tag, as far as they are
    still there. `greet` is called by every page before it asks the log: it starts what a process
    starts once. `essential` gives a page of an older copy of the site when nothing else is known.
    Renewing (`afterwards`) may take as long as blocks take; `storing` has a thread of its own,
    since other processes wait for what it stores and gives back.
    """

    folder: SiteFolder
    plans: PlanCatalog
    assembler: Assembler
    fragments: FragmentMaker
    table: LogTable
    memory: MemoryTier
    absent: MemoryTier
    pages: PageMemory
    shared: Shared
    afterwards: Afterwards
    storing: Afterwards
    snapshots: Callable[[str, datetime, View], OpenSnapshot]
    offline: Callable[[str, datetime, View], OpenSnapshot]
    clock: Callable[[], datetime]
    budget: timedelta
    log_times: Callable[[Collection[int]], Mapping[tuple[int, str], datetime]]
    greet: Callable[[], object] = lambda: None
    essential: Callable[[PageRequest], Page | None] = lambda request: None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an address leads: a status, and unless that is all of it a page."""

    status: int
    page: tuple[Plan, Subject, PageFacts] | None = None


class Passes:
    """Makes attempts and runs them. Holds no state of a page."""

    def __init__(self, parts: Composition) -> None:
        self._parts = parts
        self._overseer = Overseer(parts.clock)
        self._sections = parts.folder.section_keys

    def attempt(
        self,
        view: View,
        *,
        position: int | None = None,
        now: datetime | None = None,
        making: Making | None = None,
        failed: Iterable[str] = (),
        renewed: Collection[str] = (),
        again: Collection[str] = (),
        doubt: float | None = None,
        asked: Asked | None = None,
    ) -> Attempt:
        """A new attempt at a page: at the view's own position unless a snapshot names another."""
        parts = self._parts
        return Attempt(
            parts.memory,
            parts.absent,
            parts.fragments,
            self._overseer,
            view,
            view.position if position is None else position,
            now or parts.clock(),
            parts.budget,
            making,
            set(failed),
            renewed,
            again,
            doubt,
            asked or Asked(),
        )

    def run(
        self, request: PageRequest, attempt: Attempt, *, with_gaps: bool = False
    ) -> Page | None:
        """The page as this attempt can make it; none when something of it is missing."""
        plans = self._parts.plans
        attempt.remembered = self._parts.pages.peek(request)
        if request.failure is not None:
            failure = request.failure
            subject = Subject("error", "/", failure=failure)
            plan = plans.named(_ERROR_LAYOUTS[failure.status], request.locale)
            facts = PageFacts("error", request.locale)
            return self._fill(request, attempt, plan, subject, facts, failure.status, with_gaps)
        route = self._route(request, attempt)
        if route is None:
            self._guess(request, attempt)
            return None
        found = route.resolution
        if found is None or found.location is not None or found.subject is None:
            status = found.status if found else 404
            location = found.location if found else None
            return Page(status, request.locale, location=location, tags=route.tags)
        if found.subject.failure is not None and request.fragment:
            raise NoSuchPage
        plan = self._plan(request, found.subject, found.section_key)
        _check_number(request, found.subject, plan)
        facts = PageFacts(found.subject.page_type, request.locale, found.section_key, found.tags)
        subject = _with_search(found.subject, request)
        return self._fill(request, attempt, plan, subject, facts, found.status, with_gaps)

    def leads_to(self, request: PageRequest, attempt: Attempt) -> Destination:
        """Where an address leads; read from the database where this process does not know it.

        Keeps nothing. Raises `ContentUnavailable` when the database cannot be read.
        """
        key = self.route_key(request)
        held = attempt.find(key, RENDERED, ROUTE_STALE)
        try:
            found = held.resolution if held is not None else self._read_route(request, attempt, key)
            if found is None or found.location is not None or found.subject is None:
                return Destination(found.status if found is not None else 404)
            plan = self._plan(request, found.subject, found.section_key)
            _check_number(request, found.subject, plan)
        except NoSuchPage:
            return Destination(404)
        facts = PageFacts(found.subject.page_type, request.locale, found.section_key, found.tags)
        return Destination(found.status, (plan, _with_search(found.subject, request), facts))

    def _read_route(self, request: PageRequest, attempt: Attempt, key: str) -> Resolution | None:
        opener = self._parts.snapshots(request.locale, attempt.now, attempt.view)
        with opener() as snapshot:
            return self._resolve(request, snapshot, key).resolution

    def route_key(self, request: PageRequest) -> str:
        """The cache key of what an address leads to."""
        return self._key_of(route_key, self._parts.plans.site_digest, request)

    def whole_key(self, request: PageRequest) -> str | None:
        """The cache key of a page as a whole, if it is one that processes share."""
        is_plain = request.failure is None and request.search is None and not request.fragment
        if not is_plain or request.edge or request.full:
            return None
        return self._key_of(page_key, self._parts.plans.page_digest, request)

    def _key_of(
        self, kind: Callable[[str, str, str, str, str, int], str], digest: str, request: PageRequest
    ) -> str:
        site = self._parts.folder.site.key
        variant = "print" if request.printing else "page"
        return kind(site, digest, request.locale, request.path, variant, request.page_number)

    def _plan(self, request: PageRequest, subject: Subject, section_key: str | None) -> Plan:
        plans = self._parts.plans
        if subject.failure is not None:
            return plans.named(_ERROR_LAYOUTS[subject.failure.status], request.locale)
        if subject.page_type not in self._parts.folder.defaults:
            raise NoSuchPage  # a page type that this site has no layout for
        return plans.plan(subject.page_type, section_key, request.locale, request.later)

    def _route(self, request: PageRequest, attempt: Attempt) -> Entry | None:
        """What the address leads to."""
        parts, key = self._parts, self.route_key(request)
        policy = Policy(key, parts.budget, ROUTE_STALE)
        try:
            found = attempt.entry(
                key, RENDERED, lambda snapshot: self._resolve(request, snapshot, key), policy
            )
        except NoSuchPage:
            raise
        except Exception as problem:
            # Without its address there is no page, but perhaps one that was true a while ago.
            raise ContentUnavailable(f"nobody can say where {request.path} leads") from problem
        return None if found is None else found[0]

    def _resolve(self, request: PageRequest, snapshot: Snapshot, key: str) -> Entry:
        reader = snapshot.reader.recording()
        resolution = resolve_address(
            reader, request.path, request.page_number, printing=request.printing
        )
        subject = resolution.subject
        if subject is not None and not self._parts.plans.has(subject.page_type):
            resolution = Resolution(404, Subject("error", "/", failure=Failure(404)))
        return self._parts.fragments.entry(snapshot, reader.reads, key, resolution=resolution)

    def _guess(self, request: PageRequest, attempt: Attempt) -> None:
        """Note what else will be missing if the address leads where it seems to lead.

        So that everything is asked for at once, before anybody knows.
        """
        guess = self._guess_subject(request)
        if guess is None or not self._parts.plans.has(guess.page_type):
            return
        plan = self._plan(request, guess, guess.section_key)
        facts = PageFacts(guess.page_type, request.locale, guess.section_key)
        with suppress(RequiredBlockFailed):
            # It may stand on another page than this one.
            attempt.fill(plan, guess, facts, request.fragment)

    def _guess_subject(self, request: PageRequest) -> Subject | None:
        guess = guess_address(
            request.path,
            request.locale,
            request.page_number,
            site=self._parts.folder.site,
            sections=self._sections,
            printing=request.printing,
        )
        return None if guess is None else _with_search(guess, request)

    def _fill(
        self,
        request: PageRequest,
        attempt: Attempt,
        plan: Plan,
        subject: Subject,
        facts: PageFacts,
        status: int,
        with_gaps: bool,
    ) -> Page | None:
        if request.fragment and request.fragment not in {s.placement.key for s in plan.slots}:
            raise NoSuchPage
        filled = attempt.fill(plan, subject, facts, request.fragment)
        if attempt.missing and not with_gaps:
            return None
        for slot in plan.slots if with_gaps else ():
            if slot.placement.required and attempt.states.get(slot.placement.key) == "hidden":
                raise RequiredBlockFailed(slot.placement.key)
        assembler = self._parts.assembler
        if request.fragment:
            return assembler.piece(request, attempt, plan, filled)
        return assembler.page(request, attempt, plan, subject, status, filled)


def _check_number(request: PageRequest, subject: Subject, plan: Plan) -> None:
    """Raise `NoSuchPage` for a later page of what has no pages; a list knows its own end."""
    if request.page_number > 1 and subject.failure is None and not plan.is_paged:
        raise NoSuchPage


def _with_search(subject: Subject, request: PageRequest) -> Subject:
    """The subject of a search with what is looked for; every other one as it is."""
    if subject.page_type != "search":
        return subject
    return replace(subject, search=request.search or SearchQuery())
