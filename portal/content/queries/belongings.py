"""What belongs to an article and stands in tables of its own: tags, attachments, translations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import cast

from sqlalchemy import BindParameter
from sqlalchemy import Integer
from sqlalchemy import Row
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import cast as cast_to
from sqlalchemy import literal
from sqlalchemy import null
from sqlalchemy import select
from sqlalchemy import type_coerce
from sqlalchemy import union_all

from portal.content import tags
from portal.content.columns import UtcDateTime
from portal.content.models import ArticleTag
from portal.content.models import Attachment as AttachmentRow
from portal.content.models import Tag
from portal.content.queries.addresses import article_path
from portal.content.queries.addresses import media_path
from portal.content.queries.sections import localised
from portal.content.queries.sections import section
from portal.content.queries.visibility import OF_SITE_AFTER_ALL
from portal.content.queries.visibility import article
from portal.content.queries.visibility import clip_row
from portal.content.reader import Reader
from portal.content.values import Attachment
from portal.content.values import Term
from portal.content.values import Translation

article_tag = cast("Table", ArticleTag.__table__)
attachment = cast("Table", AttachmentRow.__table__)
tag = cast("Table", Tag.__table__)

_ID: BindParameter[int] = bindparam("id")
_NO_TEXT = cast_to(null(), Text)
_NO_NUMBER = cast_to(null(), Integer)
_NO_MOMENT = type_coerce(cast_to(null(), UtcDateTime().impl), UtcDateTime())

_TAGS = (
    select(
        literal("tag").label("what"),
        article_tag.c.position,
        tag.c.id,
        tag.c.slug.label("name"),
        cast_to(tag.c.name, Text).label("title"),
        _NO_TEXT.label("kind"),
        _NO_TEXT.label("place"),
        _NO_TEXT.label("locale"),
        _NO_NUMBER.label("size"),
        _NO_NUMBER.label("pages"),
        _NO_MOMENT.label("at"),
        _NO_NUMBER.label("section_id"),
    )
    .join(article_tag, article_tag.c.tag_id == tag.c.id)
    .where(article_tag.c.article_id == _ID)
)
_ATTACHMENTS = select(
    literal("attachment"),
    attachment.c.position,
    attachment.c.id,
    attachment.c.file_name,
    attachment.c.title,
    attachment.c.media_type,
    attachment.c.src,
    _NO_TEXT,
    attachment.c.size,
    attachment.c.pages,
    _NO_MOMENT,
    _NO_NUMBER,
).where(attachment.c.article_id == _ID)
_TRANSLATIONS = (
    select(
        literal("translation"),
        literal(0),
        article.c.id,
        article.c.slug,
        article.c.headline,
        article.c.kind,
        section.c.key,
        article.c.locale,
        _NO_NUMBER,
        _NO_NUMBER,
        article.c.first_published_at,
        section.c.id,
    )
    .outerjoin(section, section.c.id == article.c.section_id)
    .where(
        article.c.translation_group == bindparam("group"),
        OF_SITE_AFTER_ALL,
        article.c.id != _ID,
        article.c.locale != bindparam("own_locale"),
        article.c.status == "published",
    )
)
_WITHOUT_TRANSLATIONS = union_all(_TAGS, _ATTACHMENTS)
_EVERYTHING = union_all(_TAGS, _ATTACHMENTS, _TRANSLATIONS)


@dataclass(frozen=True, slots=True)
class Belongings:
    """What belongs to one article, each in its order."""

    tags: tuple[Term, ...]
    attachments: tuple[Attachment, ...]
    translations: tuple[Translation, ...]


def read_belongings(reader: Reader, row: Mapping[Any, Any]) -> Belongings:
    """Everything that belongs to the article of a row, in one statement."""
    group = row["translation_group"]
    values = {"id": row["id"]}
    if group is None:
        found = reader.session.execute(_WITHOUT_TRANSLATIONS, values).all()
    else:
        reader.reads.record(tags.group(group))
        values |= {"group": group, "site": reader.site, "own_locale": row["locale"]}
        found = reader.session.execute(_EVERYTHING, values).all()
    found = sorted(found, key=lambda one: (one.position, one.locale or "", one.id))
    by_kind: dict[str, list[Row[Any]]] = {"tag": [], "attachment": [], "translation": []}
    for one in found:
        by_kind[one.what].append(one)
    return Belongings(
        _terms(reader, by_kind["tag"]),
        tuple(_attachment(one) for one in by_kind["attachment"]),
        _translations(reader, by_kind["translation"]),
    )


def _terms(reader: Reader, rows: Sequence[Row[Any]]) -> tuple[Term, ...]:
    reader.reads.record(*(tags.tag(row.name) for row in rows))
    return tuple(
        Term(row.name, localised(json.loads(row.title), reader) or row.name) for row in rows
    )


def _attachment(row: Row[Any]) -> Attachment:
    return Attachment(
        row.id, row.title, row.name, row.kind, row.size, row.pages, media_path(row.place)
    )


def _translations(reader: Reader, rows: Sequence[Row[Any]]) -> tuple[Translation, ...]:
    visible: dict[str, Translation] = {}
    for row in rows:
        clip_row(reader, row.at, None)
        if row.section_id is not None:
            reader.reads.record(tags.section(row.section_id))
        if row.at <= reader.now:
            path = article_path(reader, row.kind, row.id, row.name, row.place, row.locale)
            visible.setdefault(row.locale, Translation(row.locale, path, row.title))
    return tuple(visible.values())
