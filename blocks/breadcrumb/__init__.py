"""The way from the home page down to the page being read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Settings
from portal.content import queries
from portal.content.values import Album
from portal.content.values import Article
from portal.content.values import Collection
from portal.content.values import Section
from portal.content.values import Video


class BreadcrumbSettings(Settings):
    """How far down the path goes."""

    show_current: bool = True
    """End with the page itself, which is not a link."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way; the last one is the page itself."""

    name: str
    path: str


LISTS = ("tag", "topic", "author", "archive")
PARENTS = {
    "gallery": "gallery",
    "album": "gallery",
    "videos": "video",
    "video": "video",
    "sitemap": "sitemap",
    "accessibility": "accessibility",
    "offline": "offline",
}
"""Which place a page of the system belongs to, by its type."""

block = Block(
    "breadcrumb",
    __name__,
    settings=BreadcrumbSettings,
    accepts={
        "section": Section,
        "article": Article,
        "collection": Collection,
        "album": Album,
        "video": Video,
        "place": str,
    },
    cache=CachePolicy(fresh="1d", stale="7d"),
)


@block.render
def render(ctx: BlockContext[BreadcrumbSettings]) -> dict[str, object] | None:
    """Home, the sections from the root, the page; nothing on the home page itself."""
    section, article = ctx.optional_section, ctx.optional_article
    home = Step(ctx.text("home"), queries.home_path(ctx.reader))
    steps = [home]
    if section is not None:
        steps += [Step(item.name, item.path) for item in (*section.ancestors, section.reference)]
    if article is not None:
        steps.append(Step(article.headline, article.path))
    if section is None and article is None:
        steps += _special(ctx)
    if len(steps) == 1:
        return None
    ctx.head.json_ld("BreadcrumbList", _structured(ctx, steps))
    return {"links": steps[:-1], "current": steps[-1] if ctx.settings.show_current else None}


def _special(ctx: BlockContext[BreadcrumbSettings]) -> list[Step]:
    """The way to a page that the system makes."""
    place = ctx.place
    shown = ctx.optional_collection if place in LISTS else None
    if shown is not None:
        return _archive(ctx, shown) if shown.kind == "archive" else [Step(shown.name, shown.path)]
    if place not in PARENTS:
        return []
    parent = Step(
        ctx.text(f"place_{PARENTS[place]}"), queries.place_path(ctx.reader, PARENTS[place])
    )
    album = ctx.optional_album if place == "album" else None
    video = ctx.optional_video if place == "video" else None
    return [parent, *(Step(item.title, item.path) for item in (album, video) if item is not None)]


def _archive(ctx: BlockContext[BreadcrumbSettings], shown: Collection) -> list[Step]:
    """All times, the year, the month, the day."""
    path = queries.place_path(ctx.reader, "archive")
    steps = [Step(ctx.text("place_archive"), path)]
    parts = shown.key.split("-") if shown.key else []
    for name, part in zip(("year", "month", "day"), parts, strict=False):
        path += f"{part}/"
        steps.append(Step(ctx.text(name, number=int(part)), path))
    return steps


def _structured(ctx: BlockContext[BreadcrumbSettings], steps: Sequence[Step]) -> str:
    """The steps as schema.org's BreadcrumbList, with absolute addresses."""
    return json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "BreadcrumbList",
            "itemListElement": [
                {
                    "@type": "ListItem",
                    "position": position,
                    "name": step.name,
                    "item": ctx.absolute(step.path),
                }
                for position, step in enumerate(steps, start=1)
            ],
        },
        ensure_ascii=False,
    )
