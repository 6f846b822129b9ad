"""The site's main menu: sections, static pages and addresses, up to three levels deep."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import MenuItem
from portal.block import Settings
from portal.content import queries
from portal.content.values import Section


class MainMenuSettings(Settings):
    """Which menu is shown, and how deep."""

    menu: str = "main"
    """Name of a menu of `site.yaml`."""
    depth: Annotated[int, Field(ge=1, le=3)] = 3
    """Levels that are shown."""
    home: bool = True
    """Begin with a link to the home page."""
    label: dict[str, str] = {}
    """Name of this navigation by locale; needed only where a page has two menus."""


@dataclass(frozen=True, slots=True)
class Link:
    """A menu entry as it is shown. Without `path` it only opens what is below it.

    `current` marks the section being read, `around` the entries above it.
    """

    title: str
    path: str | None
    current: bool
    around: bool
    links: tuple[Link, ...]


block = Block(
    "main_menu",
    __name__,
    settings=MainMenuSettings,
    accepts={"section": Section},
    cache=CachePolicy(fresh="1h", stale="1d"),
)


@block.render
def render(ctx: BlockContext[MainMenuSettings]) -> dict[str, object] | None:
    """The entries that lead somewhere in the reader's language; a menu without any is nothing."""
    section = ctx.optional_section
    items = ctx.site.menus.get(ctx.settings.menu, ())
    menu = Menu(ctx, items, section.key if section is not None else None)
    links = menu.links(items, ctx.settings.depth)
    if not links:
        return None
    label = ctx.site.text(ctx.settings.label, ctx.locale) or ctx.text("label")
    return {
        "links": links,
        "label": label,
        "home": queries.home_path(ctx.reader) if ctx.settings.home else None,
    }


class Menu:
    """Turns the entries of `site.yaml` into links of the reader's language."""

    def __init__(
        self,
        ctx: BlockContext[MainMenuSettings],
        items: Iterable[MenuItem],
        current: str | None,
    ) -> None:
        self._ctx = ctx
        self._current = current
        self._pages = queries.page_paths(ctx.reader, _pages(items))

    def links(self, items: Iterable[MenuItem], depth: int) -> tuple[Link, ...]:
        """The entries of one level; one that leads nowhere and opens nothing is left out."""
        made = (self._link(item, depth) for item in items)
        return tuple(link for link in made if link.path is not None or link.links)

    def _link(self, item: MenuItem, depth: int) -> Link:
        below = self.links(item.items, depth - 1) if depth > 1 else ()
        return Link(
            title=self._ctx.site.text(item.title, self._ctx.locale),
            path=self._path(item),
            current=item.section is not None and item.section == self._current,
            around=any(link.current or link.around for link in below) or self._holds(item),
            links=below,
        )

    def _holds(self, item: MenuItem) -> bool:
        """Whether the section being read lies below the section of this entry."""
        if item.section is None or self._current is None:
            return False
        return self._current.startswith(item.section + "/")

    def _path(self, item: MenuItem) -> str | None:
        """Where the entry leads; none when its section or page is not there in this language."""
        if item.section is not None:
            section = queries.find_section(self._ctx.reader, item.section)
            return section.path if section is not None else None
        if item.page is not None:
            return self._pages.get(item.page)
        return item.url


def _pages(items: Iterable[MenuItem]) -> Iterator[str]:
    """Every static page that the menu names, at any depth."""
    for item in items:
        if item.page is not None:
            yield item.page
        yield from _pages(item.items)
