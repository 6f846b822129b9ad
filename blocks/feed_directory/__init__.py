"""The site's feeds: of everything, of sections, of running stories and of tags."""

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

Part = Literal["site", "sections", "topics", "tags"]
Format = Literal["rss", "atom", "json"]

FILES = {"rss": "feed.xml", "atom": "feed.atom", "json": "feed.json"}
TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}


class FeedDirectorySettings(Settings):
    """Which feeds are listed."""

    title: dict[str, str] = {}
    """Heading by language; empty uses “Nguồn tin (RSS)”."""
    show: tuple[Part, ...] = ("site", "sections", "topics")
    """Kinds of feeds, in this order."""
    formats: Annotated[tuple[Format, ...], Field(min_length=1)] = ("rss",)
    """Formats linked for each feed."""
    subsections: bool = False
    """List sections below the first level too."""
    limit: Annotated[int, Field(ge=1, le=100)] = 12
    """Most topics and most tags listed."""


block = Block(
    "feed_directory",
    __name__,
    settings=FeedDirectorySettings,
    cache=CachePolicy(fresh="1h", stale="1d"),
)

Context = BlockContext[FeedDirectorySettings]


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed is of, and the page that shows the same."""

    name: str
    path: str


@block.render
def render(ctx: Context) -> dict[str, object]:
    """Feeds by kind; a kind without any is left out."""
    parts = [
        (ctx.text(f"part_{part}"), part, list(_feeds(ctx, part))) for part in ctx.settings.show
    ]
    return {
        "heading_text": ctx.site.text(ctx.settings.title, ctx.locale) or ctx.text("title"),
        "parts": [part for part in parts if part[2]],
        "formats": [
            (ctx.text(f"format_{name}"), FILES[name], TYPES[name]) for name in ctx.settings.formats
        ],
    }


def _feeds(ctx: Context, part: Part) -> Iterable[Feed]:
    reader, settings = ctx.reader, ctx.settings
    if part == "site":
        return [Feed(ctx.text("everything"), queries.home_path(reader))]
    if part == "sections":
        return [
            Feed(section.name, section.path)
            for section in queries.section_tree(reader)
            if settings.subsections or not section.ancestors
        ]
    if part == "topics":
        found = queries.popular_topics(reader, settings.limit)
    else:
        tags = queries.popular_tags(reader, settings.limit)
        found = tuple(sorted(tags, key=lambda term: vi_sort_key(term.name)))
    return [Feed(term.name, term.path) for term in found]
