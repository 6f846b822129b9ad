"""Asks readers whether an article helped them: a score from 1 to 5 and, if they like, a comment."""

from __future__ import annotations

from blocks.rating.routes import add_routes
from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Settings
from portal.content.values import Article


class RatingSettings(Settings):
    """What is asked, and what is shown of the answers."""

    question: dict[str, str] = {}
    """The question by language; empty uses “Thông tin này có hữu ích với bạn không?”."""
    comment: bool = True
    """Offer a field for a comment of at most 500 characters."""
    show_result: bool = True
    """Show the average once ten readers have voted."""


block = Block(
    "rating",
    __name__,
    settings=RatingSettings,
    needs={"article": Article},
    cache=CachePolicy(fresh="1d", stale="7d"),
)
add_routes(block)


@block.render
def render(ctx: BlockContext[RatingSettings]) -> dict[str, object]:
    """The form (Decree 224/2026/ND-CP Art. 10.3b); results never stand in a cached page."""
    article = ctx.article
    return {
        "question": ctx.site.text(ctx.settings.question, ctx.locale) or ctx.text("question"),
        "scores": [(score, ctx.text(f"score_{score}")) for score in range(1, 6)],
        "article_id": article.id,
        "action": "/-/blocks/rating/votes",
        "source": f"/-/blocks/rating/{article.id}.json",
        "organisation": ctx.site.text(ctx.site.organisation, ctx.locale),
    }
