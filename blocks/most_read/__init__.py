"""What readers read most in the last days; no trace until there is something to show."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Group
from portal.block import Settings
from portal.content import queries

SLACK = 24
"""More candidates than asked for, because earlier blocks may show some of them already."""


class MostReadSettings(Settings):
    """Over how long it is counted, and how many are shown."""

    title: dict[str, str] = {}
    """Heading by language; empty uses “Đọc nhiều”."""
    days: Annotated[int, Field(ge=1, le=365)] = 7
    """Days that are counted; today is one of them."""
    limit: Annotated[int, Field(ge=1, le=20)] = 5
    """Most articles shown."""
    least: Annotated[int, Field(ge=1, le=20)] = 3
    """Fewest articles worth a list; with fewer nothing is shown."""
    minimum_views: Annotated[int, Field(ge=1)] = 20
    """Readings an article needs, so that a few clicks make no ranking."""
    show_image: bool = False
    """Show small pictures."""
    show_date: bool = False
    """Show days of publication."""


block = Block(
    "most_read",
    __name__,
    settings=MostReadSettings,
    # Readers, not editors, change the order: only time renews it.
    cache=CachePolicy(fresh="10m", stale="1h"),
    aliases=("Block_BanTin_MostRead", "MostViewNews"),
)

Context = BlockContext[MostReadSettings]


@block.resolve
def resolve(ctx: Context) -> tuple[Group, ...]:
    """The most read ones, with slack for those that stand elsewhere on the page."""
    settings = ctx.settings
    ids = queries.most_read(
        ctx.reader, settings.days, settings.limit + SLACK, settings.minimum_views
    )
    return (Group("most_read", ids, settings.limit),)


@block.render
def render(ctx: Context) -> dict[str, object] | None:
    """The chosen articles in their order; nothing where they are too few."""
    settings = ctx.settings
    articles = queries.summaries(ctx.reader, ctx.chosen["most_read"])
    if len(articles) < min(settings.least, settings.limit):
        return None
    return {
        "heading_text": ctx.site.text(settings.title, ctx.locale) or ctx.text("title"),
        "articles": articles,
    }
