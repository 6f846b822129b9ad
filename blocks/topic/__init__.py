"""A running story as a timeline: one that the layout names, or the one of the page's article."""

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
from portal.content.values import Article
from portal.content.values import Term

SLACK = 16
"""More candidates than asked for, because earlier blocks may show some of them already."""


class TopicSettings(Settings):
    """Which story is told, and in which order."""

    topic: Annotated[str, Field(pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$")] = ""
    """Slug of the topic; empty takes the topic of the page's article."""
    title: dict[str, str] = {}
    """Heading by language; empty uses “Theo dòng sự kiện: ” and the topic's name."""
    limit: Annotated[int, Field(ge=1, le=30)] = 5
    """Most articles shown."""
    least: Annotated[int, Field(ge=1, le=10)] = 1
    """Fewest articles worth a timeline; with fewer nothing is shown."""
    order: Literal["newest", "oldest"] = "newest"
    """Which end of the story comes first."""
    show_lead: bool = False
    """Show the lead of the first article."""
    show_image: bool = False
    """Show the picture of the first article."""
    more_link: bool = True
    """Lead to the page of the whole story."""


block = Block(
    "topic",
    __name__,
    settings=TopicSettings,
    accepts={"article": Article},
    cache=CachePolicy(fresh="1d", stale="1d"),
    aliases=("Block_BanTin_Topic", "FocusNews"),
)

Context = BlockContext[TopicSettings]


@block.resolve
def resolve(ctx: Context) -> tuple[Group, ...]:
    """The story's articles, with slack for those that stand elsewhere on the page."""
    settings = ctx.settings
    topic = _topic(ctx)
    if topic is None:
        return (Group("topic", (), 0),)
    ids = queries.list_topic(
        ctx.reader, topic.slug, settings.limit + SLACK, oldest_first=settings.order == "oldest"
    )
    return (Group("topic", ids, settings.limit),)


def _topic(ctx: Context) -> Term | None:
    if ctx.settings.topic:
        return queries.find_topic(ctx.reader, ctx.settings.topic)
    article = ctx.optional_article
    return article.topic if article else None


@block.render
def render(ctx: Context) -> dict[str, object] | None:
    """The timeline; nothing without a topic or with too few articles."""
    settings = ctx.settings
    topic = _topic(ctx)
    articles = queries.summaries(ctx.reader, ctx.chosen["topic"])
    if topic is None or len(articles) < settings.least or not articles:
        return None
    return {
        "heading_text": ctx.site.text(settings.title, ctx.locale)
        or ctx.text("title", topic=topic.name),
        "articles": articles,
        "path": queries.collection_path(ctx.reader, "topic", topic.slug),
        "name": topic.name,
    }
