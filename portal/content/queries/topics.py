"""Running stories."""

from __future__ import annotations

from sqlalchemy import bindparam
from sqlalchemy import select

from portal.content import tags
from portal.content.queries.articles import topic
from portal.content.queries.sections import localised
from portal.content.queries.visibility import LISTED
from portal.content.queries.visibility import NEWEST_FIRST
from portal.content.queries.visibility import SITE
from portal.content.queries.visibility import article
from portal.content.queries.visibility import clip_list
from portal.content.queries.visibility import places
from portal.content.reader import Reader
from portal.content.values import Term

_OLDEST_FIRST = (article.c.first_published_at.asc(), article.c.id.asc())
_ONE = select(topic.c.slug, topic.c.name).where(
    topic.c.site == SITE, topic.c.slug == bindparam("slug")
)
_NUMBER = select(topic.c.id).where(topic.c.site == SITE, topic.c.slug == bindparam("slug"))
_ARTICLES = select(article.c.id).where(article.c.topic_id == _NUMBER.scalar_subquery(), LISTED)


def find_topic(reader: Reader, slug: str) -> Term | None:
    """The topic with this slug in the reader's language, if there is one."""
    reader.reads.record(tags.topic(slug), tags.list_of_topic(slug))
    row = reader.session.execute(_ONE, {"site": reader.site, "slug": slug}).first()
    return Term(row.slug, localised(row.name, reader) or row.slug) if row else None


def list_topic(
    reader: Reader, slug: str, limit: int, *, oldest_first: bool = False
) -> tuple[int, ...]:
    """Articles of a running story, newest first unless told otherwise."""
    clip_list(reader)
    reader.reads.record(tags.list_of_topic(slug))
    order = _OLDEST_FIRST if oldest_first else NEWEST_FIRST
    statement = _ARTICLES.order_by(*order).limit(limit)
    return tuple(reader.session.execute(statement, places(reader, slug=slug)).scalars())
