"""Puts a page together: the fragments in their regions, the head they ask for, the shell around."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from portal.block import Subject
from portal.cache import Entry
from portal.cache import seal_digest
from portal.compose.assets import SHELL
from portal.compose.assets import AssetCatalog
from portal.compose.attempt import Attempt
from portal.compose.fragments import FragmentMaker
from portal.compose.heads import HeadMemory
from portal.compose.page import SOUND
from portal.compose.page import Body
from portal.compose.page import Page
from portal.compose.page import PageRequest
from portal.compose.plan import Plan
from portal.compose.plan import Slot
from portal.compose.shell import Shell
from portal.compose.shell import ShellCatalog
from portal.compose.shell import render_head
from portal.content import queries
from portal.i18n import Catalog
from portal.layouts import Placement
from portal.site import Site

LARGEST_MEMORY_OF_HEADS = 1_000_000
"""Bytes; some hundred heads."""
FRAGMENTS = "/-/fragments/"
WHOLE = "full"
"""The query argument that asks for a page with nothing left out (`?full=1`)."""
LOADER = "deferred.js"

Piece = tuple[str, str, bytes]
"""Region, digest and HTML of what stands at one place of a page."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """What stands in a page for a block that comes later."""

    html: bytes
    assets: tuple[str, ...]


class Assembler:
    """Joins pages. Remembers heads, because they follow from the fragments alone."""

    def __init__(
        self,
        site: Site,
        shells: ShellCatalog,
        assets: AssetCatalog,
        fragments: FragmentMaker,
        catalog: Catalog,
    ) -> None:
        self._site = site
        self._shells = shells
        self._assets = assets
        self._fragments = fragments
        self._catalog = catalog
        self.heads = HeadMemory(LARGEST_MEMORY_OF_HEADS)

    def page(
        self,
        request: PageRequest,
        attempt: Attempt,
        plan: Plan,
        subject: Subject,
        status: int,
        filled: dict[str, Entry],
    ) -> Page:
        """The page of these fragments, with the bound of its life and what it shows."""
        pieces: list[Piece] = []
        entries: list[Entry] = []
        later: list[str] = []
        for slot in plan.slots:
            key, region = slot.placement.key, slot.placement.region
            entry = filled.get(key)
            if entry is not None and entry.html:
                pieces.append((region, entry.digest, entry.html))
                entries.append(entry)
            elif attempt.states.get(key) == "deferred":
                deferred = self._defer(request, slot, subject)
                digest = seal_digest(deferred.html, deferred.assets)
                pieces.append((region, digest, deferred.html))
                later += deferred.assets
        regions: dict[str, list[bytes]] = {}
        for region, _, html in pieces:
            regions.setdefault(region, []).append(html)
        shell = self._shells.shell(plan.layout, request.locale, frozenset(regions))
        head, etag = self._head(shell, request.locale, pieces, entries, later)
        body = shell.join(head, {name: b"\n".join(parts) for name, parts in regions.items()})
        return self._bound(request, attempt, plan, status, body, etag)

    def piece(
        self, request: PageRequest, attempt: Attempt, plan: Plan, filled: dict[str, Entry]
    ) -> Page:
        """One fragment alone, for an edge server or the browser."""
        entry = filled.get(request.fragment)
        html = entry.html if entry is not None else b""
        digest = entry.digest if entry is not None else seal_digest(html)
        return self._bound(request, attempt, plan, 200, html, digest)

    def _bound(
        self,
        request: PageRequest,
        attempt: Attempt,
        plan: Plan,
        status: int,
        body: bytes,
        etag: str,
    ) -> Page:
        lifetimes = [entry.fresh_until for entry in attempt.used]
        lifetimes += [
            change.timestamp()
            for slot in plan.slots
            if slot.placement.show is not None
            and (change := slot.placement.show.next_change(attempt.now)) is not None
        ]
        tags = frozenset[str]().union(*(entry.tags for entry in attempt.used))
        degraded = attempt.doubt is not None or not SOUND.issuperset(attempt.states.values())
        return Page(
            status,
            request.locale,
            Body(body),
            etag,
            max(0.0, min(lifetimes, default=0.0) - attempt.seconds),
            tags,
            states=attempt.states,
            position=attempt.position,
            degraded=degraded,
            edge=request.edge and _has_include(attempt, plan),
        )

    def _head(
        self,
        shell: Shell,
        locale: str,
        pieces: list[Piece],
        entries: list[Entry],
        later: Iterable[str],
    ) -> tuple[bytes, str]:
        """Head elements and ETag: functions of the fragments' contents alone, so remembered."""
        identity = (shell.digest, *(f"{region} {digest}" for region, digest, _ in pieces))
        known = self.heads.get(identity)
        if known is None:
            assets = dict.fromkeys(url for entry in entries for url in entry.assets)
            assets |= dict.fromkeys(later)
            head = render_head(
                (part for entry in entries for part in entry.head),
                (
                    url
                    for url in assets
                    if url.endswith(".css") and not self._assets.is_bundled(url)
                ),
                (url for url in assets if url.endswith(".js")),
                self._site.text(self._site.name, locale),
            )
            known = head, seal_digest(*identity)
            self.heads.put(identity, *known)
        return known

    def _defer(self, request: PageRequest, slot: Slot, subject: Subject) -> Deferred:
        """An ESI include, or a place that a script fills from the block's own address.

        Without the script it is a link to the same page with everything in it. The page has the
        block's own styles and scripts from the start.
        """
        placement, block_assets = slot.placement, self._fragments.assets_of(slot.block)
        address = fragment_address(placement.key, subject, request.page_number)
        if placement.deliver == "esi" and request.edge:
            html = Markup('<esi:include src="{}" onerror="continue"/>').format(FRAGMENTS + address)
            return Deferred(str(html).encode(), block_assets)
        html = Markup('<div class="{}" data-fragment="{}"><a href="{}">{}</a></div>').format(
            _placeholder_class(placement),
            FRAGMENTS + address,
            whole_page(subject, request.page_number),
            self._catalog.text("deferred_open", request.locale),
        )
        loader = self._assets.url(f"{SHELL}/{LOADER}")
        return Deferred(str(html).encode(), (*block_assets, loader))


def _has_include(attempt: Attempt, plan: Plan) -> bool:
    """Whether something of a page for an edge server is for that one to put in."""
    return any(
        slot.placement.deliver == "esi" and attempt.states.get(slot.placement.key) == "deferred"
        for slot in plan.slots
    )


def fragment_address(key: str, subject: Subject, page_number: int) -> str:
    """Where one placement of a page stands alone, below the root of such addresses."""
    return f"{key}{quote(subject.path.partition('?')[0])}{_query(subject, page_number)}"


def whole_page(subject: Subject, page_number: int) -> str:
    """The address of the same page with nothing left out."""
    query = _query(subject, page_number)
    return f"{quote(subject.path.partition('?')[0])}{query}{'&' if query else '?'}{WHOLE}=1"


def _query(subject: Subject, page_number: int) -> str:
    """What stands behind the path of a page: what is looked for, or its number."""
    if subject.search is not None:
        return queries.search_arguments(subject.search)
    return f"?page={page_number}" if page_number > 1 else ""


def _placeholder_class(placement: Placement) -> str:
    if placement.min_height is None:
        return "deferred"
    return f"deferred {min_height_class(placement.min_height)}"


def min_height_class(pixels: int) -> str:
    """The class that keeps space for a block that comes later; pages have no inline style."""
    return f"min-height-{pixels}"


def min_height_rules(heights: Iterable[int]) -> bytes:
    """The style rules behind these classes."""
    rules = (f".{min_height_class(px)}{{min-block-size:{px}px}}" for px in sorted(set(heights)))
    return "".join(rules).encode()
