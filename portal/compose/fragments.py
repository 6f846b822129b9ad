"""Makes one cache entry by running a block's code on a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from time import perf_counter
from typing import Any

from jinja2 import Environment

from portal.block import Block
from portal.block import BlockContext
from portal.block import Chosen
from portal.block import Group
from portal.block import Subject
from portal.cache import CHOSEN
from portal.cache import RENDERED
from portal.cache import Entry
from portal.cache import block_tag
from portal.cache import key_tag
from portal.cache import seal_digest
from portal.compose.assets import AssetCatalog
from portal.compose.plan import HEADING_LEVEL
from portal.compose.plan import Slot
from portal.compose.shell import render_head
from portal.compose.templates import render_block
from portal.compose.worker import Snapshot
from portal.content.engine import is_aborted
from portal.content.reader import Reader
from portal.content.reader import Reads
from portal.errors import BlockError
from portal.sight import SILENT
from portal.sight import Observer
from portal.site import Site

# A fragment beyond this is a mistake, not a block: it would fill the cache and the page.
LARGEST_FRAGMENT = 1_048_576

ROUTE_FRESH = timedelta(hours=1)
ROUTE_STALE = timedelta(days=1)


class FragmentMaker:
    """Runs blocks, and tells `observer` of it. Holds no state of a page."""

    def __init__(
        self,
        environment: Environment,
        assets: AssetCatalog,
        site: Site,
        observer: Observer = SILENT,
    ) -> None:
        self.observer = observer
        self._environment = environment
        self._assets = assets
        self._site = site
        self._block_assets: dict[str, tuple[str, ...]] = {}

    def resolve(self, slot: Slot, subject: Subject, snapshot: Snapshot) -> Entry:
        """First phase of a list block: candidate ids by group."""
        started = perf_counter()
        context = self._context(slot, subject, snapshot, None)
        if slot.block.resolver is None:
            raise BlockError(f"block {slot.block.name!r} has no @block.resolve function")
        groups = tuple(slot.block.resolver(context))
        _check_snapshot(slot, snapshot)
        if not all(_is_sound(group) for group in groups):
            raise BlockError(
                f"block {slot.block.name!r}: @block.resolve must return Groups of numbers"
            )
        reads, key = context.reader.reads, slot.key(subject)
        return self.entry(
            snapshot, reads, key, slot=slot, groups=groups, started=started, label=CHOSEN
        )

    def render(
        self, slot: Slot, subject: Subject, snapshot: Snapshot, chosen: Chosen | None
    ) -> Entry:
        """Second phase: the fragment. Raises whatever the block raises, and for rubbish."""
        started = perf_counter()
        block = slot.block
        context = self._context(slot, subject, snapshot, chosen)
        if block.renderer is None:
            raise BlockError(f"block {block.name!r} has no @block.render function")
        values = block.renderer(context)
        if values is not None and not isinstance(values, Mapping):
            raise BlockError(
                f"block {block.name!r} returned {type(values).__name__};"
                " a render function returns a dict of template values, or None for nothing"
            )
        html, head = b"", context.head.parts
        if values is not None:
            text = render_block(self._environment, self._assets, context, block, values)
            html = text.strip().encode()
            # Made once for its errors: a head part that cannot be written is this block's failure.
            render_head(head, (), (), "")
        size = len(html) + sum(part.size for part in head)
        if size > LARGEST_FRAGMENT:
            raise BlockError(
                f"block {block.name!r} made {size} bytes; {LARGEST_FRAGMENT} are the most"
            )
        _check_snapshot(slot, snapshot)
        self.observer.rendered(block.name, perf_counter() - started)
        return self.entry(
            snapshot,
            context.reader.reads,
            slot.key(subject),
            slot=slot,
            html=html,
            context=context,
            started=started,
            label=label_of(chosen),
        )

    def entry(
        self,
        snapshot: Snapshot,
        reads: Reads,
        key: str,
        *,
        slot: Slot | None = None,
        html: bytes = b"",
        groups: tuple[Group, ...] = (),
        context: BlockContext[Any] | None = None,
        started: float = 0.0,
        **more: Any,
    ) -> Entry:
        """Seal what was made with its stamp, its tags and its limits."""
        fresh, stale = self._limits(slot)
        now = snapshot.reader.now.timestamp()
        ends = reads.until.timestamp() if reads.until is not None else None
        fresh_until = _earlier(now + fresh.total_seconds(), ends)
        head = tuple(context.head.parts) if context is not None and html else ()
        assets = self.assets_of(slot.block) if slot is not None and html else ()
        return Entry(
            stamp=snapshot.stamp,
            tags=_tags(reads, key, slot),
            created=now,
            fresh_until=fresh_until,
            stale_until=_earlier(fresh_until + stale.total_seconds(), ends),
            ends=ends,
            digest=seal_digest(html, head, groups, assets),
            html=html,
            head=head,
            assets=assets,
            groups=groups,
            cost=perf_counter() - started if started else 0.0,
            **more,
        )

    def _context(
        self, slot: Slot, subject: Subject, snapshot: Snapshot, chosen: Chosen | None
    ) -> BlockContext[Any]:
        reader: Reader = snapshot.reader.recording()
        return BlockContext(
            slot.block,
            settings=slot.placement.settings,
            site=self._site,
            reader=reader,
            subject=subject,
            key=slot.placement.key,
            region=slot.placement.region,
            heading_level=HEADING_LEVEL,
            chosen=chosen,
            asset=lambda name: self._assets.url(f"site/{name}"),
            picture=lambda name: self._assets.picture(f"site/{name}"),
        )

    @staticmethod
    def _limits(slot: Slot | None) -> tuple[timedelta, timedelta]:
        if slot is None:
            return ROUTE_FRESH, ROUTE_STALE
        override, policy = slot.placement.cache, slot.block.cache
        fresh = policy.fresh if override.fresh is None else override.fresh
        stale = policy.stale if override.stale is None else override.stale
        if slot.is_off:
            return timedelta(0), timedelta(0)
        return fresh, stale

    def assets_of(self, block: Block[Any]) -> tuple[str, ...]:
        """The served addresses of a block's own styles and scripts."""
        known = self._block_assets.get(block.name)
        if known is None:
            files = (*block.stylesheets, *block.scripts)
            known = tuple(self._assets.url(f"{block.name}/{file}") for file in files)
            self._block_assets[block.name] = known
        return known


def label_of(chosen: Chosen | None) -> str:
    """The label of a rendering: of a list, by what it shows."""
    if chosen is None:
        return RENDERED
    shown = (f"{name}={','.join(map(str, ids))}" for name, ids in chosen.items())
    return " ".join((RENDERED, *shown))


def _earlier(moment: float, ends: float | None) -> float:
    return moment if ends is None else min(moment, ends)


def _tags(reads: Reads, key: str, slot: Slot | None) -> frozenset[str]:
    """What was read, the classes of that, and the names by which operators purge."""
    classes = {tag.partition(":")[0] for tag in reads.tags}
    names = {key_tag(key)} if slot is None else {key_tag(key), block_tag(slot.block.name)}
    return frozenset(reads.tags | classes | names)


def _check_snapshot(slot: Slot, snapshot: Snapshot) -> None:
    """Blame the block that breaks the snapshot, not the next one that reads from it."""
    if is_aborted(snapshot.reader.session):
        raise BlockError(
            f"block {slot.block.name!r} hid a database error and left the transaction aborted;"
            " let database errors out of the block"
        )


def _is_sound(group: object) -> bool:
    """Whether a block's choice is what the page can choose from."""
    return (
        isinstance(group, Group)
        and type(group.limit) is int
        and all(isinstance(number, int) for number in group.ids)
    )
