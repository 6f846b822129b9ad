"""Static pages as link targets: menus need their addresses, not their texts."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

from sqlalchemy import ColumnElement
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import literal_column
from sqlalchemy import select
from sqlalchemy import union_all

from portal.content import tags
from portal.content.queries.addresses import article_path
from portal.content.queries.sections import section
from portal.content.queries.visibility import LOCALE
from portal.content.queries.visibility import NOW
from portal.content.queries.visibility import OF_SITE_AFTER_ALL
from portal.content.queries.visibility import SITE
from portal.content.queries.visibility import article
from portal.content.queries.visibility import clip_row
from portal.content.queries.visibility import places
from portal.content.reader import Reader
from portal.content.values import PageReference

# Written out: a value that comes later hides from SQLite that the pages' partial index will do.
_PAGE: ColumnElement[str] = literal_column("'page'")
_NAMED = article.alias("named")
_IS_NAMED = and_(
    _NAMED.c.site == SITE,
    _NAMED.c.kind == _PAGE,
    _NAMED.c.slug.in_(bindparam("slugs", expanding=True)),
)
_NAME = (_NAMED.c.slug.label("name"), _NAMED.c.translation_group)
_PLACE = ((_NAMED.c.locale == LOCALE).label("is_own"), _NAMED.c.id.label("place"))
_IS_SHOWN = and_(_NAMED.c.locale == LOCALE, _NAMED.c.status == "published")
# Two halves, each led by its index: one join on either condition would read every article.
_PATHS = union_all(
    select(
        *_NAME,
        case((_IS_SHOWN, _NAMED.c.id)).label("id"),
        _NAMED.c.slug,
        _NAMED.c.first_published_at,
        *_PLACE,
    ).where(_IS_NAMED),
    select(*_NAME, article.c.id, article.c.slug, article.c.first_published_at, *_PLACE)
    .join(article, article.c.translation_group == _NAMED.c.translation_group)
    .where(
        _IS_NAMED,
        OF_SITE_AFTER_ALL,
        article.c.locale == LOCALE,
        article.c.kind == _PAGE,
        article.c.status == "published",
    ),
).order_by("is_own", "place")
_ALL = (
    select(article.c.id, article.c.slug, article.c.headline, article.c.first_published_at)
    .where(
        article.c.site == SITE,
        article.c.locale == LOCALE,
        article.c.kind == _PAGE,
        article.c.status == "published",
    )
    .order_by(article.c.id)
)


_PUBLIC = (
    select(
        article.c.id,
        article.c.kind,
        article.c.slug,
        section.c.key,
    )
    .outerjoin(section, section.c.id == article.c.section_id)
    .where(
        article.c.site == SITE,
        article.c.locale == LOCALE,
        article.c.status == "published",
        article.c.first_published_at <= NOW,
    )
    .order_by(article.c.first_published_at.desc(), article.c.id.desc())
)


def public_paths(reader: Reader) -> Iterator[str]:
    """The addresses of all articles and pages in the reader's language, the newest first.

    For tools that walk through a whole site; records nothing.
    """
    for row in reader.session.execute(_PUBLIC, places(reader)):
        yield article_path(reader, row.kind, row.id, row.slug, row.key, reader.locale)


def page_paths(reader: Reader, slugs: Iterable[str]) -> Mapping[str, str]:
    """Where static pages stand in the reader's language, by slug; one statement for all.

    A site file names a page once, by its slug in any language: its translation answers to it too.
    """
    wanted = sorted(set(slugs))
    if not wanted:
        return {}
    reader.reads.record(*(tags.page(slug) for slug in wanted))
    paths: dict[str, str] = {}
    for row in reader.session.execute(_PATHS, places(reader, slugs=wanted)):
        if row.translation_group is not None:
            reader.reads.record(tags.group(row.translation_group))
        if row.id is None:
            continue
        clip_row(reader, row.first_published_at, None)
        if row.first_published_at <= reader.now:
            # Slugs of the reader's own language come last and win over a foreign equal one.
            paths[row.name] = article_path(reader, "page", row.id, row.slug, None, reader.locale)
    return paths


def list_pages(reader: Reader) -> tuple[PageReference, ...]:
    """Every static page of the reader's language, in the order of their ids."""
    reader.reads.record(tags.PAGES)
    found = []
    for row in reader.session.execute(_ALL, places(reader)):
        clip_row(reader, row.first_published_at, None)
        if row.first_published_at <= reader.now:
            path = article_path(reader, "page", row.id, row.slug, None, reader.locale)
            found.append(PageReference(row.headline, path))
    return tuple(found)
