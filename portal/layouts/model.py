"""What the layout language compiles to: frozen plans, and what it must know of blocks and pages."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel

from portal.layouts.conditions import Condition

Deliver = Literal["inline", "esi", "fetch", "stream"]
Failure = Literal["hide", "last_good"]


@dataclass(frozen=True, slots=True)
class PageType:
    """A kind of page: the context it offers to blocks, and whether it must have one `h1`.

    A site may do without an `optional` kind: where it has no layout for one, its addresses lead
    nowhere.
    """

    name: str
    provides: frozenset[str]
    optional: bool = False
    """A site may do without a layout for it; its addresses then lead nowhere."""


PAGE_TYPES: Mapping[str, PageType] = {
    page_type.name: page_type
    for page_type in (
        PageType("home", frozenset({"translations"})),
        PageType("section", frozenset({"collection", "section", "page_number", "translations"})),
        PageType("article", frozenset({"article", "section", "translations"})),
        PageType("print", frozenset({"article", "section", "translations"})),
        PageType("page", frozenset({"article", "translations"})),
        *(
            PageType(
                name,
                frozenset({"collection", "place", "page_number", "translations"}),
                optional=True,
            )
            for name in ("tag", "topic", "author", "archive")
        ),
        PageType("gallery", frozenset({"place", "page_number", "translations"}), optional=True),
        PageType("album", frozenset({"album", "place", "translations"}), optional=True),
        PageType("videos", frozenset({"place", "page_number", "translations"}), optional=True),
        PageType("video", frozenset({"video", "place", "translations"}), optional=True),
        PageType("sitemap", frozenset({"place", "translations"}), optional=True),
        PageType("accessibility", frozenset({"place", "translations"}), optional=True),
        PageType("offline", frozenset({"place", "translations"}), optional=True),
        PageType("search", frozenset({"search", "translations"}), optional=True),
        PageType("error", frozenset({"failure"})),
    )
}


@dataclass(frozen=True, slots=True)
class BlockSpec:
    """A block as the layout compiler sees it; the registry makes one of each installed block."""

    name: str
    settings: type[BaseModel]
    needs: frozenset[str] = frozenset()
    aliases: tuple[str, ...] = ()
    version: int = 1
    migrations: Mapping[int, Callable[[dict[str, object]], dict[str, object]]] = field(
        default_factory=dict
    )
    inputs: frozenset[str] = frozenset()
    outputs: frozenset[str] = frozenset()
    headline: Callable[[BaseModel], bool] = lambda settings: False
    summary: str = ""
    origin: str = "built-in"


@dataclass(frozen=True, slots=True)
class CacheOverride:
    """What a placement says about its caching; `None` leaves the block's own policy."""

    fresh: timedelta | None = None
    stale: timedelta | None = None
    off: bool = False


@dataclass(frozen=True, slots=True)
class OnError:
    """What readers see when a block fails: its last good copy for a while, then nothing."""

    use: Failure = "last_good"
    last_good_for: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Binding:
    """`bind: {exclude: lead.shown}`: an input of this placement takes another one's output."""

    input: str
    placement: str
    output: str


@dataclass(frozen=True, slots=True)
class Placement:
    """A block at a place. `key` is stable across inheritance and prefixes every id in its HTML."""

    key: str
    block: str
    region: str
    settings: BaseModel
    required: bool = False
    on_error: OnError = OnError()
    budget: timedelta | None = None
    deliver: Deliver = "inline"
    min_height: int | None = None
    cache: CacheOverride = CacheOverride()
    dedupe: bool = True
    bind: tuple[Binding, ...] = ()
    show: Condition | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """A compiled layout file: regions in template order, placements in reading order."""

    name: str
    page_type: str
    title: Mapping[str, str]
    template: str
    regions: Mapping[str, tuple[Placement, ...]]
    sections: tuple[str, ...] = ()

    @property
    def placements(self) -> tuple[Placement, ...]:
        """All placements in document order."""
        return tuple(placement for region in self.regions.values() for placement in region)
