"""Stories told by their pictures, side by side; the reader moves them, never the page."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Group
from portal.block import Settings
from portal.content import queries

SLACK = 60
"""More candidates than asked for: earlier blocks may show some, others may have lost a picture."""

SectionKey = Annotated[str, Field(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)*$")]


class SlideshowSettings(Settings):
    """Where the stories come from, and how many."""

    title: dict[str, str] = {}
    """Heading by language; empty uses “Câu chuyện qua ảnh”."""
    limit: Annotated[int, Field(ge=1, le=12)] = 6
    """Most pictures."""
    sections: tuple[SectionKey, ...] = ()
    """Slug paths of the sections to take from; empty takes from all."""
    exclude_sections: tuple[SectionKey, ...] = ()
    """Slug paths of sections to leave out, with everything below them."""
    show_lead: bool = False
    """Show the lead below each headline."""
    show_date: bool = True
    """Show days of publication."""


block = Block(
    "slideshow",
    __name__,
    settings=SlideshowSettings,
    cache=CachePolicy(fresh="1h", stale="1d"),
    aliases=("Block_BanTin_SlideShow", "SlideShowHome"),
)

Context = BlockContext[SlideshowSettings]


@block.resolve
def resolve(ctx: Context) -> tuple[Group, ...]:
    """The newest with a lead and a picture."""
    settings = ctx.settings
    ids = queries.latest_with_lead(
        ctx.reader,
        settings.limit + SLACK,
        sections=settings.sections,
        exclude_sections=settings.exclude_sections,
    )
    return (Group("slideshow", ids, settings.limit),)


@block.render
def render(ctx: Context) -> dict[str, object] | None:
    """The chosen stories that have a picture file; nothing where none has."""
    articles = [
        article
        for article in queries.summaries(ctx.reader, ctx.chosen["slideshow"])
        if article.image and article.image.renditions
    ]
    if not articles:
        return None
    return {
        "heading_text": ctx.site.text(ctx.settings.title, ctx.locale) or ctx.text("title"),
        "articles": articles,
    }
