"""One pass over a page at one position of the content: judge everything, render what is missing.

Without a worker the pass only looks: what cannot be used is noted (`missing`) and there is no
page. With one, its snapshot is the page's position, everything is judged there, and what is
missing is rendered there: no page shows two states of the content. A block that fails ends the
pass (`Restart`) and is left out of the next one, because its transaction may be broken and its
snapshot held.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta

from portal.block import Chosen
from portal.block import Group
from portal.block import NoSuchPage
from portal.block import Subject
from portal.cache import CHOSEN
from portal.cache import MISSED
from portal.cache import RENDERED
from portal.cache import Entry
from portal.cache import Held
from portal.cache import MemoryTier
from portal.cache import Reason
from portal.cache import View
from portal.cache import explain
from portal.cache import is_true
from portal.cache import may_be_renewed_behind
from portal.cache import usable
from portal.compose.fragments import FragmentMaker
from portal.compose.fragments import label_of
from portal.compose.making import Asked
from portal.compose.making import Made
from portal.compose.making import Making
from portal.compose.page import BlockState
from portal.compose.plan import Plan
from portal.compose.plan import Policy
from portal.compose.plan import Slot
from portal.compose.remembered import Remembered
from portal.compose.remembered import proved_at
from portal.compose.worker import Overseer
from portal.compose.worker import Overtime
from portal.compose.worker import Resting
from portal.compose.worker import Snapshot
from portal.content.engine import is_unavailable
from portal.errors import ContentUnavailable
from portal.layouts import PageFacts
from portal.layouts import Placement

log = logging.getLogger(__name__)

Make = Callable[[Snapshot], Entry]


class Restart(Exception):
    """A block failed; the page is made again without it.

    `is_offline` says that it failed for want of the database, which nobody is to ask again then.
    """

    def __init__(self, *, is_offline: bool = False) -> None:
        super().__init__()
        self.is_offline = is_offline


class RequiredBlockFailed(Exception):
    """A block without which the page means nothing failed and has no last good copy."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(slots=True)
class Attempt:
    """One pass.

    `failed` names placements that failed in earlier passes of the same page. `renewed` are keys
    that may be made behind the reader's back: what only grew old of them is shown once more
    (`aged`). `again` are keys to be made although they are usable. `is_overdue` says that something
    is missing only because it grew old. While the log cannot be read (`doubt`: seconds since it
    could) every entry is shown that was true not too long ago.

    `shown` are, by placement, the block, the key and the entry of it; `resting` blocks that are
    left alone for a while. `used` are the entries the page rests on: of its address, of what lists
    chose, of fragments; `grace` is the shortest time (seconds) for which one of them may stand in
    when nobody can tell whether it is true. `received` is the page if it came as a whole.
    """

    memory: MemoryTier
    absent: MemoryTier
    fragments: FragmentMaker
    overseer: Overseer
    view: View
    position: int
    now: datetime
    budget: timedelta
    making: Making | None = None
    failed: set[str] = field(default_factory=set)
    renewed: Collection[str] = ()
    again: Collection[str] = ()
    doubt: float | None = None
    asked: Asked = field(default_factory=Asked)
    states: dict[str, BlockState] = field(default_factory=dict)
    used: list[Entry] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    unkept: set[str] = field(default_factory=set)
    unshared: set[str] = field(default_factory=set)
    due: set[str] = field(default_factory=set)
    labels: dict[str, str] = field(default_factory=dict)
    shown: dict[str, tuple[str, str, Entry | None]] = field(default_factory=dict)
    resting: set[str] = field(default_factory=set)
    early: float = float("inf")
    grace: float = float("inf")
    aged: set[str] = field(default_factory=set)
    is_overdue: bool = False
    is_shareable: bool = True
    received: Remembered | None = None
    remembered: Remembered | None = None
    seconds: float = field(init=False)
    """The page's time as entries count it."""

    def __post_init__(self) -> None:
        self.seconds = self.now.timestamp()

    @property
    def shown_once_more(self) -> frozenset[str]:
        """Keys that only grew old, but for lists that have to be rendered: these choose anew."""
        return frozenset(self.aged - self.missing)

    # --- entries ------------------------------------------------------------------------------

    def find(self, key: str, label: str, grace: timedelta) -> Entry | None:
        """The entry under `key` and `label` if it may be shown on this page."""
        held = self.memory.get(key, label) or self.absent.get(key, label)
        if held is None or key in self.again:
            return None
        if self.doubt is not None:
            return self._doubted(held, self.doubt, grace.total_seconds())
        entry, now = held.entry, self.seconds
        if usable(entry, self.position, self.view, now):
            held.proved = now
            self.early = min(self.early, held.early)
            if now >= held.early:
                self.due.add(key)
            return entry
        if not may_be_renewed_behind(entry, self.position, self.view, now):
            return None
        if key not in self.renewed:
            self.is_overdue = True
            return None
        self.aged.add(key)
        return entry

    def _doubted(self, held: Held, doubt: float, grace: float) -> Entry | None:
        """Without the log: shown if it was proved to be true no longer than `grace` ago."""
        since = self.seconds - held.proved
        if is_true(held.entry, self.position, self.view):
            since = min(since, doubt)
        return held.entry if since <= grace else None

    def entry(self, key: str, label: str, make: Make, policy: Policy) -> tuple[Entry, bool] | None:
        """The entry to show and whether it was in the cache; made if this pass may, else noted."""
        known = self.known(key, label, policy)
        if known is not None:
            return known, True
        if self.making is None:
            return None
        return self._make(key, label, make, policy, self.making), False

    def known(self, key: str, label: str, policy: Policy) -> Entry | None:
        """The entry to show if there is one; else it is noted where this pass may not make it."""
        self.grace = min(self.grace, policy.grace.total_seconds())
        self.is_shareable = self.is_shareable and policy.shared
        known = self.find(key, label, policy.grace)
        if known is not None:
            self.used.append(known)
        elif self.making is None:
            self.missing.add(key)
            if policy.off:
                self.unkept.add(key)
            if policy.off or not policy.shared:
                self.unshared.add(key)
        return known

    def _make(self, key: str, label: str, make: Make, policy: Policy, making: Making) -> Entry:
        cause = self.why(key, label, policy, making.made)
        budget = policy.budget or self.budget
        made = self.overseer.run(making.worker, policy.owner, make, budget)
        made = made._replace(cause=cause)
        absent = made.resolution is not None and made.resolution.status == 404
        tier, other = (self.absent, self.memory) if absent else (self.memory, self.absent)
        tier.put(key, made)
        if made.resolution is not None:
            # What it led to before would hide this one, and stand in for it in trouble.
            other.drop(key)
        held = tier.peek(key, label)
        if held is not None:
            self.early = min(self.early, held.early)
        making.made.note(key, label, shared=policy.shared and not absent)
        self.used.append(made)
        return made

    def why(self, key: str, label: str, policy: Policy, made: Made) -> Reason:
        """Why something has to be made."""
        if policy.off:
            return Reason("bypassed")
        held = self.memory.peek(key, label) or self.absent.peek(key, label)
        if held is not None:
            reason = explain(held.entry, self.position, self.view, self.seconds)
            return Reason("early") if reason.kind == "fresh" else reason
        if key in self.asked.refused:
            return Reason(self.asked.refused[key])
        if label in {CHOSEN, RENDERED}:
            return MISSED
        choice = self.memory.peek(key, CHOSEN)
        if choice is not None and key in made.keys:
            # The list was asked anew a moment ago, and shows other articles now.
            return choice.entry.cause
        return Reason("rechosen") if self.memory.last_good(key) is not None else MISSED

    # --- placements ---------------------------------------------------------------------------

    def fill(
        self, plan: Plan, subject: Subject, page: PageFacts, only: str = ""
    ) -> dict[str, Entry]:
        """An entry for every placement that is shown, by placement key; for `only` one if named.

        What the edge or the browser puts in later is left out, but lists choose as if it stood
        there: a deferred block shows the same articles as an inline one.
        """
        shown = [slot for slot in plan.order if self._is_shown(slot.placement, page)]
        for slot in shown:
            if self.overseer.rests(slot.prefix):
                self.failed.add(slot.placement.key)
                self.resting.add(slot.block.name)
        chosen = self._choose(shown, subject)
        filled: dict[str, Entry] = {}
        for slot in shown:
            key = slot.placement.key
            if only and key != only:
                continue
            if not only and key in plan.deferred:
                self.states[key] = "deferred"
                continue
            entry = self._fragment(slot, subject, chosen)
            self.shown[key] = (slot.block.name, slot.key(subject), entry)
            if entry is not None:
                filled[key] = entry
        return filled

    def _is_shown(self, placement: Placement, page: PageFacts) -> bool:
        if placement.show is None or placement.show.holds(page, self.now):
            return True
        self.states[placement.key] = "not-shown"
        return False

    def _choose(self, slots: list[Slot], subject: Subject) -> dict[str, Chosen]:
        """First phase: what each list shows, by placement key; an earlier list keeps an article."""
        seen: set[int] = set() if subject.article_id is None else {subject.article_id}
        chosen: dict[str, Chosen] = {}
        for slot in slots:
            placement = slot.placement
            if slot.block.resolver is None or placement.key in self.failed:
                continue
            key = slot.key(subject)
            resolved = self.known(key, CHOSEN, slot.policy)
            if resolved is None and self.making is not None:
                resolve = self._resolution(slot, subject)
                resolved = self._guarded(slot, key, CHOSEN, resolve, self.making)
            if resolved is None:
                continue
            taken = {
                number
                for binding in placement.bind
                for number in _numbers(chosen.get(binding.placement, {}))
            }
            picks = choose(resolved.groups, taken | seen if placement.dedupe else taken)
            chosen[placement.key] = picks
            seen |= _numbers(picks)
        return chosen

    def _resolution(self, slot: Slot, subject: Subject) -> Make:
        return lambda snapshot: self.fragments.resolve(slot, subject, snapshot)

    def _fragment(self, slot: Slot, subject: Subject, chosen: Mapping[str, Chosen]) -> Entry | None:
        """Second phase: the fragment, kept by what it shows of its candidates."""
        placement = slot.placement
        if placement.key in self.failed:
            return self._stand_in(slot, subject)
        picks = chosen.get(placement.key)
        if slot.block.resolver is not None and picks is None:
            self._leave_out(placement)
            return None
        self.labels[placement.key] = label = label_of(picks)
        key = slot.key(subject)
        entry = self.known(key, label, slot.policy)
        if entry is not None:
            self.states[placement.key] = _state(entry, self.seconds)
            return entry
        if self.making is None:
            self._leave_out(placement)
            return None

        def render(snapshot: Snapshot) -> Entry:
            # The lists of a page read their summaries together.
            snapshot.reader.expected.update(*map(_numbers, chosen.values()))
            return self.fragments.render(slot, subject, snapshot, picks)

        entry = self._guarded(slot, key, label, render, self.making)
        self.states[placement.key] = "rendered" if entry.html else "empty"
        return entry

    def _leave_out(self, placement: Placement) -> None:
        """Nothing is there for a placement, and this pass may not make it."""
        self.states[placement.key] = "hidden"

    def _guarded(self, slot: Slot, key: str, label: str, make: Make, making: Making) -> Entry:
        """The entry of a placement made; whatever its block does wrong ends only this pass."""
        try:
            return self._make(key, label, make, slot.policy, making)
        except NoSuchPage:
            raise
        except Exception as problem:
            self._report(slot.placement, problem)
            raise Restart(is_offline=is_database_trouble(problem)) from problem

    def _report(self, placement: Placement, problem: Exception) -> None:
        log.exception(
            "block %s at %s.%s failed: %s",
            placement.block,
            placement.region,
            placement.key,
            problem,
        )
        self.failed.add(placement.key)
        self.fragments.observer.failed(placement.block, _failure(problem))

    def tell(self) -> None:
        """Tell the observer where each fragment of the page that is given came from."""
        observer = self.fragments.observer
        observer.gave("composed")
        for block in self.resting:
            observer.failed(block, "breaker")
        for placement, (block, key, entry) in self.shown.items():
            state = self.states.get(placement, "hidden")
            if entry is None or state in {"rendered", "hidden"} or key in self._made():
                observer.served(block, "hidden" if entry is None else "rendered")
                continue
            near = "redis" if key in self.asked.arrived else "memory"
            tier = state if state in {"stale", "stand-in"} else near
            observer.served(block, tier, max(0.0, self.seconds - entry.created))

    def _made(self) -> Collection[str]:
        return self.making.made.keys if self.making is not None else ()

    def _stand_in(self, slot: Slot, subject: Subject) -> Entry | None:
        """The last good copy of a failed block while its placement allows it, else nothing."""
        placement = slot.placement
        known = self.memory.last_good(slot.key(subject))
        grace = slot.policy.grace.total_seconds()
        if known is not None and self.seconds - proved_at(known, self.remembered) < grace:
            self.states[placement.key] = "stand-in"
            self.used.append(known.entry)
            return known.entry
        if placement.required:
            raise RequiredBlockFailed(placement.key)
        self.states[placement.key] = "hidden"
        return None


def _failure(problem: Exception) -> str:
    """The kind of a failure, for counting."""
    if isinstance(problem, Overtime):
        return "overtime"
    if isinstance(problem, Resting):
        return "breaker"
    return "database" if is_database_trouble(problem) else "error"


def is_database_trouble(problem: BaseException) -> bool:
    """Whether a block failed because the database is away, locked, full or silent."""
    return isinstance(problem, ContentUnavailable) or is_unavailable(problem)


def choose(groups: tuple[Group, ...], taken: set[int]) -> dict[str, tuple[int, ...]]:
    """The first ids of each group that no earlier one shows, up to the group's limit."""
    used = set(taken)
    chosen: dict[str, tuple[int, ...]] = {}
    for group in groups:
        free = tuple(number for number in dict.fromkeys(group.ids) if number not in used)
        chosen[group.name] = free[: group.limit]
        used.update(chosen[group.name])
    return chosen


def _numbers(chosen: Chosen) -> set[int]:
    return {number for ids in chosen.values() for number in ids}


def _state(entry: Entry, now: float) -> BlockState:
    if not entry.html:
        return "empty"
    return "fresh" if now < entry.fresh_until else "stale"
