"""One section: its newest article large, more headlines beside it, and the way to all of them."""

from __future__ import annotations

from typing import Annotated
from typing import Literal

from pydantic import Field

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Group
from portal.block import Settings
from portal.content import queries

SLACK = 16
"""More candidates than asked for, because earlier blocks may show some of them already."""

SectionKey = Annotated[str, Field(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)*$")]


class SectionBoxSettings(Settings):
    """Which section is shown, and how."""

    section: SectionKey | None = None
    """Slug path of the section; none shows nothing."""
    title: dict[str, str] = {}
    """Heading by language; empty uses the section's name."""
    limit: Annotated[int, Field(ge=0, le=12)] = 4
    """Headlines beside the large article."""
    include_subsections: bool = True
    """Take from the sections below it too."""
    style: Literal["beside", "below", "cards"] = "beside"
    """Headlines beside the large article, below it, or every article as a card of the same size."""
    show_lead: bool = True
    """Show the lead of the large article."""
    show_date: bool = True
    """Show days of publication."""
    more_link: bool = True
    """End with a link to all articles of the section."""


block = Block(
    "section_box",
    __name__,
    settings=SectionBoxSettings,
    cache=CachePolicy(fresh="1h", stale="5m"),
    aliases=("Block_BanTin_SectionBox", "LeftNewsContent"),
)

Context = BlockContext[SectionBoxSettings]


@block.resolve
def resolve(ctx: Context) -> tuple[Group, ...]:
    """The newest of the section, with slack for those that stand elsewhere on the page."""
    settings = ctx.settings
    if settings.section is None:
        return (Group("section_box", (), 0),)
    ids = queries.latest(
        ctx.reader,
        settings.limit + 1 + SLACK,
        sections=(settings.section,),
        include_subsections=settings.include_subsections,
    )
    return (Group("section_box", ids, settings.limit + 1),)


@block.render
def render(ctx: Context) -> dict[str, object] | None:
    """The section's articles; nothing for a section that is empty or does not exist."""
    settings = ctx.settings
    if settings.section is None:
        return None
    section = queries.find_section(ctx.reader, settings.section)
    articles = queries.summaries(ctx.reader, ctx.chosen["section_box"])
    if section is None or not articles:
        return None
    return {
        "heading_text": ctx.site.text(settings.title, ctx.locale) or section.name,
        "section": section,
        "articles": articles,
    }
