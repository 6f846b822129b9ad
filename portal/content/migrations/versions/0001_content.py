"""Content: sites, sections, articles, media, redirects, revisions, similarity, the change log."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

from portal.content.columns import Json
from portal.content.columns import Long
from portal.content.columns import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table of the first version."""
    op.create_table(
        "cache_log",
        sa.Column("position", Long, sa.Identity(always=True, cache=1), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="cache_log_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("cache_log_tag_position_index", "cache_log", ["tag", "position"], unique=False)
    meta = op.create_table(
        "cache_meta",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("floor", Long, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.CheckConstraint("one = 1", name=op.f("cache_meta_one_check")),
        sa.PrimaryKeyConstraint("one", name="cache_meta_pkey"),
    )
    op.create_table(
        "site",
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="site_pkey"),
    )
    op.create_table(
        "media",
        sa.Column("id", Long, nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("alt", Json, nullable=False),
        sa.Column("decorative", sa.Boolean(), nullable=False),
        sa.Column("caption", Json, nullable=False),
        sa.Column("credit", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content_digest", sa.Text(), nullable=False),
        sa.Column("renditions", Json, nullable=False),
        sa.Column("focus", Json, nullable=True),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("media_size_check")),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="media_site_fkey"),
        sa.PrimaryKeyConstraint("id", name="media_pkey"),
        sa.UniqueConstraint("site", "name", name="media_site_name_key"),
    )
    op.create_table(
        "section",
        sa.Column("id", Long, nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("parent_id", Long, nullable=True),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", Json, nullable=False),
        sa.Column("description", Json, nullable=False),
        sa.Column("layout", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["section.id"], name="section_parent_id_fkey"),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="section_site_fkey"),
        sa.PrimaryKeyConstraint("id", name="section_pkey"),
        sa.UniqueConstraint("site", "key", name="section_site_key_key"),
    )
    op.create_index("section_parent_id_index", "section", ["parent_id"], unique=False)
    op.create_table(
        "tag",
        sa.Column("id", Long, nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", Json, nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="tag_site_fkey"),
        sa.PrimaryKeyConstraint("id", name="tag_pkey"),
        sa.UniqueConstraint("site", "slug", name="tag_site_slug_key"),
    )
    op.create_table(
        "topic",
        sa.Column("id", Long, nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", Json, nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="topic_site_fkey"),
        sa.PrimaryKeyConstraint("id", name="topic_pkey"),
        sa.UniqueConstraint("site", "slug", name="topic_site_slug_key"),
    )
    op.create_table(
        "article",
        sa.Column("id", Long, nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("section_id", Long, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("translation_group", sa.Text(), nullable=True),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("sanitiser_version", sa.Integer(), nullable=False),
        sa.Column("source_name", sa.Text(), nullable=True),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.Column("topic_id", Long, nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("first_published_at", UtcDateTime(), nullable=True),
        sa.Column("first_published_precision", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("end_mark", sa.Boolean(), nullable=False),
        sa.Column("hero_id", Long, nullable=True),
        sa.Column("legacy_system", sa.Text(), nullable=True),
        sa.Column("legacy_id", sa.Text(), nullable=True),
        sa.Column("legacy_url", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        sa.Column("successor_id", Long, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("modified_at", UtcDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("authors", Json, nullable=False),
        sa.Column("corrections", Json, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("provenance", Json, nullable=False),
        sa.Column("review_flags", Json, nullable=False),
        sa.CheckConstraint(
            "first_published_precision IN ('day', 'minute')", name=op.f("article_precision_check")
        ),
        sa.CheckConstraint("kind IN ('article', 'page')", name=op.f("article_kind_check")),
        sa.CheckConstraint(
            "status <> 'published' OR first_published_at IS NOT NULL",
            name=op.f("article_published_when_check"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'published', 'withdrawn')", name=op.f("article_status_check")
        ),
        sa.ForeignKeyConstraint(["hero_id"], ["media.id"], name="article_hero_id_fkey"),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name="article_section_id_fkey"),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="article_site_fkey"),
        sa.ForeignKeyConstraint(["successor_id"], ["article.id"], name="article_successor_id_fkey"),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name="article_topic_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="article_pkey"),
        sa.UniqueConstraint(
            "site", "legacy_system", "legacy_id", name="article_site_legacy_system_legacy_id_key"
        ),
    )
    op.create_index("article_hero_id_index", "article", ["hero_id"], unique=False)
    op.create_index(
        "article_site_content_hash_index",
        "article",
        ["site", "content_hash"],
        unique=False,
    )
    op.create_index(
        "article_page_slug_key",
        "article",
        ["site", "locale", "slug"],
        unique=True,
        sqlite_where=sa.text("kind = 'page'"),
        postgresql_where=sa.text("kind = 'page'"),
    )
    op.create_index(
        "article_section_list_index",
        "article",
        ["section_id", "locale", "kind", "status", "first_published_at", "id", "expires_at"],
        unique=False,
    )
    op.create_index(
        "article_site_list_index",
        "article",
        ["site", "locale", "kind", "status", "first_published_at", "id", "expires_at"],
        unique=False,
    )
    op.create_index(
        "article_site_locale_expires_at_index",
        "article",
        ["site", "locale", "expires_at"],
        unique=False,
    )
    op.create_index("article_successor_id_index", "article", ["successor_id"], unique=False)
    op.create_index(
        "article_topic_list_index",
        "article",
        ["topic_id", "locale", "kind", "status", "first_published_at", "id", "expires_at"],
        unique=False,
    )
    op.create_index(
        "article_translation_group_index", "article", ["translation_group"], unique=False
    )
    op.create_table(
        "article_tag",
        sa.Column("article_id", Long, nullable=False),
        sa.Column("tag_id", Long, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("first_published_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="article_tag_article_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name="article_tag_tag_id_fkey"),
        sa.PrimaryKeyConstraint("article_id", "tag_id", name="article_tag_pkey"),
    )
    op.create_index(
        "article_tag_list_index",
        "article_tag",
        ["tag_id", "first_published_at", "article_id"],
        unique=False,
    )
    op.create_table(
        "article_term",
        sa.Column("term", Long, autoincrement=False, nullable=False),
        sa.Column("article_id", Long, nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="article_term_article_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("term", "article_id", name="article_term_pkey"),
    )
    op.create_index("article_term_article_id_index", "article_term", ["article_id"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("id", Long, nullable=False),
        sa.Column("article_id", Long, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", Long, nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("src", sa.Text(), nullable=False),
        sa.Column("content_digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="attachment_article_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="attachment_pkey"),
        sa.UniqueConstraint("article_id", "position", name="attachment_article_id_position_key"),
    )
    op.create_table(
        "pin",
        sa.Column("id", Long, nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("article_id", Long, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="pin_article_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="pin_site_fkey"),
        sa.PrimaryKeyConstraint("id", name="pin_pkey"),
        sa.UniqueConstraint("site", "scope", "article_id", name="pin_site_scope_article_id_key"),
    )
    op.create_index("pin_article_id_index", "pin", ["article_id"], unique=False)
    op.create_table(
        "redirect",
        sa.Column("id", Long, nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("query", Json, nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("article_id", Long, nullable=True),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.CheckConstraint("code IN (301, 302, 307, 308, 410)", name=op.f("redirect_code_check")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="redirect_article_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="redirect_site_fkey"),
        sa.PrimaryKeyConstraint("id", name="redirect_pkey"),
    )
    op.create_index("redirect_article_id_index", "redirect", ["article_id"], unique=False)
    op.create_index("redirect_site_path_index", "redirect", ["site", "path"], unique=False)
    op.create_table(
        "revision",
        sa.Column("id", Long, nullable=False),
        sa.Column("article_id", Long, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("snapshot", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="revision_article_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="revision_pkey"),
        sa.UniqueConstraint("article_id", "number", name="revision_article_id_number_key"),
    )
    op.create_table(
        "similar",
        sa.Column("article_id", Long, nullable=False),
        sa.Column("other_id", Long, nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="similar_article_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["article.id"], name="similar_other_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "other_id", name="similar_pkey"),
    )
    op.create_index("similar_other_id_index", "similar", ["other_id"], unique=False)

    # The epoch names this database: entries of a cache that saw another one are not believed.
    op.bulk_insert(
        meta, [{"one": 1, "epoch": secrets.token_hex(8), "floor": 0, "fingerprint": None}]
    )
