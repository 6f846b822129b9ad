"""Articles chosen by several marks at once, newest first: what feeds and the programs' API list.

Pages are cut by place (time and id of the last article seen), not by number: a program that reads
on after something was published misses nothing and sees nothing twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select
from sqlalchemy import and_
from sqlalchemy import literal
from sqlalchemy import select
from sqlalchemy import tuple_

from portal.content import tags
from portal.content.columns import UtcDateTime
from portal.content.queries.articles import topic
from portal.content.queries.belongings import article_tag
from portal.content.queries.belongings import tag
from portal.content.queries.lists import newest_of
from portal.content.queries.sections import localised
from portal.content.queries.sections import select_sections
from portal.content.queries.visibility import LISTED
from portal.content.queries.visibility import NEWEST_FIRST
from portal.content.queries.visibility import OF_SITE
from portal.content.queries.visibility import article
from portal.content.queries.visibility import clip_list
from portal.content.queries.visibility import places
from portal.content.reader import Reader
from portal.content.values import Term

_LISTED = select(article.c.id, article.c.first_published_at).where(LISTED)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which articles: below a section (slug path), with a tag, of a topic (slugs), in a time.

    `since` is included and `until` is not. `after` is the place of the last article already seen.
    """

    section: str | None = None
    tag: str | None = None
    topic: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: tuple[datetime, int] | None = None


def select_articles(reader: Reader, selection: Selection, limit: int) -> tuple[int, ...]:
    """At most `limit` ids of the articles that have every mark of `selection`, newest first."""
    clip_list(reader)
    statement = _marked(reader, selection)
    if selection.section is not None:
        chosen = select_sections(reader, [selection.section], include_subsections=True)
        reader.reads.record(*(tags.list_of_section(number) for number in chosen))
        return newest_of(reader, statement, chosen, limit)
    statement = statement.order_by(*NEWEST_FIRST).limit(limit)
    return tuple(row.id for row in reader.session.execute(statement, places(reader)))


def _marked(reader: Reader, selection: Selection) -> Select[Any]:
    statement = _LISTED.where(OF_SITE)
    if selection.tag is not None:
        reader.reads.record(tags.list_of_tag(selection.tag))
        numbers = (
            select(article_tag.c.article_id)
            .join(tag, tag.c.id == article_tag.c.tag_id)
            .where(tag.c.site == reader.site, tag.c.slug == selection.tag)
        )
        statement = statement.where(article.c.id.in_(numbers))
    if selection.topic is not None:
        reader.reads.record(tags.list_of_topic(selection.topic))
        number = select(topic.c.id).where(
            topic.c.site == reader.site, topic.c.slug == selection.topic
        )
        statement = statement.where(article.c.topic_id == number.scalar_subquery())
    if selection.tag is None and selection.topic is None and selection.section is None:
        reader.reads.record(tags.LIST_OF_SITE)
    if selection.since is not None:
        since = literal(selection.since, UtcDateTime())
        statement = statement.where(article.c.first_published_at >= since)
    if selection.until is not None:
        until = literal(selection.until, UtcDateTime())
        statement = statement.where(article.c.first_published_at < until)
    if selection.after is not None:
        at, number_seen = selection.after
        here = tuple_(literal(at, UtcDateTime()), literal(number_seen))
        place = tuple_(article.c.first_published_at, article.c.id)
        # The first condition follows from the second; it is the one an index answers.
        statement = statement.where(
            and_(article.c.first_published_at <= literal(at, UtcDateTime()), place < here)
        )
    return statement


def find_tag(reader: Reader, slug: str) -> Term | None:
    """The tag with a slug, named in the reader's language."""
    reader.reads.record(tags.tag(slug))
    statement = select(tag.c.slug, tag.c.name).where(tag.c.site == reader.site, tag.c.slug == slug)
    row = reader.session.execute(statement).first()
    return None if row is None else Term(row.slug, localised(row.name, reader) or row.slug)
