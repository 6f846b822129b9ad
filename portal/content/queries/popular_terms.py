"""Tags, running stories and authors, with how many articles each has.

Tags and authors are counted by their indexes alone, over all articles; then those are subtracted
that readers of the site's main language do not see, which are few. For another language its own
articles are counted, which are few as well. To look at every article would cost thirty times as
much in a large archive.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import Label
from sqlalchemy import ScalarSelect
from sqlalchemy import Select
from sqlalchemy import Subquery
from sqlalchemy import Table
from sqlalchemy import and_
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import union_all

from portal.content import tags
from portal.content.queries.addresses import collection_path
from portal.content.queries.articles import topic
from portal.content.queries.belongings import article_tag
from portal.content.queries.belongings import tag
from portal.content.queries.collections import article_author
from portal.content.queries.sections import localised
from portal.content.queries.visibility import LISTED
from portal.content.queries.visibility import LOCALE
from portal.content.queries.visibility import NOW
from portal.content.queries.visibility import OF_SITE
from portal.content.queries.visibility import SITE
from portal.content.queries.visibility import article
from portal.content.queries.visibility import clip_list
from portal.content.queries.visibility import places
from portal.content.reader import Reader
from portal.content.values import CollectionKind
from portal.content.values import TermCount

_OF_LANGUAGE = and_(OF_SITE, article.c.locale == LOCALE)
_PUBLISHED = and_(_OF_LANGUAGE, article.c.kind == "article", article.c.status == "published")
_NOT_LISTED = (
    and_(OF_SITE, article.c.locale < LOCALE),
    and_(OF_SITE, article.c.locale > LOCALE),
    and_(_OF_LANGUAGE, article.c.kind == "page"),
    and_(_OF_LANGUAGE, article.c.kind == "article", article.c.status.in_(("draft", "withdrawn"))),
    and_(_PUBLISHED, article.c.expires_at <= NOW),
    and_(
        _PUBLISHED,
        article.c.first_published_at > NOW,
        or_(article.c.expires_at.is_(None), article.c.expires_at > NOW),
    ),
)
"""What readers of a language do not see in lists: each article in one part, found by an index."""


def popular_tags(reader: Reader, limit: int) -> tuple[TermCount, ...]:
    """The tags with most articles, the commonest first; equal ones in the order of their slugs."""
    clip_list(reader)
    reader.reads.record(tags.LIST_OF_SITE, tags.TERMS)
    return _terms(reader, _tags(_is_main(reader)).limit(limit), "tag")


def popular_topics(reader: Reader, limit: int) -> tuple[TermCount, ...]:
    """The running stories, that with the newest article first."""
    clip_list(reader)
    reader.reads.record(tags.LIST_OF_SITE, tags.TERMS)
    newest = func.max(article.c.first_published_at)
    statement = (
        select(topic.c.slug, topic.c.name, func.count().label("number"))
        .join(article, article.c.topic_id == topic.c.id)
        .where(topic.c.site == SITE, LISTED)
        .group_by(topic.c.id, topic.c.slug, topic.c.name)
        .order_by(newest.desc(), topic.c.slug)
        .limit(limit)
    )
    return _terms(reader, statement, "topic")


def popular_authors(reader: Reader, limit: int) -> tuple[TermCount, ...]:
    """The authors of most articles; each under the name of the newest of them."""
    clip_list(reader)
    reader.reads.record(tags.LIST_OF_SITE, tags.AUTHORS)
    statement = _with_names(_authors(_is_main(reader)).limit(limit))
    rows = reader.session.execute(statement, places(reader)).all()
    # Another spelling of a name is no event of the site's list, but of the author's own.
    reader.reads.record(*(tags.list_of_author(row.slug) for row in rows))
    return tuple(
        TermCount(row.slug, row.name, collection_path(reader, "author", row.slug), row.number)
        for row in rows
    )


def _terms(reader: Reader, statement: Select[Any], kind: CollectionKind) -> tuple[TermCount, ...]:
    return tuple(
        TermCount(
            row.slug,
            localised(row.name, reader) or row.slug,
            collection_path(reader, kind, row.slug),
            row.number,
        )
        for row in reader.session.execute(statement, places(reader))
    )


def _is_main(reader: Reader) -> bool:
    return reader.locale == reader.default_locale


@cache
def _tags(is_main: bool) -> Select[Any]:
    """Slug, name and number of each tag that has an article, the commonest first."""
    counted = _counted(article_tag, article_tag.c.tag_id, is_main)
    of_site = select(tag.c.slug, tag.c.name).where(tag.c.site == SITE)
    is_same = counted.c.term == tag.c.id
    if is_main:
        every = select(func.count()).where(article_tag.c.tag_id == tag.c.id).scalar_subquery()
        numbered = of_site.add_columns(_rest(every, counted)).outerjoin(counted, is_same)
    else:
        numbered = of_site.add_columns(counted.c.number).join(counted, is_same)
    return _commonest_first(numbered.subquery())


@cache
def _authors(is_main: bool) -> Select[Any]:
    """Slug and number of each author who has an article, the most frequent first."""
    counted = _counted(article_author, article_author.c.slug, is_main)
    if not is_main:
        return _commonest_first(select(counted.c.term.label("slug"), counted.c.number).subquery())
    every = (
        select(article_author.c.slug, func.count().label("number"))
        .where(article_author.c.site == SITE)
        .group_by(article_author.c.slug)
        .subquery()
    )
    numbered = select(every.c.slug, _rest(every.c.number, counted)).outerjoin(
        counted, counted.c.term == every.c.slug
    )
    return _commonest_first(numbered.subquery())


def _counted(rows: Table, term: ColumnElement[Any], is_main: bool) -> Subquery:
    """By term how many articles readers of the main language miss, or those of another see."""
    if is_main:
        some = union_all(*(select(article.c.id).where(part) for part in _NOT_LISTED)).subquery()
    else:
        some = select(article.c.id).where(OF_SITE, LISTED).subquery()
    return (
        select(term.label("term"), func.count().label("number"))
        .select_from(some)
        .join(rows, rows.c.article_id == some.c.id)
        .group_by(term)
        .subquery()
    )


def _rest(every: ColumnElement[int] | ScalarSelect[int], counted: Subquery) -> Label[int]:
    return (every - func.coalesce(counted.c.number, 0)).label("number")


def _commonest_first(numbered: Subquery) -> Select[Any]:
    number = numbered.c.number
    return select(numbered).where(number > 0).order_by(number.desc(), numbered.c.slug)


def _with_names(commonest: Select[Any]) -> Select[Any]:
    found = commonest.subquery()
    name = (
        select(article_author.c.name)
        .join(article, article.c.id == article_author.c.article_id)
        .where(article_author.c.site == SITE, article_author.c.slug == found.c.slug, LISTED)
        .order_by(article_author.c.first_published_at.desc(), article_author.c.article_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    named = select(found.c.slug, name.label("name"), found.c.number)
    return named.order_by(found.c.number.desc(), found.c.slug)
