"""Lists that have an address: what each is called, whether it exists, and its pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from typing import cast

from sqlalchemy import BindParameter
from sqlalchemy import Select
from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import select

from portal.content import tags
from portal.content.models import ArticleAuthor
from portal.content.queries.addresses import collection_path
from portal.content.queries.archive import period_bounds
from portal.content.queries.articles import topic
from portal.content.queries.belongings import article_tag
from portal.content.queries.belongings import tag
from portal.content.queries.lists import list_section
from portal.content.queries.lists import list_tag
from portal.content.queries.sections import find_section
from portal.content.queries.sections import list_translations
from portal.content.queries.sections import localised
from portal.content.queries.visibility import LISTED
from portal.content.queries.visibility import LISTED_OF_ANY_TIME
from portal.content.queries.visibility import NEWEST_FIRST
from portal.content.queries.visibility import OF_SITE
from portal.content.queries.visibility import SITE
from portal.content.queries.visibility import article
from portal.content.queries.visibility import clip_list
from portal.content.queries.visibility import places
from portal.content.reader import Reader
from portal.content.values import Collection
from portal.content.values import CollectionKind
from portal.content.values import ListPage
from portal.content.values import Translation

article_author = cast("Table", ArticleAuthor.__table__)

_SLUG: BindParameter[str] = bindparam("slug")
_TAG = select(tag.c.id, tag.c.name).where(tag.c.site == SITE, tag.c.slug == _SLUG)
_TOPIC = select(topic.c.id, topic.c.name).where(topic.c.site == SITE, topic.c.slug == _SLUG)
# The same order, from the index that leads to the author's articles.
_NEWEST_OF_AUTHOR = (
    article_author.c.first_published_at.desc(),
    article_author.c.article_id.desc(),
)
_AUTHOR = (
    select(article_author.c.name)
    .join(article, article.c.id == article_author.c.article_id)
    .where(article_author.c.site == SITE, article_author.c.slug == _SLUG, LISTED)
    .order_by(*_NEWEST_OF_AUTHOR)
    .limit(1)
)
_OF_TOPIC = (
    select(article.c.id)
    .join(topic, topic.c.id == article.c.topic_id)
    .where(topic.c.site == SITE, topic.c.slug == _SLUG, LISTED)
)
_OF_TAG = (
    select(article.c.id)
    .join(article_tag, article_tag.c.article_id == article.c.id)
    .join(tag, tag.c.id == article_tag.c.tag_id)
    .where(tag.c.site == SITE, tag.c.slug == _SLUG, LISTED)
)
_OF_AUTHOR = (
    select(article.c.id)
    .join(article_author, article_author.c.article_id == article.c.id)
    .where(article_author.c.site == SITE, article_author.c.slug == _SLUG, LISTED)
)
_IN_PERIOD = select(article.c.id).where(
    OF_SITE,
    LISTED_OF_ANY_TIME,
    article.c.first_published_at >= bindparam("since", type_=article.c.first_published_at.type),
    article.c.first_published_at < bindparam("until", type_=article.c.first_published_at.type),
)


def find_collection(reader: Reader, kind: CollectionKind, key: str) -> Collection | None:
    """The list at `key`; nothing where readers of this language find no article in it.

    A section and the archive as a whole exist without articles too. Once per page.
    """
    return reader.once(
        ("collection", kind, key, reader.locale), lambda inner: _find(inner, kind, key)
    )


def _find(reader: Reader, kind: CollectionKind, key: str) -> Collection | None:
    path = collection_path(reader, kind, key)
    if kind == "section":
        found = find_section(reader, key)
        if found is None:
            return None
        return Collection(kind, key, found.name, found.description, found.path)
    name = _name(reader, kind, key)
    if name is None:
        return None
    if not (kind == "archive" and not key) and not _exists(reader, kind, key):
        return None
    return Collection(kind, key, name, "", path)


def _name(reader: Reader, kind: CollectionKind, key: str) -> str | None:
    if kind == "archive":
        return ""
    values = places(reader, slug=key)
    if kind == "author":
        reader.reads.record(tags.list_of_author(key))
        return reader.session.execute(_AUTHOR, values).scalar()
    reader.reads.record(tags.tag(key) if kind == "tag" else tags.topic(key))
    # The first article that names it ends these too.
    reader.reads.record(tags.list_of_tag(key) if kind == "tag" else tags.list_of_topic(key))
    row = reader.session.execute(_TAG if kind == "tag" else _TOPIC, values).first()
    return None if row is None else localised(row.name, reader) or key


def _exists(reader: Reader, kind: CollectionKind, key: str) -> bool:
    statement, values = _members(reader, kind, key)
    return reader.session.execute(statement.limit(1), values).first() is not None


def _members(
    reader: Reader, kind: CollectionKind, key: str
) -> tuple[Select[Any], dict[str, object]]:
    """The articles of a list that is no section, with the values of the statement's places."""
    clip_list(reader)
    if kind == "archive":
        reader.reads.record(tags.LIST_OF_SITE)
        since, until = period_bounds(reader, key)
        return _IN_PERIOD, places(reader, since=since, until=until)
    record, statement = {
        "tag": (tags.list_of_tag, _OF_TAG),
        "topic": (tags.list_of_topic, _OF_TOPIC),
        "author": (tags.list_of_author, _OF_AUTHOR),
    }[kind]
    reader.reads.record(record(key))
    return statement, places(reader, slug=key)


def list_collection(
    reader: Reader,
    kind: CollectionKind,
    key: str,
    number: int,
    per_page: int,
    *,
    include_subsections: bool = True,
) -> ListPage:
    """Page `number` (from 1) of any list, newest first; a number beyond the end has no ids."""
    if kind == "section":
        return list_section(reader, key, number, per_page, include_subsections=include_subsections)
    if kind == "tag":
        return list_tag(reader, key, number, per_page)
    statement, values = _members(reader, kind, key)
    counted = select(func.count()).select_from(statement.subquery())
    total = reader.session.execute(counted, values).scalar_one()
    pages = -(-total // per_page)
    if not 1 <= number <= pages:
        return ListPage((), number, pages, total)
    order = _NEWEST_OF_AUTHOR if kind == "author" else NEWEST_FIRST
    page = statement.order_by(*order).limit(per_page).offset((number - 1) * per_page)
    return ListPage(tuple(reader.session.execute(page, values).scalars()), number, pages, total)


def collection_translations(
    reader: Reader, kind: CollectionKind, key: str, locales: Iterable[str], page_number: int = 1
) -> tuple[Translation, ...]:
    """The same list in other languages that have an article in it; later pages have none."""
    if kind == "section":
        return list_translations(reader, key, locales, page_number)
    if page_number > 1:
        return ()
    found = []
    for locale in locales:
        if locale == reader.locale:
            continue
        # The other language's view of the same snapshot; it writes into the same record.
        other = replace(reader, locale=locale)
        same = find_collection(other, kind, key)
        if same is not None:
            found.append(Translation(locale, same.path, same.name))
    return tuple(found)
