"""The search form; it works without scripts, and offers titles and tags while one types."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from blocks.search_box.routes import add_routes
from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Settings
from portal.content import queries
from portal.content.values import SearchQuery


class SearchBoxSettings(Settings):
    """What the form searches and how it helps."""

    label: dict[str, str] = {}
    """Visible label by language; empty uses the block's own."""
    placeholder: dict[str, str] = {}
    """Example in the empty field, by language; without one a hidden label stands there."""
    section: Annotated[str, Field(pattern=r"^([a-z0-9-]+(/[a-z0-9-]+)*)?$")] = ""
    """Slug path of the only section to search; empty searches everything."""
    suggestions: bool = True
    """Offer titles and tags while one types, where scripts run."""
    hide_label: bool = False
    """Leave the label to screen readers; it stands in the empty field instead."""


block = Block(
    "search_box",
    __name__,
    settings=SearchBoxSettings,
    accepts={"search": SearchQuery},
    cache=CachePolicy(fresh="1d", stale="1d"),
    aliases=("Block_TimKiem",),
)
add_routes(block)


@block.render
def render(ctx: BlockContext[SearchBoxSettings]) -> dict[str, object]:
    """The form; on a page of results it holds what was looked for."""
    settings = ctx.settings
    label = ctx.site.text(settings.label, ctx.locale) or ctx.text("label")
    example = ctx.site.text(settings.placeholder, ctx.locale)
    return {
        "address": queries.search_path(ctx.reader, SearchQuery()),
        "typed": ctx.search.text,
        "label": label,
        # On a narrow screen the button is a picture only: some word has to say what this is.
        "placeholder": example or (label if settings.hide_label else ""),
    }
