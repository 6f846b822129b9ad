"""Page plans made ready for composing: blocks found, key prefixes made, order decided; once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from portal.block import Block
from portal.block import Subject
from portal.cache import fragment_key
from portal.cache import fragment_prefix
from portal.compose.assets import SHELL
from portal.compose.assets import AssetCatalog
from portal.compose.digests import digest_block
from portal.compose.digests import digest_code
from portal.compose.digests import digest_pages
from portal.compose.digests import digest_site
from portal.durations import format_duration
from portal.layouts import PAGE_TYPES
from portal.layouts import Layout
from portal.layouts import Placement
from portal.layouts import SiteFolder
from portal.layouts import plan_for

# A page's only `h1` is its title; every placed block begins one level below it.
HEADING_LEVEL = 2


@dataclass(frozen=True, slots=True)
class Policy:
    """How one entry is made and kept.

    `owner` is whose call it is if it hangs; without a `budget` it has the page's.
    """

    owner: str
    budget: timedelta | None
    grace: timedelta
    shared: bool = True
    off: bool = False

    @classmethod
    def of(cls, placement: Placement, block: Block[Any], owner: str) -> Policy:
        """The policy of a placement, whatever page it stands on."""
        on_error = placement.on_error
        return cls(
            owner,
            placement.budget,
            on_error.last_good_for if on_error.use == "last_good" else timedelta(0),
            block.cache.shared,
            placement.cache.off or block.cache.off,
        )


@dataclass(frozen=True, slots=True)
class Slot:
    """A placement with its block and the constant part of its cache keys.

    The grace of its `policy` is how long an old copy may stand in when the block fails or the
    database is away.
    """

    placement: Placement
    block: Block[Any]
    prefix: str
    values: tuple[str, ...]
    policy: Policy

    def key(self, subject: Subject) -> str:
        """The cache key of this placement on a page: with the page values its block declares."""
        if not self.values:
            return self.prefix
        return fragment_key(self.prefix, (subject.identity(value) for value in self.values))

    def inputs(self, subject: Subject) -> dict[str, str]:
        """What the key holds of a page beside the constant part: page values by name."""
        return {value: subject.identity(value) for value in self.values}

    @property
    def is_off(self) -> bool:
        """Whether nothing of this placement is ever kept."""
        return self.policy.off


@dataclass(frozen=True, slots=True)
class Plan:
    """A layout in one locale. `slots` stand in document order, `order` is the order of work.

    They differ where a placement takes another one's output (`bind`): the giver goes first.
    `deferred` are the placements that the browser or an edge server puts into the page.
    """

    layout: Layout
    slots: tuple[Slot, ...]
    order: tuple[Slot, ...]
    deferred: frozenset[str] = frozenset()

    @property
    def is_paged(self) -> bool:
        """Whether anything of the page differs by the number of a page."""
        return any("page_number" in slot.values for slot in self.slots)

    def leaving(self, ways: frozenset[str]) -> Plan:
        """The plan for a page that leaves placements of these ways of delivery to others."""
        deferred = frozenset(
            slot.placement.key for slot in self.slots if slot.placement.deliver in ways
        )
        return replace(self, deferred=deferred)


class PlanCatalog:
    """Makes and keeps the plans of one site."""

    def __init__(
        self,
        folder: SiteFolder,
        blocks: Mapping[str, Block[Any]],
        templates: Path,
        assets: AssetCatalog,
    ) -> None:
        self._folder = folder
        self._blocks = blocks
        code = digest_code()
        self._site_digest = digest_site(folder.site) + code + assets.digest("site", SHELL)
        self._digests = {
            name: digest_block(block, templates) + assets.digest(name)
            for name, block in blocks.items()
        }
        self._page_digest = digest_pages(folder, templates, self._site_digest, self._digests)
        self._plans: dict[tuple[str, str, frozenset[str]], Plan] = {}

    @property
    def site_digest(self) -> str:
        """A digest of `site.yaml` and the site's files: every block may read and name them."""
        return self._site_digest

    @property
    def page_digest(self) -> str:
        """A digest of all that pages are put together by, beside the content."""
        return self._page_digest

    def plan(
        self,
        page_type: str,
        section_key: str | None,
        locale: str,
        later: frozenset[str] = frozenset(),
    ) -> Plan:
        """The plan for a page of `page_type` below `section_key`; see `Plan.leaving`."""
        return self._of(plan_for(self._folder, page_type, section_key), locale, later)

    def has(self, page_type: str) -> bool:
        """Whether the site has pages of this type: of an optional one it may have none."""
        return page_type == "error" or page_type in self._folder.defaults

    def named(self, layout_name: str, locale: str) -> Plan:
        """The plan of a layout by its name; error pages are chosen so."""
        return self._of(self._folder.layouts[layout_name], locale)

    def _of(self, layout: Layout, locale: str, later: frozenset[str] = frozenset()) -> Plan:
        known = self._plans.get((layout.name, locale, later))
        if known is None:
            slots = tuple(self._slot(layout, placement, locale) for placement in layout.placements)
            known = Plan(layout, slots, _order(slots)).leaving(later)
            self._plans[(layout.name, locale, later)] = known
        return known

    def _slot(self, layout: Layout, placement: Placement, locale: str) -> Slot:
        block = self._blocks[placement.block]
        override = placement.cache
        prefix = fragment_prefix(
            site=self._folder.site.key,
            site_digest=self._site_digest,
            locale=locale,
            block=block.name,
            block_digest=self._digests[block.name],
            settings=placement.settings.model_dump_json()
            + "".join(format_duration(part) for part in (override.fresh, override.stale) if part),
            placement=placement.key,
            region=placement.region,
            heading_level=HEADING_LEVEL,
        )
        provided = PAGE_TYPES[layout.page_type].provides
        values = tuple(
            value for value in sorted({*block.needs, *block.accepts}) if value in provided
        )
        return Slot(placement, block, prefix, values, Policy.of(placement, block, prefix))


def _order(slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
    """Document order, except that what a placement binds to comes before it."""
    by_key = {slot.placement.key: slot for slot in slots}
    ordered: dict[str, Slot] = {}

    def place(slot: Slot) -> None:
        if slot.placement.key in ordered:
            return
        for binding in slot.placement.bind:
            place(by_key[binding.placement])
        ordered[slot.placement.key] = slot

    for slot in slots:
        place(slot)
    return tuple(ordered.values())
