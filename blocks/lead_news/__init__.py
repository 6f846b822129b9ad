"""The hot news: what editors pinned, then the newest with lead and picture; the first one large."""

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


class LeadNewsSettings(Settings):
    """Where the stories come from, how many, and how they stand."""

    title: dict[str, str] = {}
    """Heading by language; empty uses “Tin nổi bật”."""
    show_title: bool = False
    """Show the heading; hidden it still names the block for screen readers."""
    limit: Annotated[int, Field(ge=1, le=12)] = 5
    """Stories in all, the large one included."""
    pins: bool = True
    """Begin with what editors pinned to the home page, or to the first of `sections`."""
    sections: tuple[SectionKey, ...] = ()
    """Slug paths of the sections to take from; empty takes from all."""
    exclude_sections: tuple[SectionKey, ...] = ()
    """Slug paths of sections to leave out, with everything below them; pins stay."""
    style: Literal["beside", "below"] = "beside"
    """The other stories beside the large one where there is room, or as cards below it."""
    ratio: Literal["16:9", "3:2", "4:3"] = "16:9"
    """Shape of the large picture."""
    show_lead: bool = True
    """Show the lead of the large story."""
    show_section: bool = True
    """Show the section's name above each headline."""
    show_date: bool = True
    """Show the day of publication."""


block = Block(
    "lead_news",
    __name__,
    settings=LeadNewsSettings,
    cache=CachePolicy(fresh="1h", stale="5m"),
    aliases=("Block_BanTin_HotNews", "HotNewsContent"),
)

Context = BlockContext[LeadNewsSettings]


@block.resolve
def resolve(ctx: Context) -> tuple[Group, ...]:
    """Pins, then the newest that fill a large card, then simply the newest."""
    settings, reader = ctx.settings, ctx.reader
    wanted = settings.limit + SLACK
    sections, exclude = settings.sections, settings.exclude_sections
    ids = (
        *(_pins(ctx) if settings.pins else ()),
        *queries.latest_with_lead(reader, wanted, sections=sections, exclude_sections=exclude),
        *queries.latest(reader, wanted, sections=sections, exclude_sections=exclude),
    )
    return (Group("lead_news", tuple(dict.fromkeys(ids)), settings.limit),)


def _pins(ctx: Context) -> tuple[int, ...]:
    sections = ctx.settings.sections
    if not sections:
        return queries.pins(ctx.reader, "home")
    section = queries.find_section(ctx.reader, sections[0])
    return queries.pins(ctx.reader, f"section:{section.id}") if section else ()


@block.render
def render(ctx: Context) -> dict[str, object] | None:
    """The chosen stories, the first apart; nothing where there are none."""
    settings = ctx.settings
    articles = queries.summaries(ctx.reader, ctx.chosen["lead_news"])
    if not articles:
        return None
    return {
        "heading_text": ctx.site.text(settings.title, ctx.locale) or ctx.text("title"),
        "first": articles[0],
        "others": articles[1:],
        "shape": settings.ratio.replace(":", "-"),
    }
