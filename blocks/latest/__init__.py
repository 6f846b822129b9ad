"""The newest articles of the site or of some sections, without what the page already shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from typing import Literal

from pydantic import Field

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Duration
from portal.block import Group
from portal.block import Settings
from portal.content import queries
from portal.content.values import ArticleSummary

SLACK = 24
"""More candidates than asked for, because earlier blocks may show some of them already."""


SectionKeys = tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)*$")], ...]


class LatestSettings(Settings):
    """Which articles are listed, how many, and how."""

    title: dict[str, str] = {}
    """Heading by language; empty uses “Tin mới”."""
    limit: Annotated[int, Field(ge=1, le=30)] = 6
    """Most articles shown."""
    sections: SectionKeys = ()
    """Slug paths of the sections to take from; empty takes from all."""
    exclude_sections: SectionKeys = ()
    """Slug paths of sections to leave out, with everything below them."""
    include_subsections: bool = True
    """Whether `sections` stand for everything below them too."""
    max_age: Duration | None = None
    """Oldest article shown, as a duration such as `30d`; none shows any."""
    layout: Literal["headlines", "list", "cards", "lead"] = "headlines"
    """Headlines alone, rows with pictures, cards, or the first one large and the rest as cards."""
    show_date: bool = True
    """Show the day of publication."""
    show_image: bool = True
    """Show pictures, in layouts that have them; an article without one becomes a text card."""
    show_lead: bool = False
    """Show the lead, in layouts with room for it."""
    show_section: bool = False
    """Show the section's name on cards and rows."""
    more_link: bool = False
    """Link to all articles of the first of `sections`."""


block = Block(
    "latest",
    __name__,
    settings=LatestSettings,
    cache=CachePolicy(fresh="10m", stale="1h"),
    aliases=("Block_BanTin_TinMoi",),
)

Context = BlockContext[LatestSettings]


@block.resolve
def resolve(ctx: Context) -> tuple[Group, ...]:
    """The newest ids, with slack for those that stand elsewhere on the page."""
    settings = ctx.settings
    ids = queries.latest(
        ctx.reader,
        settings.limit + SLACK,
        sections=settings.sections,
        exclude_sections=settings.exclude_sections,
        include_subsections=settings.include_subsections,
    )
    if settings.max_age is not None:
        ids = _young(ctx, ids, settings.max_age)
    return (Group("latest", ids, settings.limit),)


def _young(ctx: Context, ids: tuple[int, ...], max_age: timedelta) -> tuple[int, ...]:
    return tuple(
        article.id
        for article in queries.summaries(ctx.reader, ids)
        if not ctx.clock.has_passed(article.published.at + max_age)
    )


@block.render
def render(ctx: Context) -> dict[str, object] | None:
    """The chosen articles as links; nothing where there are none."""
    settings = ctx.settings
    articles = queries.summaries(ctx.reader, ctx.chosen["latest"])
    if not articles:
        return None
    first_large: tuple[ArticleSummary, ...] = articles[:1] if settings.layout == "lead" else ()
    return {
        "heading_text": ctx.site.text(settings.title, ctx.locale) or ctx.text("title"),
        "first_large": first_large,
        "articles": articles[len(first_large) :],
        "section": _section(ctx),
        "card_options": {
            "show_image": settings.show_image,
            "show_lead": settings.show_lead,
            "show_section": settings.show_section,
            "show_date": settings.show_date,
        },
    }


def _section(ctx: Context) -> object:
    """The section whose list continues this one."""
    settings = ctx.settings
    if not settings.more_link or not settings.sections:
        return None
    return queries.find_section(ctx.reader, settings.sections[0])
