"""Two to four sections in one place: tabs where scripts run, headed lists where they do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Group
from portal.block import Settings
from portal.content import queries
from portal.content.values import ArticleSummary
from portal.content.values import Section

SLACK = 12
"""More candidates than asked for, because earlier blocks may show some of them already."""

SectionKey = Annotated[str, Field(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)*$")]


class SectionTabsSettings(Settings):
    """Which sections are shown, and how many articles of each."""

    title: dict[str, str] = {}
    """Heading by language; empty uses “Theo chuyên mục”."""
    sections: Annotated[tuple[SectionKey, ...], Field(max_length=4)] = ()
    """Slug paths of two to four sections, in the order of the tabs."""
    limit: Annotated[int, Field(ge=1, le=6)] = 4
    """Most articles of a section."""
    show_image: bool = True
    """Show pictures; an article without one becomes a text card."""
    show_date: bool = True
    """Show days of publication."""
    more_link: bool = True
    """End each list with a link to all articles of its section."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A section with what is shown of it."""

    section: Section
    articles: tuple[ArticleSummary, ...]


block = Block(
    "section_tabs",
    __name__,
    settings=SectionTabsSettings,
    cache=CachePolicy(fresh="1h", stale="5m"),
    aliases=("Block_BanTin_SectionTabs", "ModeNewsContent"),
)

Context = BlockContext[SectionTabsSettings]


@block.resolve
def resolve(ctx: Context) -> tuple[Group, ...]:
    """A group of candidates for each section; an article of two sections stays in the first."""
    limit = ctx.settings.limit
    return tuple(
        Group(key, queries.latest(ctx.reader, limit + SLACK, sections=(key,)), limit)
        for key in dict.fromkeys(ctx.settings.sections)
    )


@block.render
def render(ctx: Context) -> dict[str, object] | None:
    """The sections that have articles; nothing where none has."""
    tabs = []
    for key in dict.fromkeys(ctx.settings.sections):
        section = queries.find_section(ctx.reader, key)
        articles = queries.summaries(ctx.reader, ctx.chosen[key])
        if section is not None and articles:
            tabs.append(Tab(section, articles))
    if not tabs:
        return None
    return {
        "heading_text": ctx.site.text(ctx.settings.title, ctx.locale) or ctx.text("title"),
        "tabs": tabs,
    }
