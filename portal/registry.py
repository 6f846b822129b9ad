"""Finds the installed blocks: the built-in ones and packages that offer one, by the same door."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from importlib.metadata import entry_points
from typing import Any
from typing import cast

from pydantic import BaseModel

from portal.block import Block
from portal.errors import BlockError
from portal.layouts import BlockSpec

ENTRY_POINT_GROUP = "portal.blocks"

BUILT_IN = (
    "accessibility_statement",
    "archive",
    "banners",
    "breadcrumb",
    "error_message",
    "feed_directory",
    "gallery",
    "language_switch",
    "latest",
    "lead_news",
    "links",
    "main_menu",
    "most_read",
    "news_list",
    "notices",
    "outage_banner",
    "rating",
    "related",
    "rich_text",
    "saved_articles",
    "search_box",
    "search_results",
    "section_box",
    "section_tabs",
    "site_footer",
    "site_header",
    "sitemap",
    "slideshow",
    "tag_cloud",
    "toolbar",
    "topic",
    "video",
    "viewdata",
    "visit_counter",
)

AnyBlock = Block[Any]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Installed:
    """A block and where it comes from: `built-in`, or the distribution that offers it."""

    block: AnyBlock
    origin: str


class Registry(Mapping[str, AnyBlock]):
    """The blocks of this installation by name. An installed block is used only when placed."""

    def __init__(self, found: Iterable[Installed], broken: Mapping[str, str] | None = None) -> None:
        self._installed: dict[str, Installed] = {}
        self.broken = dict(broken or {})
        names: dict[str, str] = {}
        for item in found:
            for name in (item.block.name, *item.block.aliases):
                if name in names:
                    raise BlockError(
                        f"two blocks are called {name!r}: one of {names[name]} and one of"
                        f" {item.origin}; uninstall one or disable it with PORTAL_BLOCKS_DISABLED"
                    )
                names[name] = item.origin
            self._installed[item.block.name] = item

    def __getitem__(self, name: str) -> AnyBlock:
        return self._installed[name].block

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._installed))

    def __len__(self) -> int:
        return len(self._installed)

    def origin(self, name: str) -> str:
        """Where the block `name` comes from."""
        return self._installed[name].origin

    def specifications(self) -> dict[str, BlockSpec]:
        """The blocks as the layout compiler sees them."""
        return {name: _specify(item) for name, item in sorted(self._installed.items())}


def find_blocks(disabled: Iterable[str] = ()) -> Registry:
    """Import every built-in block and every one that an installed package offers.

    A package that cannot be imported does not stop the start: a layout that uses it is refused
    with the reason, every other page keeps working. Raises `BlockError` for duplicate names and
    for a built-in block that is broken.
    """
    refused = set(disabled)
    found = [_import_built_in(name) for name in BUILT_IN if name not in refused]
    broken: dict[str, str] = {}
    for entry_point in entry_points(group=ENTRY_POINT_GROUP):
        if entry_point.name in refused:
            continue
        try:
            found.append(_load(entry_point))
        except Exception as problem:
            log.exception("block %s of %s cannot be loaded", entry_point.name, entry_point.value)
            broken[entry_point.name] = f"{type(problem).__name__}: {problem}"
    return Registry(found, broken)


def _import_built_in(name: str) -> Installed:
    module = importlib.import_module(f"blocks.{name}")
    return Installed(cast("AnyBlock", module.block), "built-in")


def _load(entry_point: EntryPoint) -> Installed:
    block = entry_point.load()
    origin = entry_point.dist.name if entry_point.dist else entry_point.value
    if not isinstance(block, Block):
        raise BlockError(
            f"{entry_point.value} of {origin} is a {type(block).__name__};"
            " the entry point must name a portal.block.Block"
        )
    if block.name != entry_point.name:
        raise BlockError(
            f"{origin} offers block {block.name!r} under the entry point {entry_point.name!r};"
            " both names must be equal"
        )
    return Installed(block, origin)


def _specify(item: Installed) -> BlockSpec:
    block = item.block
    listed = frozenset({"exclude"}) if block.resolver else frozenset()
    shown = frozenset({"shown"}) if block.resolver else frozenset()
    return BlockSpec(
        name=block.name,
        settings=cast("type[BaseModel]", block.settings),
        needs=frozenset(block.needs),
        aliases=block.aliases,
        version=block.version,
        migrations=dict(block.migrations),
        inputs=listed,
        outputs=shown,
        headline=block.headline,
        summary=block.summary,
        origin=item.origin,
    )
