"""Articles as lists and cards show them."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select

from portal.content import tags
from portal.content.queries.addresses import article_path
from portal.content.queries.addresses import section_path
from portal.content.queries.images import COLUMNS as IMAGE_COLUMNS
from portal.content.queries.images import image_of
from portal.content.queries.images import media
from portal.content.queries.sections import localised
from portal.content.queries.sections import section
from portal.content.queries.visibility import OF_SITE_AFTER_ALL
from portal.content.queries.visibility import article
from portal.content.queries.visibility import clip_row
from portal.content.reader import Reader
from portal.content.values import ArticleSummary
from portal.content.values import Moment
from portal.content.values import SectionReference

_SOME = (
    select(
        article.c.id,
        article.c.kind,
        article.c.locale,
        article.c.slug,
        article.c.headline,
        article.c.lead,
        article.c.first_published_at,
        article.c.first_published_precision,
        article.c.time_zone,
        article.c.expires_at,
        section.c.id.label("section_id"),
        section.c.key.label("section_key"),
        section.c.slug.label("section_slug"),
        section.c.name.label("section_name"),
        *IMAGE_COLUMNS,
    )
    .outerjoin(section, section.c.id == article.c.section_id)
    .outerjoin(media, media.c.id == article.c.hero_id)
    .where(
        article.c.id.in_(bindparam("ids", expanding=True)),
        OF_SITE_AFTER_ALL,
        article.c.status == "published",
    )
)


def summaries(reader: Reader, ids: Sequence[int]) -> tuple[ArticleSummary, ...]:
    """The visible, unexpired ones of these articles in the order of `ids`, in one statement."""
    if not ids:
        return ()
    reader.reads.record(*(tags.article(number) for number in ids))
    rows = _read(reader, frozenset(ids))
    found: dict[int, ArticleSummary] = {}
    for number in dict.fromkeys(ids):
        row = rows.get(number)
        if row is None:
            continue
        published, expires = row["first_published_at"], row["expires_at"]
        clip_row(reader, published, expires)
        if published <= reader.now and (expires is None or expires > reader.now):
            found[number] = _summary(reader, row)
    return tuple(found.values())


def _read(reader: Reader, wanted: frozenset[int]) -> Mapping[int, Mapping[Any, Any] | None]:
    """The stored rows. Whatever the page will ask for too is read with the first question."""
    known = reader.once("summaries", _nothing_yet)
    if not wanted <= known.keys():
        missing = (wanted | reader.expected) - known.keys()
        found = _execute(reader, missing)
        known.update({number: found.get(number) for number in missing})
    return known


def _nothing_yet(reader: Reader) -> dict[int, Mapping[Any, Any] | None]:
    return {}


def _execute(reader: Reader, ids: Collection[int]) -> Mapping[int, Mapping[Any, Any]]:
    found = reader.session.execute(_SOME, {"site": reader.site, "ids": sorted(ids)})
    return {row["id"]: row for row in found.mappings()}


def _summary(reader: Reader, row: Mapping[Any, Any]) -> ArticleSummary:
    if row["section_id"] is not None:
        reader.reads.record(tags.section(row["section_id"]))
    if row["media_id"] is not None:
        reader.reads.record(tags.media(row["media_id"]))
    return ArticleSummary(
        id=row["id"],
        kind=row["kind"],
        locale=row["locale"],
        headline=row["headline"],
        lead=row["lead"],
        path=article_path(
            reader, row["kind"], row["id"], row["slug"], row["section_key"], row["locale"]
        ),
        published=Moment(
            row["first_published_at"], row["first_published_precision"], row["time_zone"]
        ),
        section=_section(reader, row),
        image=image_of(reader, row) if row["media_id"] is not None else None,
    )


def _section(reader: Reader, row: Mapping[Any, Any]) -> SectionReference | None:
    if row["section_id"] is None:
        return None
    return SectionReference(
        row["section_id"],
        row["section_key"],
        localised(row["section_name"], reader) or row["section_slug"],
        section_path(reader, row["section_key"]),
    )
