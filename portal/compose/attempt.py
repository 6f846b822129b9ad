"""One pass over a page at one position of the content: judge everything, render what is missing.

Without a worker the first thing that cannot be used ends the pass (`Missing`). With one, its
snapshot is the page's position, everything is judged there, and what is missing is rendered
there: no page shows two states of the content. A block that fails ends the pass (`Restart`) and
is left out of the next one, because its transaction may be broken and its snapshot held.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta

from portal.block import Chosen
from portal.block import Group
from portal.block import NoSuchPage
from portal.block import Subject
from portal.cache import Entry
from portal.cache import MemoryTier
from portal.cache import View
from portal.cache import fragment_key
from portal.cache import usable
from portal.compose.fragments import FragmentMaker
from portal.compose.page import BlockState
from portal.compose.plan import Plan
from portal.compose.plan import Slot
from portal.compose.worker import Overseer
from portal.compose.worker import RenderWorker
from portal.compose.worker import Snapshot
from portal.layouts import PageFacts
from portal.layouts import Placement

log = logging.getLogger(__name__)


class Missing(Exception):
    """Something of the page is not in the cache and there is no worker to make it."""


class Restart(Exception):
    """A block failed; the page is made again without it."""


class RequiredBlockFailed(Exception):
    """A block without which the page means nothing failed and has no last good copy."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(slots=True)
class Attempt:
    """One pass. `failed` names placements that failed in earlier passes of the same page.

    `used` are the entries the page rests on: of its address, of what lists chose, of fragments.
    """

    memory: MemoryTier
    fragments: FragmentMaker
    overseer: Overseer
    view: View
    position: int
    now: datetime
    budget: timedelta
    worker: RenderWorker | None = None
    failed: set[str] = field(default_factory=set)
    states: dict[str, BlockState] = field(default_factory=dict)
    used: list[Entry] = field(default_factory=list)

    def entry(
        self, key: str, make: Callable[[Snapshot], Entry], budget: timedelta, owner: str = ""
    ) -> tuple[Entry, bool]:
        """The usable entry under `key`, and whether it was in the cache; else make it.

        `owner` is whose call it is if it hangs: a placement's, whatever page it stands on.
        """
        known = self.memory.get(key)
        if known is not None and usable(known, self.position, self.view, self.now.timestamp()):
            self.used.append(known)
            return known, True
        if self.worker is None:
            raise Missing
        made = self.overseer.run(self.worker, owner or key, make, budget)
        if made.fresh_until > self.now.timestamp():
            self.memory.put(key, made)
        self.used.append(made)
        return made, False

    def fill(self, plan: Plan, subject: Subject, page: PageFacts) -> dict[str, Entry]:
        """An entry for every placement that is shown, by placement key."""
        shown = [slot for slot in plan.order if self._is_shown(slot.placement, page)]
        chosen = self._choose(shown, subject)
        filled: dict[str, Entry] = {}
        for slot in shown:
            entry = self._fragment(slot, subject, chosen)
            if entry is not None:
                filled[slot.placement.key] = entry
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
            resolved = self._guarded(
                slot, "resolve", slot.identities(subject), self._resolution(slot, subject)
            )
            taken = {
                number
                for binding in placement.bind
                for number in _numbers(chosen.get(binding.placement, {}))
            }
            picks = choose(resolved[0].groups, taken | seen if placement.dedupe else taken)
            chosen[placement.key] = picks
            seen |= _numbers(picks)
        return chosen

    def _resolution(self, slot: Slot, subject: Subject) -> Callable[[Snapshot], Entry]:
        return lambda snapshot: self.fragments.resolve(slot, subject, snapshot)

    def _fragment(self, slot: Slot, subject: Subject, chosen: Mapping[str, Chosen]) -> Entry | None:
        """Second phase: the fragment, keyed by what it shows of its candidates."""
        placement, identities = slot.placement, slot.identities(subject)
        good_key = fragment_key(slot.prefix, "good", identities)
        if placement.key in self.failed:
            return self._stand_in(placement, good_key)
        picks = chosen.get(placement.key)

        def render(snapshot: Snapshot) -> Entry:
            # The lists of a page read their summaries together.
            snapshot.reader.expected.update(*map(_numbers, chosen.values()))
            return self.fragments.render(slot, subject, snapshot, picks)

        entry, cached = self._guarded(slot, "render", (*identities, *_spell(picks)), render)
        if not cached:
            self.memory.put(good_key, entry)
        self.states[placement.key] = _state(entry, cached)
        return entry

    def _guarded(
        self,
        slot: Slot,
        kind: str,
        identities: tuple[str, ...],
        make: Callable[[Snapshot], Entry],
    ) -> tuple[Entry, bool]:
        """The entry of a placement; whatever its block does wrong ends only this pass."""
        budget = slot.placement.budget or self.budget
        try:
            return self.entry(
                fragment_key(slot.prefix, kind, identities), make, budget, slot.prefix
            )
        except (Missing, NoSuchPage):
            raise
        except Exception as problem:
            self._report(slot.placement, problem)
            raise Restart from problem

    def _report(self, placement: Placement, problem: Exception) -> None:
        log.exception(
            "block %s at %s.%s failed: %s",
            placement.block,
            placement.region,
            placement.key,
            problem,
        )
        self.failed.add(placement.key)

    def _stand_in(self, placement: Placement, good_key: str) -> Entry | None:
        """The last good copy of a failed block while its placement allows it, else nothing."""
        policy = placement.on_error
        if policy.use == "last_good":
            known = self.memory.get(good_key)
            limit = policy.last_good_for.total_seconds()
            if known is not None and self.now.timestamp() < known.created + limit:
                self.states[placement.key] = "stand-in"
                self.used.append(known)
                return known
        if placement.required:
            raise RequiredBlockFailed(placement.key)
        self.states[placement.key] = "hidden"
        return None


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


def _spell(chosen: Chosen | None) -> tuple[str, ...]:
    if chosen is None:
        return ()
    return tuple(f"{name}={','.join(map(str, ids))}" for name, ids in chosen.items())


def _state(entry: Entry, cached: bool) -> BlockState:
    if not entry.html:
        return "empty"
    return "fresh" if cached else "rendered"
