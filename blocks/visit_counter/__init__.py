"""How many pages readers opened today, this week, this month and in all."""

from __future__ import annotations

from blocks.visit_counter.routes import add_routes
from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Settings


class VisitCounterSettings(Settings):
    """How the numbers are headed."""

    title: dict[str, str] = {}
    """Heading by language; empty uses “Lượt truy cập”."""


block = Block(
    "visit_counter",
    __name__,
    settings=VisitCounterSettings,
    cache=CachePolicy(fresh="1d", stale="7d"),
)
add_routes(block)

SPANS = ("today", "week", "month", "total")


@block.render
def render(ctx: BlockContext[VisitCounterSettings]) -> dict[str, object]:
    """The frame alone: the numbers never stand in a cached page."""
    return {
        "heading_text": ctx.site.text(ctx.settings.title, ctx.locale) or ctx.text("title"),
        "spans": [(span, ctx.text(f"span_{span}")) for span in SPANS],
        "source": "/-/blocks/visit_counter/totals.json",
    }
