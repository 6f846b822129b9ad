"""Ids of articles, newest first. Ties in time are broken by the higher id, on every database."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from typing import cast

from sqlalchemy import CompoundSelect
from sqlalchemy import Integer
from sqlalchemy import Select
from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import literal_column
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import union_all

from portal.content import tags
from portal.content.columns import Long
from portal.content.columns import UtcDateTime
from portal.content.engine import one_plan
from portal.content.models import Pin
from portal.content.queries.belongings import article_tag
from portal.content.queries.belongings import tag
from portal.content.queries.sections import select_sections
from portal.content.queries.visibility import LISTED
from portal.content.queries.visibility import LISTED_OF_ANY_TIME
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
_LISTED_OF_ANY_TIME = select(article.c.id, article.c.first_published_at).where(LISTED_OF_ANY_TIME)
_LARGEST_ID = (1 << 63) - 1
_COMPLETE = _LISTED.where(article.c.lead != "", article.c.hero_id.is_not(None))
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
    return _latest(reader, limit, sections, exclude_sections, include_subsections, False)


def latest_with_lead(
    reader: Reader,
    limit: int,
    *,
    sections: Sequence[str] = (),
    exclude_sections: Sequence[str] = (),
    include_subsections: bool = True,
) -> tuple[int, ...]:
    """The same, only those that have a lead and a picture: what a large card can show."""
    return _latest(reader, limit, sections, exclude_sections, include_subsections, True)


def _latest(
    reader: Reader,
    limit: int,
    sections: Sequence[str],
    exclude_sections: Sequence[str],
    include_subsections: bool,
    complete: bool,
) -> tuple[int, ...]:
    clip_list(reader)
    excluded = select_sections(reader, exclude_sections, True) if exclude_sections else frozenset()
    if sections:
        chosen = select_sections(reader, sections, include_subsections) - excluded
        reader.reads.record(*(tags.list_of_section(number) for number in chosen))
        if not chosen:
            return ()
        statement = _newest_in(tuple(sorted(chosen)), complete, limit)
    else:
        reader.reads.record(tags.LIST_OF_SITE)
        statement = _newest_elsewhere(tuple(sorted(excluded)), complete, limit)
    return tuple(row.id for row in reader.session.execute(statement, places(reader)))


@lru_cache(maxsize=256)
def _newest_in(sections: tuple[int, ...], complete: bool, limit: int) -> Select[Any]:
    # Built once, as `_newest_elsewhere`: building costs more than running.
    return _merge_newest(_COMPLETE if complete else _LISTED, sections, limit, 0)


@lru_cache(maxsize=256)
def _newest_elsewhere(excluded: tuple[int, ...], complete: bool, limit: int) -> Select[Any]:
    base = (_COMPLETE if complete else _LISTED).where(OF_SITE)
    if excluded:
        elsewhere = article.c.section_id.not_in(excluded)
        base = base.where(or_(article.c.section_id.is_(None), elsewhere))
    return base.order_by(*NEWEST_FIRST).limit(limit)


def newest_of(
    reader: Reader,
    base: Select[Any],
    sections: Collection[int],
    limit: int,
    offset: int = 0,
) -> tuple[int, ...]:
    """The newest of several sections among those that `base` selects (ids and times)."""
    if not sections:
        return ()
    statement = _merge_newest(base, sorted(sections), limit, offset)
    return tuple(row.id for row in reader.session.execute(statement, places(reader)))


def _merge_newest(
    base: Select[Any], sections: Sequence[int], limit: int, offset: int
) -> Select[Any]:
    """The newest of each section from its index, merged.

    One query over all of them would sort every article they hold.
    """
    each = [
        base.where(article.c.section_id == number)
        .order_by(*NEWEST_FIRST)
        .limit(limit + offset)
        .subquery()
        for number in sections
    ]
    merged = union_all(*(select(one.c.id, one.c.first_published_at) for one in each)).subquery()
    return (
        select(merged.c.id)
        .order_by(merged.c.first_published_at.desc(), merged.c.id.desc())
        .limit(limit)
        .offset(offset)
    )


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
    return beside_in_section(reader, shown, limit, 0, include_subsections=include_subsections)[0]


def older_in_section(
    reader: Reader, shown: Article, limit: int, *, include_subsections: bool = False
) -> tuple[int, ...]:
    """The articles published last before `shown` in its section, newest first."""
    return beside_in_section(reader, shown, 0, limit, include_subsections=include_subsections)[1]


def beside_in_section(
    reader: Reader, shown: Article, newer: int, older: int, *, include_subsections: bool = False
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """At most `newer` articles published next after `shown` and `older` last before it.

    Those of its section, newest first; one statement, once per page.
    """
    return reader.once(
        ("beside", reader.locale, shown.id, newer, older, include_subsections),
        lambda inner: _beside(inner, shown, newer, older, include_subsections),
    )


def _beside(
    reader: Reader, shown: Article, newer: int, older: int, include_subsections: bool
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if shown.section is None:
        return (), ()
    clip_list(reader)
    chosen = select_sections(reader, [shown.section.key], include_subsections)
    reader.reads.record(*(tags.list_of_section(number) for number in chosen))
    if not chosen:
        return (), ()
    own = (shown.published.at, shown.id)
    # Of two upper bounds SQLite takes the first for its index, and would walk through all that
    # was published since: what is older than this article is older than now.
    below_at, below_id = min(own, (reader.now, _LARGEST_ID))
    values = places(reader, above_at=own[0], above_id=own[1], below_at=below_at, below_id=below_id)
    with one_plan(reader.session):
        both = _closest(tuple(sorted(chosen)), newer, older)
        rows = reader.session.execute(both, values).all()
    found = [((row.first_published_at, row.id) > own, row.id) for row in rows][::-1]
    above = tuple(number for is_newer, number in found if is_newer)
    below = tuple(number for is_newer, number in found if not is_newer)
    return above[max(0, len(above) - newer) :], below[:older]


@lru_cache(maxsize=256)
def _closest(sections: tuple[int, ...], newer: int, older: int) -> CompoundSelect[Any]:
    """What stands next to a place: in each section those above it and those below, merged.

    From the index of each section; together they would all be sorted. Built once.
    """
    place = tuple_(article.c.first_published_at, article.c.id)
    above = _LISTED.where(place > _place("above")).order_by(
        article.c.first_published_at, article.c.id
    )
    below = _LISTED_OF_ANY_TIME.where(place < _place("below")).order_by(*NEWEST_FIRST)
    closest = [
        side.where(article.c.section_id == number)
        .limit(literal_column(str(most), Integer))
        .subquery()
        for number in sections
        for side, most in ((above, newer), (below, older))
    ]
    return union_all(*(select(one.c.id, one.c.first_published_at) for one in closest)).order_by(
        "first_published_at", "id"
    )


def _place(name: str) -> Any:
    return tuple_(bindparam(f"{name}_at", type_=UtcDateTime()), bindparam(f"{name}_id", type_=Long))
