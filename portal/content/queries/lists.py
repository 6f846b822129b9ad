"""Ids of articles, newest first. Ties in time are broken by the higher id, on every database."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from typing import cast

from sqlalchemy import ColumnElement
from sqlalchemy import Select
from sqlalchemy import Table
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import literal
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import union_all

from portal.content import tags
from portal.content.columns import UtcDateTime
from portal.content.models import Pin
from portal.content.queries.articles import article_tag
from portal.content.queries.articles import tag
from portal.content.queries.sections import select_sections
from portal.content.queries.visibility import LISTED
from portal.content.queries.visibility import NEWEST_FIRST
from portal.content.queries.visibility import NOW
from portal.content.queries.visibility import OF_SITE
from portal.content.queries.visibility import article
from portal.content.queries.visibility import clip_list
from portal.content.queries.visibility import places
from portal.content.reader import Reader
from portal.content.values import Article
from portal.content.values import ListPage

pin = cast("Table", Pin.__table__)

_LISTED = select(article.c.id, article.c.first_published_at).where(LISTED)
_PINNED = (
    select(article.c.id, pin.c.expires_at)
    .join(article, article.c.id == pin.c.article_id)
    .where(
        pin.c.site == bindparam("site"),
        pin.c.scope == bindparam("scope"),
        or_(pin.c.expires_at.is_(None), pin.c.expires_at > NOW),
        LISTED,
    )
    .order_by(pin.c.position, pin.c.id)
)
_TAGGED = (
    select(article.c.id)
    .join(article_tag, article_tag.c.article_id == article.c.id)
    .join(tag, tag.c.id == article_tag.c.tag_id)
    .where(tag.c.site == bindparam("site"), tag.c.slug == bindparam("slug"), LISTED)
)


def latest(
    reader: Reader,
    limit: int,
    *,
    sections: Sequence[str] = (),
    exclude_sections: Sequence[str] = (),
    include_subsections: bool = True,
) -> tuple[int, ...]:
    """The newest articles of some sections (slug paths), or of the whole site without any.

    `exclude_sections` leaves sections and those below them out.
    """
    return _latest(reader, limit, sections, exclude_sections, include_subsections, None)


def latest_with_lead(
    reader: Reader,
    limit: int,
    *,
    sections: Sequence[str] = (),
    exclude_sections: Sequence[str] = (),
    include_subsections: bool = True,
) -> tuple[int, ...]:
    """The same, only those that have a lead and a picture: what a large card can show."""
    complete = and_(article.c.lead != "", article.c.hero_id.is_not(None))
    return _latest(reader, limit, sections, exclude_sections, include_subsections, complete)


def _latest(
    reader: Reader,
    limit: int,
    sections: Sequence[str],
    exclude_sections: Sequence[str],
    include_subsections: bool,
    condition: ColumnElement[bool] | None,
) -> tuple[int, ...]:
    clip_list(reader)
    excluded = select_sections(reader, exclude_sections, True) if exclude_sections else frozenset()
    base = _LISTED if condition is None else _LISTED.where(condition)
    if sections:
        chosen = select_sections(reader, sections, include_subsections) - excluded
        reader.reads.record(*(tags.list_of_section(number) for number in chosen))
        return newest_of(reader, base, chosen, limit)
    reader.reads.record(tags.LIST_OF_SITE)
    base = base.where(OF_SITE)
    if excluded:
        elsewhere = article.c.section_id.not_in(sorted(excluded))
        base = base.where(or_(article.c.section_id.is_(None), elsewhere))
    found = reader.session.execute(base.order_by(*NEWEST_FIRST).limit(limit), places(reader))
    return tuple(row.id for row in found)


def newest_of(
    reader: Reader,
    base: Select[Any],
    sections: Collection[int],
    limit: int,
    offset: int = 0,
) -> tuple[int, ...]:
    """The newest of several sections: the newest of each from its index, merged.

    One query over all of them would sort every article they hold.
    """
    if not sections:
        return ()
    each = [
        base.where(article.c.section_id == number)
        .order_by(*NEWEST_FIRST)
        .limit(limit + offset)
        .subquery()
        for number in sorted(sections)
    ]
    merged = union_all(*(select(one.c.id, one.c.first_published_at) for one in each)).subquery()
    statement = (
        select(merged.c.id)
        .order_by(merged.c.first_published_at.desc(), merged.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return tuple(reader.session.execute(statement, places(reader)).scalars())


def list_section(
    reader: Reader,
    key: str,
    number: int,
    per_page: int,
    *,
    include_subsections: bool = True,
) -> ListPage:
    """Page `number` (from 1) of a section's articles; a number beyond the end has no ids.

    A section that does not exist has no pages.
    """
    clip_list(reader)
    chosen = select_sections(reader, [key], include_subsections)
    reader.reads.record(*(tags.list_of_section(section) for section in chosen))
    if not chosen:
        return ListPage((), number, 0, 0)
    count = select(func.count()).where(article.c.section_id.in_(sorted(chosen)), LISTED)
    total = reader.session.execute(count, places(reader)).scalar_one()
    pages = -(-total // per_page)
    if not 1 <= number <= pages:
        return ListPage((), number, pages, total)
    ids = newest_of(reader, _LISTED, chosen, per_page, (number - 1) * per_page)
    return ListPage(ids, number, pages, total)


def list_tag(reader: Reader, slug: str, number: int, per_page: int) -> ListPage:
    """Page `number` (from 1) of the articles that carry a tag."""
    clip_list(reader)
    reader.reads.record(tags.list_of_tag(slug))
    values = places(reader, slug=slug)
    counted = select(func.count()).select_from(_TAGGED.subquery())
    total = reader.session.execute(counted, values).scalar_one()
    pages = -(-total // per_page)
    if not 1 <= number <= pages:
        return ListPage((), number, pages, total)
    newest = (article_tag.c.first_published_at.desc(), article_tag.c.article_id.desc())
    page = _TAGGED.order_by(*newest).limit(per_page).offset((number - 1) * per_page)
    return ListPage(tuple(reader.session.execute(page, values).scalars()), number, pages, total)


def pins(reader: Reader, scope: str) -> tuple[int, ...]:
    """What editors put first, in their order. `scope` is `home`, `section:5` or `article:12`."""
    clip_list(reader)
    reader.reads.record(tags.pins(scope))
    found = reader.session.execute(_PINNED, places(reader, scope=scope)).all()
    for row in found:
        reader.reads.clip(row.expires_at)
    return tuple(row.id for row in found)


def newer_in_section(
    reader: Reader, shown: Article, limit: int, *, include_subsections: bool = False
) -> tuple[int, ...]:
    """The articles published next after `shown` in its section: the closest, newest first."""
    return _beside(reader, shown, limit, include_subsections, newer=True)[::-1]


def older_in_section(
    reader: Reader, shown: Article, limit: int, *, include_subsections: bool = False
) -> tuple[int, ...]:
    """The articles published last before `shown` in its section, newest first."""
    return _beside(reader, shown, limit, include_subsections, newer=False)


def _beside(
    reader: Reader, shown: Article, limit: int, include_subsections: bool, *, newer: bool
) -> tuple[int, ...]:
    if shown.section is None:
        return ()
    clip_list(reader)
    chosen = select_sections(reader, [shown.section.key], include_subsections)
    reader.reads.record(*(tags.list_of_section(number) for number in chosen))
    place = tuple_(article.c.first_published_at, article.c.id)
    here = _place(shown.published.at, shown.id)
    found = (
        _LISTED.where(
            article.c.section_id.in_(sorted(chosen)), place > here if newer else place < here
        )
        .order_by(
            *(column.asc() for column in (article.c.first_published_at, article.c.id))
            if newer
            else NEWEST_FIRST
        )
        .limit(limit)
    )
    return tuple(row.id for row in reader.session.execute(found, places(reader)))


def _place(at: datetime, number: int) -> Any:
    return tuple_(literal(at, UtcDateTime()), literal(number))
