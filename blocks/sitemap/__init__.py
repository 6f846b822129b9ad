"""Every section and page of the site as one tree of links."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated
from typing import Literal

from pydantic import Field

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Settings
from portal.block import vi_sort_key
from portal.content import queries
from portal.content.values import Section
from portal.content.values import TermCount
from portal.content.values import Translation

Part = Literal["sections", "pages", "topics", "tags", "authors", "services"]
SERVICES = ("archive", "gallery", "video", "accessibility", "offline")


class SitemapSettings(Settings):
    """What the tree shows."""

    headline: bool = True
    """Show “Sơ đồ trang” as the page's title."""
    show: tuple[Part, ...] = ("sections", "pages", "topics", "authors", "services")
    """Parts, in this order."""
    topics: Annotated[int, Field(ge=1, le=200)] = 30
    """Most topics shown, that with the newest article first."""
    tags: Annotated[int, Field(ge=1, le=500)] = 60
    """Most tags shown: the commonest, in the order of the alphabet."""
    authors: Annotated[int, Field(ge=1, le=500)] = 60
    """Most authors shown: those of most articles, in the order of the alphabet."""


block = Block(
    "sitemap",
    __name__,
    settings=SitemapSettings,
    needs={"translations": tuple[Translation, ...]},
    cache=CachePolicy(fresh="1h", stale="1d"),
    headline=lambda settings: settings.headline,
)

Context = BlockContext[SitemapSettings]


@dataclass(frozen=True, slots=True)
class Node:
    """A link and what stands below it."""

    name: str
    path: str
    inside: tuple[Node, ...] = ()


@block.render
def render(ctx: Context) -> dict[str, object] | None:
    """Circular 32/2017/TT-BTTTT Art. 16.4b: the whole structure, made from what there is."""
    if ctx.settings.headline:
        ctx.describe_page(
            title=ctx.text("title"),
            description=ctx.text("description"),
            path=queries.place_path(ctx.reader, "sitemap"),
            schema="WebPage",
        )
    makers = {
        "sections": _sections,
        "pages": _pages,
        "topics": _topics,
        "tags": _tags,
        "authors": _authors,
        "services": _services,
    }
    parts = [(ctx.text(f"part_{part}"), part, makers[part](ctx)) for part in ctx.settings.show]
    parts = [part for part in parts if part[2]]
    return {"parts": parts} if parts or ctx.settings.headline else None


def _sections(ctx: Context) -> tuple[Node, ...]:
    children: dict[int | None, list[Section]] = {}
    for section in queries.section_tree(ctx.reader):
        children.setdefault(section.parent_id, []).append(section)

    def below(parent: int | None) -> tuple[Node, ...]:
        return tuple(
            Node(item.name, item.path, below(item.id)) for item in children.get(parent, ())
        )

    return below(None)


def _pages(ctx: Context) -> tuple[Node, ...]:
    found = sorted(queries.list_pages(ctx.reader), key=lambda page: vi_sort_key(page.headline))
    return tuple(Node(page.headline, page.path) for page in found)


def _topics(ctx: Context) -> tuple[Node, ...]:
    found = queries.popular_topics(ctx.reader, ctx.settings.topics)
    return tuple(Node(topic.name, topic.path) for topic in found)


def _tags(ctx: Context) -> tuple[Node, ...]:
    return _in_order(queries.popular_tags(ctx.reader, ctx.settings.tags))


def _authors(ctx: Context) -> tuple[Node, ...]:
    return _in_order(queries.popular_authors(ctx.reader, ctx.settings.authors))


def _in_order(terms: Iterable[TermCount]) -> tuple[Node, ...]:
    ordered = sorted(terms, key=lambda term: vi_sort_key(term.name))
    return tuple(Node(term.name, term.path) for term in ordered)


def _services(ctx: Context) -> tuple[Node, ...]:
    home = Node(ctx.text("service_home"), queries.home_path(ctx.reader))
    places = (
        Node(ctx.text(f"service_{place}"), queries.place_path(ctx.reader, place))
        for place in SERVICES
    )
    return (home, *places)
