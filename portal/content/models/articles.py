"""Articles and pages, and what belongs to one of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import Text
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from portal.content.columns import Json
from portal.content.columns import Long
from portal.content.models.fields import Key
from portal.content.models.fields import Moment
from portal.content.models.fields import Name
from portal.content.models.fields import OptionalMoment
from portal.content.models.fields import OptionalName
from portal.content.models.fields import Records
from portal.content.models.fields import SiteKey
from portal.content.tracking import Ends
from portal.content.tracking import ends
from portal.extensions import Model

# What readers cannot see of an article; queries of one article leave the same columns out.
UNSEEN_OF_ARTICLE = frozenset(
    {
        "provenance",
        "review_flags",
        "sanitiser_version",
        "legacy_system",
        "legacy_id",
        "content_hash",
        "created_at",
        "modified_at",
        "revision",
    }
)

# Lists hold published articles. Where one stands follows from its times; a list beside an article
# leaves out equal headlines, and large cards need a lead and a picture.
_LISTED = "@kind = 'article' AND @status = 'published'"
_PLACE = (
    "site",
    "locale",
    "first_published_at",
    "expires_at",
    "headline",
    "hero_id",
    "@lead <> ''",
)
# How a list of links shows an article, and whether it may.
_LINK = ("site", "kind", "locale", "slug", "status", "first_published_at", "translation_group")
# An article that has gone leaves its lists together with these rows.
_OF_LISTED = (
    "NOT EXISTS (SELECT 1 FROM article AS owner WHERE owner.id = @article_id"
    " AND NOT (owner.kind = 'article' AND owner.status = 'published'))"
)


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
        # Both of pages only: `WHERE kind = 'page'` stands in the migrations.
        Index("article_page_slug_key", "site", "locale", "slug", unique=True),
        Index("article_page_slug_index", "site", "slug"),
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
        ends(
            Ends("article:{id}", unseen=UNSEEN_OF_ARTICLE),
            Ends("page:{slug}", changed=_LINK, when="@kind = 'page'"),
            Ends(
                "list:pages",
                changed=(*_LINK, "headline", "expires_at"),
                when="@kind = 'page' AND @status = 'published'",
            ),
            Ends("list:updates", changed=("updated_at",), on_insert=False),
            Ends("list:terms", changed=("topic_id",), on_insert=False),
            Ends("group:{translation_group}", changed=(*_LINK, "headline", "section_id")),
            Ends("list:site", changed=(*_PLACE, "section_id"), when=_LISTED),
            Ends("list:section:{section_id}", changed=_PLACE, when=_LISTED),
            Ends(
                "list:topic:{topic.slug}",
                changed=_PLACE,
                when=_LISTED,
                through="topic",
                matching="topic.id = @topic_id",
            ),
            Ends(
                "list:tag:{tag.slug}",
                changed=_PLACE,
                when=_LISTED,
                through="article_tag JOIN tag ON tag.id = article_tag.tag_id",
                matching="article_tag.article_id = @id",
            ),
            Ends(
                "list:author:{article_author.slug}",
                changed=_PLACE,
                when=_LISTED,
                through="article_author",
                matching="article_author.article_id = @id",
            ),
            Ends(
                "pins:{pin.scope}",
                changed=_PLACE,
                when=_LISTED,
                through="pin",
                matching="pin.article_id = @id",
            ),
            Ends(
                "similar:{beside.article_id}",
                changed=_PLACE,
                when=_LISTED,
                through='"similar" AS beside',
                matching="beside.other_id = @id",
            ),
        ),
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
        ends(
            Ends("article:{article_id}", changed=("position",)),
            Ends("list:terms", changed=("tag_id",), when=_OF_LISTED),
            Ends(
                "list:tag:{tag.slug}",
                changed=("first_published_at",),
                when=_OF_LISTED,
                through="tag",
                matching="tag.id = @tag_id",
            ),
        ),
    )

    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True)
    position: Mapped[int]
    first_published_at: Mapped[OptionalMoment]


class ArticleAuthor(Model):
    """A byline of an article; `slug` is the name as it stands in the address of its list."""

    __tablename__ = "article_author"
    __table_args__ = (
        Index("article_author_list_index", "site", "slug", "first_published_at", "article_id"),
        ends(
            Ends("list:author:{slug}", changed=("name", "first_published_at"), when=_OF_LISTED),
            Ends("list:authors", changed=("slug",), when=_OF_LISTED),
        ),
    )

    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    site: Mapped[SiteKey]
    name: Mapped[Name]
    first_published_at: Mapped[OptionalMoment]


class Attachment(Model):
    """A file to download with an article."""

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("article_id", "position"),
        ends(Ends("article:{article_id}", unseen=frozenset({"content_digest"}))),
    )

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
    __table_args__ = (
        UniqueConstraint("site", "scope", "article_id"),
        ends(Ends("pins:{scope}")),
    )

    id: Mapped[Key]
    site: Mapped[SiteKey]
    scope: Mapped[Name]
    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    expires_at: Mapped[OptionalMoment]


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
