"""Says of every block of a page why it is shown as it is, and why it was made last.

It looks and changes nothing: neither is anything rendered, nor does looking keep entries alive.
What an address leads to is asked of the database where no cache knows it.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from portal.cache import CHOSEN
from portal.cache import RENDERED
from portal.cache import WHOLE_PAGE
from portal.cache import Entry
from portal.cache import Reason
from portal.cache import View
from portal.cache import explain
from portal.compose.attempt import Attempt
from portal.compose.attempt import RequiredBlockFailed
from portal.compose.page import PageRequest
from portal.compose.passes import Composition
from portal.compose.passes import Passes
from portal.compose.plan import Plan
from portal.compose.plan import Slot
from portal.durations import format_duration
from portal.errors import ConfigError
from portal.layouts.explain import why

Where = Literal["process", "shared", "nowhere"]
Times = Mapping[tuple[int, str], datetime]

_WORDS = {
    "fresh": "fresh",
    "stale": "stale: its time is over; it may be shown once more while it is renewed",
    "expired": "expired: its time is over",
    "ahead": "of a state of the content that this process has not seen yet",
    "trimmed": "older than what the log still knows",
    "epoch": "of another epoch: the database is not the one it was made from, or went back",
    "missed": "not in the cache",
    "early": "renewed before its time was over",
    "rechosen": "its list shows other articles than before",
    "foreign": "refused: what the shared tier holds is no entry of a portal",
    "format": "refused: what the shared tier holds is of another version of the portal",
    "truncated": "refused: what the shared tier holds lacks its end",
    "oversized": "refused: what the shared tier holds is larger than an entry may be",
    "forged": "refused: the seal of what the shared tier holds is not ours"
    " (made up, damaged, or sealed with another secret)",
}
_STATES = {"deferred": "comes after the page", "not-shown": "not shown on this page"}


@dataclass(frozen=True, slots=True)
class Told:
    """A reason for people and for programs.

    `kind` is `portal.cache.Kind`, or `deferred` or `not-shown` for what this page does not show
    itself. `tag` and `position` name the row of the log that ended an entry; `at` is when, in the
    site's time zone (ISO 8601; empty where the log no longer tells).
    """

    kind: str
    words: str
    tag: str = ""
    position: int | None = None
    at: str = ""


@dataclass(frozen=True, slots=True)
class BlockReport:
    """One block of a page.

    `reason` says what a reader would get now, `cause` why the entry was made; `inputs` are the
    page values in the key, by name; `limit` is what ends the entry, with the file and line that
    said so. `made` is in the site's time zone.
    """

    placement: str
    block: str
    region: str
    where: Where
    reason: Told
    cause: Told | None
    key: str
    inputs: Mapping[str, str]
    tags: tuple[str, ...]
    made: str
    position: int | None
    limit: str
    cost_milliseconds: float | None


@dataclass(frozen=True, slots=True)
class PageReport:
    """A page: what its address leads to, where the log stands, and its blocks in page order.

    `whole` is the page as one piece: while that is fresh readers get it, whatever becomes of the
    parts, which may be gone from the cache by then.
    """

    path: str
    locale: str
    status: int
    layout: str
    epoch: str
    position: int
    floor: int
    route: BlockReport
    whole: BlockReport
    blocks: tuple[BlockReport, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was found under one key; `placed` is where it stands unless it is an address."""

    key: str
    inputs: Mapping[str, str]
    where: Where
    reason: Reason
    entry: Entry | None
    state: str = ""
    placed: tuple[Plan, Slot] | None = None


class Explainer:
    """Explains pages of one composition."""

    def __init__(self, parts: Composition, passes: Passes) -> None:
        self._parts = parts
        self._passes = passes
        self._zone = ZoneInfo(parts.folder.site.time_zone)

    def page(self, request: PageRequest) -> PageReport:
        """The report for a page. Raises `ContentUnavailable` when the log cannot be read."""
        view = self._parts.table.current(strict=True)
        attempt = self._passes.attempt(view)
        route = self._see_route(request, view, attempt)
        whole = self._see_whole(request, view, attempt)
        found = self._passes.leads_to(request, attempt)
        blocks: list[_Seen] = []
        if found.page is not None:
            plan, subject, facts = found.page
            try:
                attempt.fill(plan, subject, facts, request.fragment)
            except RequiredBlockFailed:
                pass  # it is left alone at the moment; what the cache holds can be told
            blocks = [
                self._see(plan, slot, slot.inputs(subject), slot.key(subject), view, attempt)
                for slot in plan.slots
            ]
        times = self._times(view, (route, whole, *blocks))
        return PageReport(
            request.path,
            request.locale,
            found.status,
            found.page[0].layout.name if found.page is not None else "",
            view.epoch,
            view.position,
            view.floor,
            self._report(route, times),
            self._report(whole, times),
            tuple(self._report(seen, times) for seen in blocks),
        )

    def keys(self, request: PageRequest) -> tuple[str, ...]:
        """Every cache key of a page, for ending it as a whole."""
        attempt = self._passes.attempt(self._parts.table.current(strict=True))
        found = self._passes.leads_to(request, attempt)
        own = [self._passes.route_key(request)]
        if found.page is not None:
            plan, subject, _ = found.page
            own += [slot.key(subject) for slot in plan.slots]
        return tuple(own)

    # --- looking ------------------------------------------------------------------------------

    def _see_route(self, request: PageRequest, view: View, attempt: Attempt) -> _Seen:
        key = self._passes.route_key(request)
        inputs = {"path": request.path, "page": str(request.page_number)}
        where, reason, entry = self._look(key, RENDERED, view, attempt)
        return _Seen(key, inputs, where, reason, entry)

    def _see_whole(self, request: PageRequest, view: View, attempt: Attempt) -> _Seen:
        """Remembered by this process, else as the shared tier has it."""
        key = self._passes.whole_key(request) or ""
        known = self._parts.pages.peek(request)
        if known is not None and known.is_true_at(view, attempt.seconds):
            return _Seen(key, {}, "process", Reason("fresh"), None)
        if not key:
            return _Seen(key, {}, "nowhere", Reason("missed"), None)
        return _Seen(key, {}, *self._look(key, WHOLE_PAGE, view, attempt))

    def _see(
        self,
        plan: Plan,
        slot: Slot,
        inputs: Mapping[str, str],
        key: str,
        view: View,
        attempt: Attempt,
    ) -> _Seen:
        placement = slot.placement.key
        # While a list has no choice that can be used, nobody knows what it would show.
        undecided = CHOSEN if slot.block.resolver is not None else RENDERED
        label = attempt.labels.get(placement, undecided)
        where, reason, entry = self._look(key, label, view, attempt)
        if slot.is_off:
            reason = Reason("bypassed")
        elif reason.kind == "missed" and not slot.block.cache.shared:
            reason = Reason("unshared")
        state = attempt.states.get(placement, "")
        return _Seen(key, inputs, where, reason, entry, state, (plan, slot))

    def _look(
        self, key: str, label: str, view: View, attempt: Attempt
    ) -> tuple[Where, Reason, Entry | None]:
        """What a reader would get: of this process, else of the shared tier, else why nothing."""
        now, parts = attempt.seconds, self._parts
        held = parts.memory.peek(key, label) or parts.absent.peek(key, label)
        own = explain(held.entry, view.position, view, now) if held is not None else None
        if held is not None and own is not None and own.kind == "fresh":
            return "process", own, held.entry
        found = parts.shared.look(view.epoch, key)
        if isinstance(found, str):
            shared = None
            refused = Reason(found)
        else:
            shared = next((entry for entry in found if entry.label == label), None)
            refused = None
        judged = explain(shared, view.position, view, now) if shared is not None else None
        if judged is not None and (
            own is None
            or judged.kind == "fresh"
            or (judged.kind == "stale" and own.kind != "stale")
        ):
            return "shared", judged, shared
        if held is not None and own is not None:
            return "process", own, held.entry
        if refused is not None:
            return "shared", refused, None
        return "nowhere", Reason("missed"), None

    def _times(self, view: View, seen: Collection[_Seen]) -> Times:
        """When the rows were committed that ended what was seen and what was there before."""
        reasons = [one.reason for one in seen]
        # Positions of another epoch were drawn a second time, for something else.
        entries = [one.entry for one in seen if one.entry is not None]
        reasons += [entry.cause for entry in entries if entry.stamp.epoch == view.epoch]
        positions = {reason.position for reason in reasons if reason.kind == "ended"}
        return self._parts.log_times(positions)

    # --- telling ------------------------------------------------------------------------------

    def _report(self, seen: _Seen, times: Times) -> BlockReport:
        entry, slot = seen.entry, seen.placed[1] if seen.placed is not None else None
        reason = self._tell(seen.reason, times, seen)
        if seen.state in _STATES:
            reason = Told(seen.state, _STATES[seen.state])
        return BlockReport(
            slot.placement.key if slot is not None else "",
            slot.block.name if slot is not None else "",
            slot.placement.region if slot is not None else "",
            seen.where,
            reason,
            self._tell(entry.cause, times, seen) if entry is not None else None,
            seen.key,
            seen.inputs,
            tuple(sorted(entry.tags)) if entry is not None else (),
            self._moment(entry.created) if entry is not None else "",
            entry.stamp.position if entry is not None else None,
            self._limit(entry, seen.placed),
            round(entry.cost * 1000, 3) if entry is not None else None,
        )

    def _tell(self, reason: Reason, times: Times, seen: _Seen) -> Told:
        if reason.kind == "ended":
            moment = times.get((reason.position, reason.tag))
            at = self._in_zone(moment) if moment is not None else ""
            words = f"ended by {reason.tag} at position {reason.position}"
            words += f" ({at})" if at else ""
            return Told("ended", words, reason.tag, reason.position, at)
        if reason.kind == "clipped":
            at = self._moment(reason.at)
            return Told("clipped", f"clipped by schedule: what it shows changed at {at}", at=at)
        if reason.kind == "bypassed":
            return Told("bypassed", f"uncacheable: {self._why_off(seen)}{_varies(seen)}")
        if reason.kind == "unshared":
            words = "uncacheable between processes, and this one does not hold it"
            return Told("unshared", words + _varies(seen))
        return Told(reason.kind, _WORDS[reason.kind])

    def _why_off(self, seen: _Seen) -> str:
        if seen.placed is None:
            return "caching is off"
        plan, slot = seen.placed
        if slot.block.cache.off:
            return f"caching is off for block {slot.block.name}"
        source = self._source(plan.layout.name, f"{slot.placement.key}.cache.off")
        return f"caching is off for this placement ({source})"

    def _limit(self, entry: Entry | None, placed: tuple[Plan, Slot] | None) -> str:
        """What ends an entry first if nothing changes."""
        if placed is None:
            return ""
        plan, slot = placed
        source = self._source(plan.layout.name, f"{slot.placement.key}.cache.fresh")
        if source == "":
            source = f"policy of block {slot.block.name}"
        override = slot.placement.cache.fresh
        fresh = format_duration(slot.block.cache.fresh if override is None else override)
        limit = f"fresh {fresh} ({source})"
        if not slot.block.cache.shared:
            varies = ", ".join(slot.values) or "what few readers ask twice"
            limit += f"; kept in this process only: block {slot.block.name} varies by {varies}"
        if entry is not None and entry.ends is not None and entry.fresh_until >= entry.ends:
            limit = f"clipped by schedule at {self._moment(entry.ends)}; {limit}"
        return limit

    def _source(self, layout: str, path: str) -> str:
        try:
            return why(self._parts.folder, layout, path)[-1].source
        except ConfigError:
            return ""

    def _moment(self, seconds: float) -> str:
        return datetime.fromtimestamp(seconds, self._zone).isoformat(timespec="seconds")

    def _in_zone(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).isoformat(timespec="seconds")


def _varies(seen: _Seen) -> str:
    """By which page values a block varies, if any."""
    if seen.placed is None or not seen.placed[1].values:
        return ""
    slot = seen.placed[1]
    return f": block {slot.block.name} varies by {', '.join(slot.values)}"
