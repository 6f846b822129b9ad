"""The tables of content. Only this package touches them; everyone else gets frozen values."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import CheckConstraint
from sqlalchemy import DateTime
from sqlalchemy import Float
from sqlalchemy import ForeignKey
from sqlalchemy import Identity
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy import TypeDecorator
from sqlalchemy import UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from portal.extensions import Model

JsonObject = dict[str, Any]
JsonList = list[Any]
# SQLite gives AUTOINCREMENT only to INTEGER keys; PostgreSQL positions outgrow 32 bits.
BigKey = BigInteger().with_variant(Integer, "sqlite")


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; aware in Python on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; moments are stored in UTC")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value


class Site(Model):
    """A site; its words and look are in its folder, its content hangs here."""

    __tablename__ = "site"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)


class Section(Model):
    """A node of a site's section tree. `key` is its slug path; names are by locale."""

    __tablename__ = "section"
    __table_args__ = (UniqueConstraint("site", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(ForeignKey("site.key"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"))
    key: Mapped[str] = mapped_column(String(255))
    position: Mapped[int] = mapped_column(Integer)
    names: Mapped[JsonObject] = mapped_column(JSON)
    descriptions: Mapped[JsonObject] = mapped_column(JSON)


class Media(Model):
    """A picture: text alternative by locale, renditions as stored files."""

    __tablename__ = "media"
    __table_args__ = (UniqueConstraint("site", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(ForeignKey("site.key"))
    digest: Mapped[str] = mapped_column(String(64))
    alt: Mapped[JsonObject] = mapped_column(JSON)
    decorative: Mapped[bool] = mapped_column(Boolean, default=False)
    caption: Mapped[JsonObject] = mapped_column(JSON)
    credit: Mapped[str] = mapped_column(Text, default="")
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    focal_x: Mapped[float] = mapped_column(Float, default=0.5)
    focal_y: Mapped[float] = mapped_column(Float, default=0.5)
    renditions: Mapped[JsonList] = mapped_column(JSON)


class Article(Model):
    """An article or static page in one language."""

    __tablename__ = "article"
    __table_args__ = (
        CheckConstraint("kind IN ('article', 'page')", name="kind"),
        CheckConstraint("status IN ('draft', 'published', 'withdrawn')", name="status"),
        CheckConstraint("precision IN ('day', 'minute')", name="precision"),
        UniqueConstraint("site", "legacy_system", "legacy_id"),
        Index("ix_article_list", "site", "locale", "kind", "status", "published_at", "id"),
        Index("ix_article_section", "section_id", "locale", "kind", "status", "published_at", "id"),
        Index("ix_article_topic", "site", "topic", "locale", "published_at"),
        Index("ix_article_group", "site", "translation_group"),
        Index("ix_article_slug", "site", "kind", "locale", "slug"),
        Index("ix_article_expires", "site", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(ForeignKey("site.key"))
    kind: Mapped[str] = mapped_column(String(8), default="article")
    locale: Mapped[str] = mapped_column(String(8))
    translation_group: Mapped[str] = mapped_column(String(120))
    section_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"))
    slug: Mapped[str] = mapped_column(String(120))
    headline: Mapped[str] = mapped_column(Text)
    lead: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text, default="")
    body_text: Mapped[str] = mapped_column(Text, default="")
    authors: Mapped[JsonList] = mapped_column(JSON, default=list)
    source_name: Mapped[str | None] = mapped_column(Text)
    source_url: Mapped[str | None] = mapped_column(Text)
    topic: Mapped[str | None] = mapped_column(ForeignKey("topic.slug"))
    hero_id: Mapped[int | None] = mapped_column(ForeignKey("media.id"))
    status: Mapped[str] = mapped_column(String(12), default="draft")
    published_at: Mapped[datetime] = mapped_column(Moment)
    precision: Mapped[str] = mapped_column(String(8), default="minute")
    time_zone: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime | None] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    corrections: Mapped[JsonList] = mapped_column(JSON, default=list)
    end_mark: Mapped[bool] = mapped_column(Boolean, default=False)
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="")
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("article.id"))
    legacy_system: Mapped[str | None] = mapped_column(String(64))
    legacy_id: Mapped[str | None] = mapped_column(String(255))
    legacy_url: Mapped[str | None] = mapped_column(Text)
    provenance: Mapped[JsonObject] = mapped_column(JSON, default=dict)
    review_flags: Mapped[JsonList] = mapped_column(JSON, default=list)
    content_hash: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    modified_at: Mapped[datetime] = mapped_column(Moment)


class Topic(Model):
    """A thread of events; its name is by locale."""

    __tablename__ = "topic"

    slug: Mapped[str] = mapped_column(String(120), primary_key=True)
    names: Mapped[JsonObject] = mapped_column(JSON)


class Tag(Model):
    """A keyword; its name is by locale."""

    __tablename__ = "tag"

    slug: Mapped[str] = mapped_column(String(120), primary_key=True)
    names: Mapped[JsonObject] = mapped_column(JSON)


class ArticleTag(Model):
    """Which articles carry a tag, newest first by the index."""

    __tablename__ = "article_tag"
    __table_args__ = (Index("ix_article_tag_tag", "tag", "article_id"),)

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(ForeignKey("tag.slug"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, default=0)


class ArticleMedia(Model):
    """Which pictures stand in an article's body; a replaced picture ends their fragments."""

    __tablename__ = "article_media"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)
    media_id: Mapped[int] = mapped_column(ForeignKey("media.id"), primary_key=True, index=True)


class Attachment(Model):
    """A file of an article. `size` is in bytes."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), index=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    title: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(Integer)
    pages: Mapped[int | None] = mapped_column(Integer)
    src: Mapped[str] = mapped_column(Text)


class Pin(Model):
    """An editor's choice: an article pinned to a place (`home`, `section:5`, `article:7`)."""

    __tablename__ = "pin"
    __table_args__ = (UniqueConstraint("site", "scope", "article_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(ForeignKey("site.key"))
    scope: Mapped[str] = mapped_column(String(64))
    position: Mapped[int] = mapped_column(Integer)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    expires_at: Mapped[datetime | None] = mapped_column(Moment)


class Redirect(Model):
    """Where an old address leads. `path` is casefolded; `query` must be part of the request's."""

    __tablename__ = "redirect"
    __table_args__ = (
        CheckConstraint("code IN (301, 308, 410)", name="code"),
        UniqueConstraint("site", "host", "path", "query_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(ForeignKey("site.key"))
    host: Mapped[str] = mapped_column(String(255), default="")
    path: Mapped[str] = mapped_column(String(1000))
    query: Mapped[JsonObject] = mapped_column(JSON, default=dict)
    query_key: Mapped[str] = mapped_column(String(500), default="")
    target: Mapped[str] = mapped_column(Text)
    code: Mapped[int] = mapped_column(Integer, default=301)


class Revision(Model):
    """An article as it was after one save; never changed, never deleted."""

    __tablename__ = "revision"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    saved_at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(120), default="")
    content: Mapped[JsonObject] = mapped_column(JSON)


class ArticlePhrase(Model):
    """The telling phrases of an article (folded syllable pairs), for similarity."""

    __tablename__ = "article_phrase"
    __table_args__ = (Index("ix_article_phrase_phrase", "locale", "phrase", "article_id"),)

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)
    phrase: Mapped[str] = mapped_column(String(64), primary_key=True)
    locale: Mapped[str] = mapped_column(String(8))
    weight: Mapped[float] = mapped_column(Float)


class Similar(Model):
    """Articles similar by text, best first; computed when an article is published."""

    __tablename__ = "similar"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True, index=True)
    score: Mapped[float] = mapped_column(Float)


class CacheLog(Model):
    """The change log. AUTOINCREMENT: a position that was deleted is never given again."""

    __tablename__ = "cache_log"
    __table_args__ = (Index("ix_cache_log_tag", "tag", "position"), {"sqlite_autoincrement": True})

    position: Mapped[int] = mapped_column(BigKey, Identity(always=True, cache=1), primary_key=True)
    tag: Mapped[str] = mapped_column(Text)


class CacheMeta(Model):
    """One row: the epoch of the log, and the position below which rows may be missing."""

    __tablename__ = "cache_meta"
    __table_args__ = (CheckConstraint("one = 1", name="one"),)

    one: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    epoch: Mapped[str] = mapped_column(Text)
    floor: Mapped[int] = mapped_column(BigInteger)
    fingerprint: Mapped[str | None] = mapped_column(Text)
