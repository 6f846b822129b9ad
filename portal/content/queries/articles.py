"""One article with everything a reader may see of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from html import unescape
from typing import Any

from sqlalchemy import select

from portal.content import models
from portal.content.addresses import article_path
from portal.content.addresses import locale_prefix
from portal.content.addresses import page_path
from portal.content.addresses import section_path
from portal.content.queries.lists import summaries
from portal.content.queries.pictures import find_images
from portal.content.queries.sections import in_locale
from portal.content.queries.sections import sections_by_id
from portal.content.reader import Reader
from portal.content.values import Article
from portal.content.values import Attachment
from portal.content.values import Author
from portal.content.values import BodyPart
from portal.content.values import Correction
from portal.content.values import FigurePart
from portal.content.values import Html
from portal.content.values import HtmlPart
from portal.content.values import Image
from portal.content.values import Moment
from portal.content.values import Source
from portal.content.values import Term
from portal.content.values import Translation
from portal.content.values import Withdrawn

_ROW = models.Article
_FIGURE = re.compile(
    r'<figure(?: data-media="(\d+)")?>(?:<figcaption>(.*?)</figcaption>)?</figure>', re.DOTALL
)
_COLUMNS = (
    *_ROW.__table__.columns,
    models.Topic.names.label("topic_names"),
)


def find_article(reader: Reader, number: int) -> Article | Withdrawn | None:
    """The article or static page with this id; none before its publication or of another site."""

    def load(inner: Reader) -> Article | Withdrawn | None:
        inner.reads.record(f"article:{number}")
        query = select(*_COLUMNS).outerjoin(models.Topic, models.Topic.slug == _ROW.topic)
        row = inner.session.execute(
            query.where(_ROW.id == number, _ROW.site == inner.site)
        ).one_or_none()
        return None if row is None else _load(inner, row)

    return reader.once(("article", number), load)


def find_page(reader: Reader, slug: str) -> Article | Withdrawn | None:
    """The static page with this slug in the reader's language."""
    reader.reads.record("pages")
    number = reader.session.scalar(
        select(_ROW.id)
        .where(
            _ROW.site == reader.site,
            _ROW.kind == "page",
            _ROW.locale == reader.locale,
            _ROW.slug == slug,
        )
        .order_by(_ROW.id.desc())
        .limit(1)
    )
    return None if number is None else find_article(reader, number)


def list_translations(
    reader: Reader, section_key: str | None, locales: Iterable[str], page_number: int
) -> tuple[Translation, ...]:
    """A home or section page in the site's other languages; only first pages correspond."""
    if page_number != 1:
        return ()
    found = []
    for locale in locales:
        if locale != reader.locale:
            prefix = locale_prefix(locale, reader.default_locale)
            path = section_path(prefix, section_key) if section_key else prefix + "/"
            found.append(Translation(locale, path, ""))
    return tuple(found)


def _load(reader: Reader, row: Any) -> Article | Withdrawn | None:  # noqa: ANN401 - a joined row
    if row.status == "withdrawn":
        return _withdrawn(reader, row)
    if row.status != "published":
        return None
    if row.published_at > reader.now:
        reader.reads.clip(row.published_at)
        return None
    if row.expires_at is not None and row.expires_at > reader.now:
        reader.reads.clip(row.expires_at)
    pieces = _FIGURE.split(row.body)
    pictures = [int(number) for number in pieces[1::3] if number]
    images = find_images(reader, [*pictures, row.hero_id])
    section = sections_by_id(reader).get(row.section_id) if row.section_id else None
    prefix = locale_prefix(row.locale, reader.default_locale)
    if row.topic is not None:
        reader.reads.record(f"topic:{row.topic}")
    return Article(
        id=row.id,
        kind=row.kind,
        locale=row.locale,
        headline=row.headline,
        lead=row.lead,
        body=tuple(_body_parts(pieces, images)),
        body_text=row.body_text,
        path=_path(prefix, row.kind, section.key if section else None, row.slug, row.id),
        published=Moment(row.published_at, row.precision, row.time_zone),
        updated=row.updated_at,
        expires=row.expires_at,
        section=section,
        hero=images.get(row.hero_id),
        authors=tuple(Author(**author) for author in row.authors),
        source=Source(row.source_name, row.source_url) if row.source_name else None,
        tags=_tags(reader, row.id),
        topic=Term(row.topic, in_locale(reader, row.topic_names)) if row.topic else None,
        attachments=_attachments(reader, row.id),
        corrections=tuple(_correction(item) for item in row.corrections),
        translations=_translations(reader, row),
        end_mark=row.end_mark,
        legacy_url=row.legacy_url,
    )


def _path(prefix: str, kind: str, section_key: str | None, slug: str, number: int) -> str:
    if kind == "page":
        return page_path(prefix, slug)
    return article_path(prefix, section_key, slug, number)


def _withdrawn(reader: Reader, row: Any) -> Withdrawn:  # noqa: ANN401 - a joined row
    successor = summaries(reader, (row.successor_id,)) if row.successor_id else ()
    return Withdrawn(
        row.id, row.locale, row.headline, row.withdrawn_reason, successor[0] if successor else None
    )


def _body_parts(pieces: list[str], images: dict[int, Image]) -> Iterable[BodyPart]:
    """Stored HTML, cut at its figures; `pieces` alternate between HTML, picture id and caption."""
    for position in range(0, len(pieces), 3):
        html = pieces[position].strip()
        if html:
            yield HtmlPart(Html(html))
        if position + 2 < len(pieces):
            number, caption = pieces[position + 1], pieces[position + 2] or ""
            image = images.get(int(number)) if number else None
            credit = image.credit if image else ""
            if image is not None or caption:
                yield FigurePart(image, _plain(caption) or _caption(image), credit)


def _caption(image: Image | None) -> str:
    return image.caption if image else ""


def _plain(html: str) -> str:
    """A caption's text: the store keeps it as HTML, cards and alternatives want words."""
    return unescape(re.sub(r"<[^>]*>", "", html)).strip()


def _tags(reader: Reader, number: int) -> tuple[Term, ...]:
    rows = reader.session.execute(
        select(models.Tag.slug, models.Tag.names)
        .join(models.ArticleTag, models.ArticleTag.tag == models.Tag.slug)
        .where(models.ArticleTag.article_id == number)
        .order_by(models.ArticleTag.position, models.Tag.slug)
    ).all()
    reader.reads.record(*(f"tag:{row.slug}" for row in rows))
    return tuple(Term(row.slug, in_locale(reader, row.names)) for row in rows)


def _attachments(reader: Reader, number: int) -> tuple[Attachment, ...]:
    row = models.Attachment
    rows = reader.session.execute(
        select(row.id, row.title, row.file_name, row.media_type, row.size, row.pages, row.src)
        .where(row.article_id == number)
        .order_by(row.position, row.id)
    )
    return tuple(Attachment(*found) for found in rows)


def _correction(item: dict[str, Any]) -> Correction:
    return Correction(datetime.fromisoformat(item["at"]), item["kind"], item["note"])


def _translations(reader: Reader, row: Any) -> tuple[Translation, ...]:  # noqa: ANN401 - a row
    reader.reads.record(f"group:{row.translation_group}")
    found = reader.session.execute(
        select(
            _ROW.id,
            _ROW.locale,
            _ROW.kind,
            _ROW.slug,
            _ROW.section_id,
            _ROW.headline,
            _ROW.published_at,
        )
        .where(
            _ROW.site == reader.site,
            _ROW.translation_group == row.translation_group,
            _ROW.locale != row.locale,
            _ROW.status == "published",
        )
        .order_by(_ROW.locale, _ROW.id)
    ).all()
    sections = sections_by_id(reader)
    translations = []
    for other in found:
        if other.published_at > reader.now:
            reader.reads.clip(other.published_at)
            continue
        section = sections.get(other.section_id)
        prefix = locale_prefix(other.locale, reader.default_locale)
        path = _path(prefix, other.kind, section.key if section else None, other.slug, other.id)
        translations.append(Translation(other.locale, path, other.headline))
    return tuple(translations)
