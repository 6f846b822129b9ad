"""One pass over a page at one position of the content: judge everything, render what is missing.

Without a worker the first thing that cannot be used ends the pass (`Missing`). With one, its
snapshot is the page's position, everything is judged there, and what is missing is rendered
there: no page shows two states of the content. A block that fails ends the pass (`Restart`) and
is left out of the next one, because its transaction may be broken and its snapshot held.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
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
    """One pass. `failed` names placements that failed in earlier passes of the same page."""

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

    def entry(
        self, key: str, make: Callable[[Snapshot], Entry], budget: timedelta, owner: str = ""
    ) -> tuple[Entry, bool]:
        """The usable entry under `key`, and whether it was in the cache; else make it.

        `owner` is whose call it is if it hangs: a placement's, whatever page it stands on.
        """
        known = self.memory.get(key)
        if known is not None and usable(known, self.position, self.view, self.now.timestamp()):
            return known, True
        if self.worker is None:
            raise Missing
        made = self.overseer.run(self.worker, owner or key, make, budget)
        if made.fresh_until > self.now.timestamp():
            self.memory.put(key, made)
        return made, False

    def fill(self, plan: Plan, subject: Subject, page: PageFacts) -> dict[str, Entry]:
        """An entry for every placement that is shown, by placement key."""
        filled: dict[str, Entry] = {}
        seen: set[int] = set() if subject.article_id is None else {subject.article_id}
        shown: dict[str, set[int]] = {}
        for slot in plan.order:
            placement = slot.placement
            if placement.show is not None and not placement.show.holds(page, self.now):
                self.states[placement.key] = "not-shown"
                continue
            excluded = {
                number for binding in placement.bind for number in shown.get(binding.placement, ())
            }
            entry = self._fragment(slot, subject, seen, excluded, shown)
            if entry is not None:
                filled[placement.key] = entry
        return filled

    def _fragment(
        self,
        slot: Slot,
        subject: Subject,
        seen: set[int],
        excluded: set[int],
        shown: dict[str, set[int]],
    ) -> Entry | None:
        placement, identities = slot.placement, slot.identities(subject)
        good_key = fragment_key(slot.prefix, "good", identities)
        if placement.key in self.failed:
            return self._stand_in(placement, good_key)
        budget = placement.budget or self.budget
        try:
            chosen: Chosen | None = None
            if slot.block.resolver is not None:
                resolved, _ = self.entry(
                    fragment_key(slot.prefix, "resolve", identities),
                    lambda snapshot: self.fragments.resolve(slot, subject, snapshot),
                    budget,
                    slot.prefix,
                )
                taken = excluded | seen if placement.dedupe else excluded
                chosen = choose(resolved.groups, taken)
                shown[placement.key] = {number for ids in chosen.values() for number in ids}
                seen |= shown[placement.key]
            entry, cached = self.entry(
                fragment_key(slot.prefix, "render", (*identities, *_spell(chosen))),
                lambda snapshot: self.fragments.render(slot, subject, snapshot, chosen),
                budget,
                slot.prefix,
            )
        except (Missing, NoSuchPage):
            raise
        except Exception as problem:
            self._report(placement, problem)
            raise Restart from problem
        if not cached:
            self.memory.put(good_key, entry)
        self.states[placement.key] = _state(entry, cached)
        return entry

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


def _spell(chosen: Chosen | None) -> tuple[str, ...]:
    if chosen is None:
        return ()
    return tuple(f"{name}={','.join(map(str, ids))}" for name, ids in chosen.items())


def _state(entry: Entry, cached: bool) -> BlockState:
    if not entry.html:
        return "empty"
    return "fresh" if cached else "rendered"
