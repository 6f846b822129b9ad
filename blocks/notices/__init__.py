"""Short notices: those of the settings with their urgency and times, then those of a section."""

from __future__ import annotations

from typing import Annotated
from typing import Literal

from pydantic import Field

from portal.block import Address
from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Duration
from portal.block import Group
from portal.block import LocalTime
from portal.block import Settings
from portal.block import Words
from portal.content import queries

SLACK = 12
"""More candidates than asked for, because earlier blocks may show some of them already."""

SectionKey = Annotated[str, Field(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)*$")]

Severity = Literal["urgent", "important", "info"]
SEVERITIES: tuple[Severity, ...] = ("urgent", "important", "info")


class Notice(Settings):
    """A notice written in the layout."""

    text: Words
    """What readers must know, by language."""
    severity: Severity = "info"
    """Urgent ones come first; the word stands beside the text, not colour alone."""
    starts: LocalTime | None = None
    """When it appears; none shows it at once."""
    ends: LocalTime | None = None
    """When it disappears; none keeps it."""
    url: Address | None = None
    """Where readers find more."""


class NoticesSettings(Settings):
    """Which notices are shown."""

    title: dict[str, str] = {}
    """Heading by language; empty uses “Thông báo”."""
    items: tuple[Notice, ...] = ()
    """Notices written here: `text`, `severity`, `starts`, `ends`, `url`."""
    section: SectionKey | None = None
    """Slug path of the section whose articles follow; none shows `items` alone."""
    limit: Annotated[int, Field(ge=1, le=20)] = 6
    """Most articles of the section."""
    new_for: Duration | None = None
    """How long an article is marked as new, such as `3d`; none marks none."""
    show_date: bool = True
    """Show days of publication."""
    more_link: bool = True
    """End with a link to all notices of the section."""


block = Block(
    "notices",
    __name__,
    settings=NoticesSettings,
    cache=CachePolicy(fresh="1h", stale="5m"),
    aliases=("Block_BanTin_ThongBao",),
)

Context = BlockContext[NoticesSettings]


@block.resolve
def resolve(ctx: Context) -> tuple[Group, ...]:
    """The section's newest; articles leave by themselves when they expire."""
    settings = ctx.settings
    if settings.section is None:
        return (Group("notices", (), 0),)
    ids = queries.latest(ctx.reader, settings.limit + SLACK, sections=(settings.section,))
    return (Group("notices", ids, settings.limit),)


@block.render
def render(ctx: Context) -> dict[str, object] | None:
    """The notices that are in force now; nothing where there are none."""
    settings = ctx.settings
    items = [item for item in settings.items if _in_force(ctx, item)]
    articles = queries.summaries(ctx.reader, ctx.chosen["notices"])
    if not items and not articles:
        return None
    section = queries.find_section(ctx.reader, settings.section) if settings.section else None
    return {
        "heading_text": ctx.site.text(settings.title, ctx.locale) or ctx.text("title"),
        "items": sorted(items, key=lambda item: SEVERITIES.index(item.severity)),
        "articles": articles,
        "new": {
            article.id
            for article in articles
            if settings.new_for is not None
            and not ctx.clock.has_passed(article.published.at + settings.new_for)
        },
        "section": section if settings.more_link else None,
    }


def _in_force(ctx: Context, item: Notice) -> bool:
    """Whether its time has come and is not over; both change the block at that second."""
    if item.starts is not None and not ctx.clock.has_passed(item.starts):
        return False
    return item.ends is None or not ctx.clock.has_passed(item.ends)
