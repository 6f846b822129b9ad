"""One article or static page with everything a reader may see of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from typing import cast

from sqlalchemy import BindParameter
from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import select

from portal.content import tags
from portal.content.body import media_in
from portal.content.body import split_body
from portal.content.models import UNSEEN_OF_ARTICLE
from portal.content.models import Topic
from portal.content.queries.addresses import article_path
from portal.content.queries.belongings import read_belongings
from portal.content.queries.images import COLUMNS as IMAGE_COLUMNS
from portal.content.queries.images import image_of
from portal.content.queries.images import media
from portal.content.queries.images import read_images
from portal.content.queries.sections import localised
from portal.content.queries.sections import section_by_id
from portal.content.queries.summaries import summaries
from portal.content.queries.visibility import EDGES
from portal.content.queries.visibility import LOCALE
from portal.content.queries.visibility import SITE
from portal.content.queries.visibility import article
from portal.content.queries.visibility import clip_row
from portal.content.queries.visibility import note_edges
from portal.content.queries.visibility import places
from portal.content.reader import Reader
from portal.content.values import Article
from portal.content.values import Author
from portal.content.values import Correction
from portal.content.values import Image
from portal.content.values import Moment
from portal.content.values import Section
from portal.content.values import Source
from portal.content.values import Term
from portal.content.values import Withdrawn

topic = cast("Table", Topic.__table__)

_ID: BindParameter[int] = bindparam("id")
_ONE = (
    select(
        *(column for column in article.c if column.name not in UNSEEN_OF_ARTICLE),
        topic.c.slug.label("topic_slug"),
        topic.c.name.label("topic_name"),
        *IMAGE_COLUMNS,
        *EDGES,
    )
    .outerjoin(topic, topic.c.id == article.c.topic_id)
    .outerjoin(media, media.c.id == article.c.hero_id)
    .where(article.c.id == _ID, article.c.site == SITE)
)
_PAGE = select(article.c.id).where(
    article.c.site == SITE,
    article.c.locale == LOCALE,
    article.c.kind == "page",
    article.c.slug == bindparam("slug"),
)


def find_article(reader: Reader, number: int) -> Article | Withdrawn | None:
    """The article or page with an id, in whatever language it is; nothing before its time.

    Three statements, a fourth for pictures in the body; once per page.
    """
    return reader.once(("article", reader.locale, number), lambda inner: _load(inner, number))


def find_page(reader: Reader, slug: str) -> Article | Withdrawn | None:
    """The static page at a slug in the reader's language."""
    return reader.once(("page", reader.locale, slug), lambda inner: _load_page(inner, slug))


def _load_page(reader: Reader, slug: str) -> Article | Withdrawn | None:
    reader.reads.record(tags.page(slug))
    number = reader.session.execute(_PAGE, places(reader, slug=slug)).scalar()
    return None if number is None else find_article(reader, number)


def _load(reader: Reader, number: int) -> Article | Withdrawn | None:
    reader.reads.record(tags.article(number))
    found = reader.session.execute(_ONE, places(reader, id=number)).mappings().first()
    if found is None or found["status"] == "draft":
        return None
    if found["status"] == "withdrawn":
        successor = found["successor_id"]
        replacing = summaries(reader, [successor] if successor is not None else [])
        return Withdrawn(
            number,
            found["locale"],
            found["headline"],
            found["withdrawn_reason"],
            replacing[0] if replacing else None,
        )
    note_edges(reader, found)
    clip_row(reader, found["first_published_at"], found["expires_at"])
    if found["first_published_at"] > reader.now:
        return None
    return _article(reader, found)


def _article(reader: Reader, row: Mapping[Any, Any]) -> Article:
    images = _images(reader, row)
    home = section_by_id(reader, row["section_id"])
    own = read_belongings(reader, row)
    return Article(
        id=row["id"],
        kind=row["kind"],
        locale=row["locale"],
        headline=row["headline"],
        lead=row["lead"],
        body=split_body(row["body"], images),
        body_text=row["body_text"],
        path=_path(reader, row, home),
        published=Moment(
            row["first_published_at"], row["first_published_precision"], row["time_zone"]
        ),
        updated=row["updated_at"],
        expires=row["expires_at"],
        section=home,
        hero=images.get(row["hero_id"]),
        authors=tuple(Author(**author) for author in row["authors"]),
        source=Source(row["source_name"], row["source_url"]) if row["source_name"] else None,
        tags=own.tags,
        topic=_topic(reader, row),
        attachments=own.attachments,
        corrections=tuple(
            Correction(datetime.fromisoformat(item["at"]), item["kind"], item["note"])
            for item in row["corrections"]
        ),
        translations=own.translations,
        end_mark=row["end_mark"],
        legacy_url=row["legacy_url"],
    )


def _images(reader: Reader, row: Mapping[Any, Any]) -> dict[int, Image]:
    """The article's own picture, which came with it, and those in its body."""
    hero = row["media_id"]
    images = read_images(reader, media_in(row["body"]) - {hero})
    if hero is not None:
        reader.reads.record(tags.media(hero))
        images[hero] = image_of(reader, row)
    return images


def _path(reader: Reader, row: Mapping[Any, Any], home: Section | None) -> str:
    key = home.key if home else None
    return article_path(reader, row["kind"], row["id"], row["slug"], key, row["locale"])


def _topic(reader: Reader, row: Mapping[Any, Any]) -> Term | None:
    slug = row["topic_slug"]
    if slug is None:
        return None
    reader.reads.record(tags.topic(slug))
    return Term(slug, localised(row["topic_name"], reader) or slug)
