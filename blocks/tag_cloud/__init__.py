"""The tags that articles carry most, as links to their lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from typing import Literal

from pydantic import Field

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Settings
from portal.block import vi_sort_key
from portal.content import queries
from portal.content.values import TermCount

WEIGHTS = 4


class TagCloudSettings(Settings):
    """Which tags are shown, and how."""

    title: dict[str, str] = {}
    """Heading by language; empty uses “Từ khóa nổi bật”."""
    limit: Annotated[int, Field(ge=1, le=100)] = 24
    """Most tags shown."""
    min_articles: Annotated[int, Field(ge=1, le=1000)] = 1
    """Tags of fewer articles are left out."""
    order: Literal["name", "count"] = "name"
    """By the alphabet of the language, or the commonest first."""
    show_counts: bool = False
    """Say how many articles carry each tag."""


block = Block(
    "tag_cloud",
    __name__,
    settings=TagCloudSettings,
    cache=CachePolicy(fresh="1h", stale="1d"),
)


@dataclass(frozen=True, slots=True)
class Weighted:
    """A tag and how large it is written: 1 is the smallest."""

    term: TermCount
    weight: int


@block.render
def render(ctx: BlockContext[TagCloudSettings]) -> dict[str, object] | None:
    """The commonest tags; nothing where none is common enough."""
    settings = ctx.settings
    found = [
        term
        for term in queries.popular_tags(ctx.reader, settings.limit)
        if term.count >= settings.min_articles
    ]
    if not found:
        return None
    most = max(term.count for term in found)
    if settings.order == "name":
        found.sort(key=lambda term: vi_sort_key(term.name))
    return {
        "heading_text": ctx.site.text(settings.title, ctx.locale) or ctx.text("title"),
        "tags": [Weighted(term, 1 + (WEIGHTS - 1) * term.count // most) for term in found],
    }
