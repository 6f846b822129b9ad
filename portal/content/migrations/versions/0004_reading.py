"""Reading: lists by author, albums, films, votes and counted pages."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.content.columns import Json
from portal.content.columns import Long
from portal.content.columns import UtcDateTime
from portal.text import slugify

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and enter the bylines of the articles that are there already."""
    authors = op.create_table(
        "article_author",
        sa.Column("article_id", Long, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first_published_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["article.id"],
            name="article_author_article_id_fkey",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="article_author_site_fkey"),
        sa.PrimaryKeyConstraint("article_id", "slug", name="article_author_pkey"),
    )
    op.create_index(
        "article_author_list_index",
        "article_author",
        ["site", "slug", "first_published_at", "article_id"],
    )
    op.create_table(
        "album",
        *_named(),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="album_site_fkey"),
        sa.PrimaryKeyConstraint("id", name="album_pkey"),
        sa.UniqueConstraint("site", "slug", name="album_site_slug_key"),
    )
    op.create_table(
        "album_picture",
        sa.Column("album_id", Long, nullable=False),
        sa.Column("media_id", Long, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["album_id"], ["album.id"], name="album_picture_album_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name="album_picture_media_id_fkey"),
        sa.PrimaryKeyConstraint("album_id", "media_id", name="album_picture_pkey"),
    )
    op.create_index("album_picture_media_id_index", "album_picture", ["media_id"])
    _create_video()
    _create_counts()
    rows = list(_bylines(op.get_bind()))
    if rows:
        op.bulk_insert(authors, rows)


def _named() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", Long, nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("description", Json, nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
    ]


def _create_video() -> None:
    op.create_table(
        "video",
        *_named(),
        sa.Column("src", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("poster_id", Long, nullable=True),
        sa.Column("captions", Json, nullable=False),
        sa.Column("transcript", Json, nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("video_size_check")),
        sa.ForeignKeyConstraint(["poster_id"], ["media.id"], name="video_poster_id_fkey"),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="video_site_fkey"),
        sa.PrimaryKeyConstraint("id", name="video_pkey"),
        sa.UniqueConstraint("site", "slug", name="video_site_slug_key"),
    )
    op.create_index("video_poster_id_index", "video", ["poster_id"])


def _create_counts() -> None:
    op.create_table(
        "rating",
        sa.Column("id", Long, nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("article_id", Long, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("rating_score_check")),
        sa.CheckConstraint("length(comment) <= 500", name=op.f("rating_comment_check")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="rating_article_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="rating_site_fkey"),
        sa.PrimaryKeyConstraint("id", name="rating_pkey"),
    )
    op.create_index("rating_article_id_index", "rating", ["article_id"])
    op.create_table(
        "site_visits",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("visits", Long, nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name="site_visits_site_fkey"),
        sa.PrimaryKeyConstraint("site", "day", name="site_visits_pkey"),
    )


def _bylines(connection: sa.Connection) -> Any:
    article = sa.table(
        "article",
        sa.column("id"),
        sa.column("site"),
        sa.column("authors", Json),
        sa.column("first_published_at", UtcDateTime()),
    )
    for row in connection.execute(sa.select(article)):
        names = {slugify(author["name"], limit=200): author["name"] for author in row.authors}
        for slug, name in names.items():
            if slug:
                yield {
                    "article_id": row.id,
                    "slug": slug,
                    "site": row.site,
                    "name": name,
                    "first_published_at": row.first_published_at,
                }
