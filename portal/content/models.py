"""The tables. Rows stay inside `portal.content`: queries return values, commands take drafts.

All text is NFC, all times are UTC. Names by locale are JSON objects `{"vi": …, "en": …}`.
Every index serves a query of `portal.content.queries` at 100,000 articles; the columns of the
list indexes stand in the order: what must be equal, then the order of the list, then what is
only looked at.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import Identity
from sqlalchemy import Index
from sqlalchemy import Text
from sqlalchemy import UniqueConstraint
from sqlalchemy import text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from portal.content.columns import Json
from portal.content.columns import Long
from portal.content.columns import UtcDateTime
from portal.extensions import Model

Key = Annotated[int, mapped_column(Long, primary_key=True)]
Name = Annotated[str, mapped_column(Text)]
OptionalName = Annotated[str | None, mapped_column(Text)]
Moment = Annotated[datetime, mapped_column(UtcDateTime)]
OptionalMoment = Annotated[datetime | None, mapped_column(UtcDateTime)]
ByLocale = Annotated[dict[str, str], mapped_column(Json, default=dict)]
Records = Annotated[list[dict[str, Any]], mapped_column(Json, default=list)]
SiteKey = Annotated[str, mapped_column(Text, ForeignKey("site.key"))]


class Site(Model):
    """A site that has content here; what it says of itself stands in `site.yaml`."""

    __tablename__ = "site"

    key: Mapped[str] = mapped_column(Text, primary_key=True)


class Section(Model):
    """A node of a site's section tree; `key` is its slug path from the root."""

    __tablename__ = "section"
    __table_args__ = (UniqueConstraint("site", "key"),)

    id: Mapped[Key]
    site: Mapped[SiteKey]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"), index=True)
    slug: Mapped[Name]
    key: Mapped[Name]
    position: Mapped[int]
    name: Mapped[ByLocale]
    description: Mapped[ByLocale]
    layout: Mapped[OptionalName]


class Topic(Model):
    """A running story that articles belong to, one at most each."""

    __tablename__ = "topic"
    __table_args__ = (UniqueConstraint("site", "slug"),)

    id: Mapped[Key]
    site: Mapped[SiteKey]
    slug: Mapped[Name]
    name: Mapped[ByLocale]


class Tag(Model):
    """A keyword of articles."""

    __tablename__ = "tag"
    __table_args__ = (UniqueConstraint("site", "slug"),)

    id: Mapped[Key]
    site: Mapped[SiteKey]
    slug: Mapped[Name]
    name: Mapped[ByLocale]


class Media(Model):
    """A picture with its files. `focus` is the point that cropping keeps, as fractions."""

    __tablename__ = "media"
    __table_args__ = (
        UniqueConstraint("site", "name"),
        CheckConstraint("width > 0 AND height > 0", name="size"),
    )

    id: Mapped[Key]
    site: Mapped[SiteKey]
    name: Mapped[Name]
    alt: Mapped[ByLocale]
    decorative: Mapped[bool] = mapped_column(default=False)
    caption: Mapped[ByLocale]
    credit: Mapped[str] = mapped_column(Text, default="")
    width: Mapped[int]
    height: Mapped[int]
    content_digest: Mapped[Name]
    renditions: Mapped[Records]
    focus: Mapped[list[float] | None] = mapped_column(Json)


class Article(Model):
    """An article (`kind` article) or a static page (`kind` page).

    Readers see a row whose status is `published` once `first_published_at` has come: a scheduled
    article is a published one whose time lies ahead, so no job has to run when it comes.
    """

    __tablename__ = "article"
    __table_args__ = (
        CheckConstraint("kind IN ('article', 'page')", name="kind"),
        CheckConstraint("status IN ('draft', 'published', 'withdrawn')", name="status"),
        CheckConstraint("first_published_precision IN ('day', 'minute')", name="precision"),
        CheckConstraint(
            "status <> 'published' OR first_published_at IS NOT NULL", name="published_when"
        ),
        UniqueConstraint("site", "legacy_system", "legacy_id"),
        Index(
            "article_page_slug_key",
            "site",
            "locale",
            "slug",
            unique=True,
            sqlite_where=text("kind = 'page'"),
            postgresql_where=text("kind = 'page'"),
        ),
        Index(
            "article_site_list_index",
            "site",
            "locale",
            "kind",
            "status",
            "first_published_at",
            "id",
            "expires_at",
        ),
        Index(
            "article_section_list_index",
            "section_id",
            "locale",
            "kind",
            "status",
            "first_published_at",
            "id",
            "expires_at",
        ),
        Index(
            "article_topic_list_index",
            "topic_id",
            "locale",
            "kind",
            "status",
            "first_published_at",
            "id",
            "expires_at",
        ),
        Index("article_site_locale_expires_at_index", "site", "locale", "expires_at"),
        Index("article_site_content_hash_index", "site", "content_hash"),
    )

    id: Mapped[Key]
    site: Mapped[SiteKey]
    section_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"))
    kind: Mapped[Name]
    slug: Mapped[Name]
    locale: Mapped[Name]
    translation_group: Mapped[str | None] = mapped_column(Text, index=True)
    headline: Mapped[Name]
    sanitiser_version: Mapped[int]
    source_name: Mapped[OptionalName]
    source_url: Mapped[OptionalName]
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    status: Mapped[Name]
    first_published_at: Mapped[OptionalMoment]
    first_published_precision: Mapped[Name]
    time_zone: Mapped[Name]
    updated_at: Mapped[OptionalMoment]
    expires_at: Mapped[OptionalMoment]
    end_mark: Mapped[bool]
    hero_id: Mapped[int | None] = mapped_column(ForeignKey("media.id"), index=True)
    legacy_system: Mapped[OptionalName]
    legacy_id: Mapped[OptionalName]
    legacy_url: Mapped[OptionalName]
    content_hash: Mapped[OptionalName]
    withdrawn_reason: Mapped[Name]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("article.id"), index=True)
    created_at: Mapped[Moment]
    modified_at: Mapped[Moment]
    revision: Mapped[int]
    # Wide columns come last: SQLite walks through everything that stands before a column, and
    # lists look at the narrow ones of many rows.
    lead: Mapped[Name]
    authors: Mapped[Records]
    corrections: Mapped[Records]
    body: Mapped[Name]
    body_text: Mapped[Name]
    provenance: Mapped[Records]
    review_flags: Mapped[Records]


class ArticleTag(Model):
    """A keyword of an article. The publication time is repeated here for the newest per tag."""

    __tablename__ = "article_tag"
    __table_args__ = (
        Index("article_tag_list_index", "tag_id", "first_published_at", "article_id"),
    )

    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True)
    position: Mapped[int]
    first_published_at: Mapped[OptionalMoment]


class Attachment(Model):
    """A file to download with an article."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("article_id", "position"),)

    id: Mapped[Key]
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    position: Mapped[int]
    title: Mapped[Name]
    file_name: Mapped[Name]
    media_type: Mapped[Name]
    size: Mapped[int] = mapped_column(Long)
    pages: Mapped[int | None]
    src: Mapped[Name]
    content_digest: Mapped[Name]


class Pin(Model):
    """An article that editors put first. `scope` is `home`, `section:5` or `article:12`."""

    __tablename__ = "pin"
    __table_args__ = (UniqueConstraint("site", "scope", "article_id"),)

    id: Mapped[Key]
    site: Mapped[SiteKey]
    scope: Mapped[Name]
    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    expires_at: Mapped[OptionalMoment]


class Redirect(Model):
    """Where an old address leads: to an article wherever it stands now, or to an address.

    `path` is folded (no case, no slash at the end); `query` must be contained in the request's.
    """

    __tablename__ = "redirect"
    __table_args__ = (
        Index("redirect_site_path_index", "site", "path"),
        CheckConstraint("code IN (301, 302, 307, 308, 410)", name="code"),
    )

    id: Mapped[Key]
    site: Mapped[SiteKey]
    host: Mapped[str] = mapped_column(Text, default="")
    path: Mapped[Name]
    query: Mapped[ByLocale]
    target: Mapped[str] = mapped_column(Text, default="")
    article_id: Mapped[int | None] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), index=True
    )
    code: Mapped[int]


class Revision(Model):
    """An article as it stood after one save; never changed, never deleted with a newer one."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("article_id", "number"),)

    id: Mapped[Key]
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    number: Mapped[int]
    at: Mapped[Moment]
    actor: Mapped[Name]
    snapshot: Mapped[dict[str, Any]] = mapped_column(Json)


class ArticleTerm(Model):
    """A word pair an article is about. `term` is a 64-bit digest of site, locale and pair."""

    __tablename__ = "article_term"
    __table_args__ = (Index("article_term_article_id_index", "article_id"),)

    term: Mapped[int] = mapped_column(Long, primary_key=True, autoincrement=False)
    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    weight: Mapped[float]


class Similar(Model):
    """An article that reads like another one; found when either was published."""

    __tablename__ = "similar"

    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    other_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    score: Mapped[float]


class CacheLog(Model):
    """What changed, in the order of the commits; see `portal.content.log`.

    AUTOINCREMENT on SQLite, because the number of a deleted newest row would be used again.
    """

    __tablename__ = "cache_log"
    __table_args__ = (
        Index("cache_log_tag_position_index", "tag", "position"),
        {"sqlite_autoincrement": True},
    )

    position: Mapped[int] = mapped_column(Long, Identity(always=True, cache=1), primary_key=True)
    tag: Mapped[Name]


class CacheMeta(Model):
    """One row: the epoch of this database and the floor of its log."""

    __tablename__ = "cache_meta"
    __table_args__ = (CheckConstraint("one = 1", name="one"),)

    one: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[Name]
    floor: Mapped[int] = mapped_column(Long)
    fingerprint: Mapped[OptionalName]
