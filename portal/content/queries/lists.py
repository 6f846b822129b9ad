"""Lists of articles: ids first, then their summaries for those that a page really shows."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from portal.content.addresses import article_path
from portal.content.models import Article
from portal.content.models import Pin
from portal.content.queries.pictures import find_images
from portal.content.queries.sections import prefix
from portal.content.queries.sections import section_tree
from portal.content.queries.sections import sections_by_id
from portal.content.queries.visibility import clip_to_next_change
from portal.content.queries.visibility import listed
from portal.content.reader import Reader
from portal.content.values import ArticleSummary
from portal.content.values import Image
from portal.content.values import ListPage
from portal.content.values import Moment
from portal.content.values import Section

SUMMARY_COLUMNS = (
    Article.id,
    Article.kind,
    Article.locale,
    Article.slug,
    Article.headline,
    Article.lead,
    Article.published_at,
    Article.precision,
    Article.time_zone,
    Article.section_id,
    Article.hero_id,
    Article.expires_at,
)


def summaries(reader: Reader, ids: Sequence[int]) -> tuple[ArticleSummary, ...]:
    """The articles with these ids in this order, without those that readers may not see."""
    if not ids:
        return ()
    reader.reads.record(*(f"article:{number}" for number in ids))
    rows = reader.session.execute(
        select(*SUMMARY_COLUMNS).where(Article.id.in_(list(ids)), listed(reader))
    ).all()
    for row in rows:
        reader.reads.clip(row.expires_at)
    images = find_images(reader, (row.hero_id for row in rows))
    sections = sections_by_id(reader)
    by_id = {row.id: summary(reader, row, sections, images) for row in rows}
    return tuple(by_id[number] for number in ids if number in by_id)


def summary(
    reader: Reader,
    row: Any,  # noqa: ANN401 - a row of SUMMARY_COLUMNS
    sections: dict[int, Section],
    images: dict[int, Image],
) -> ArticleSummary:
    """One row as a value."""
    section = sections.get(row.section_id)
    return ArticleSummary(
        id=row.id,
        kind=row.kind,
        locale=row.locale,
        headline=row.headline,
        lead=row.lead,
        path=article_path(prefix(reader), section.key if section else None, row.slug, row.id),
        published=Moment(row.published_at, row.precision, row.time_zone),
        section=section.reference if section else None,
        image=images.get(row.hero_id),
    )


def latest(
    reader: Reader,
    limit: int,
    sections: Iterable[str] = (),
    exclude_sections: Iterable[str] = (),
    *,
    include_descendants: bool = True,
) -> tuple[int, ...]:
    """The newest articles, of the whole site or of sections named by slug path."""
    wanted = _section_ids(reader, sections, include_descendants)
    unwanted = _section_ids(reader, exclude_sections, include_descendants)
    if list(sections) and not wanted:
        return ()
    if wanted:
        reader.reads.record(*(f"list:section:{number}" for number in wanted))
    else:
        reader.reads.record("list:site")
    query = select(Article.id).where(listed(reader))
    if wanted:
        query = query.where(Article.section_id.in_(wanted))
    if unwanted:
        query = query.where(
            or_(Article.section_id.is_(None), Article.section_id.not_in(unwanted))
        )
    clip_to_next_change(reader)
    ordered = query.order_by(Article.published_at.desc(), Article.id.desc()).limit(limit)
    return tuple(reader.session.scalars(ordered))


def list_section(reader: Reader, section_id: int, number: int, per_page: int) -> ListPage:
    """Page `number` (from 1) of a section with everything below it, newest first."""
    tree = section_tree(reader)
    wanted = [section_id]
    wanted += [
        section.id
        for section in tree
        if any(above.id == section_id for above in section.ancestors)
    ]
    reader.reads.record(*(f"list:section:{item}" for item in wanted))
    clip_to_next_change(reader)
    condition = (listed(reader), Article.section_id.in_(wanted))
    total = reader.session.scalar(select(func.count()).select_from(Article).where(*condition)) or 0
    ids = reader.session.scalars(
        select(Article.id)
        .where(*condition)
        .order_by(Article.published_at.desc(), Article.id.desc())
        .limit(per_page)
        .offset((number - 1) * per_page)
    )
    return ListPage(tuple(ids), number, max(1, -(-total // per_page)), total)


def pins(reader: Reader, scope: str) -> tuple[int, ...]:
    """What editors pinned to a place (`home`, `section:5`, `article:7`), in their order."""
    reader.reads.record(f"pins:{scope}")
    rows = reader.session.execute(
        select(Pin.article_id, Pin.expires_at)
        .where(Pin.site == reader.site, Pin.scope == scope)
        .where(or_(Pin.expires_at.is_(None), Pin.expires_at > reader.now))
        .order_by(Pin.position, Pin.article_id)
    ).all()
    for row in rows:
        reader.reads.clip(row.expires_at)
    return tuple(row.article_id for row in rows)


def _section_ids(reader: Reader, keys: Iterable[str], include_descendants: bool) -> list[int]:
    wanted = tuple(keys)
    if not wanted:
        return []
    return [
        section.id
        for section in section_tree(reader)
        if section.key in wanted
        or (include_descendants and any(above.key in wanted for above in section.ancestors))
    ]
