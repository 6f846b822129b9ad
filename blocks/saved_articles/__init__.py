"""The articles that the reader keeps on this device for reading without a network."""

from __future__ import annotations

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Settings
from portal.content import queries
from portal.content.values import Translation


class SavedArticlesSettings(Settings):
    """How the list is headed."""

    headline: bool = True
    """Show “Bài đã lưu” as the page's title."""


block = Block(
    "saved_articles",
    __name__,
    settings=SavedArticlesSettings,
    needs={"translations": tuple[Translation, ...]},
    cache=CachePolicy(fresh="1d", stale="7d"),
    headline=lambda settings: settings.headline,
)


@block.render
def render(ctx: BlockContext[SavedArticlesSettings]) -> dict[str, object]:
    """The frame: what is saved is known to the reader's browser alone."""
    if ctx.settings.headline:
        ctx.describe_page(
            title=ctx.text("title"),
            description=ctx.text("description"),
            path=queries.place_path(ctx.reader, "offline"),
            schema="WebPage",
        )
        ctx.head.only_meta("robots", "noindex")
    return {}
