"""The index of the search: documents and title words; FTS5 or tsvector.

`search_document` is the same on both databases. `search_text` holds the words in the database's
own way: an FTS5 table, which follows `search_document` by a trigger, or tsvector columns with GIN
indexes of all words and of titles; which hits are exact is looked up in the rows. A database that
has articles already fills it with `portal search rebuild`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portal.content.columns import Long
from portal.content.columns import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SQLITE = (
    """
    CREATE VIRTUAL TABLE search_text USING fts5(
        scope, title, lead, body, title_exact, lead_exact, body_exact,
        tokenize = 'unicode61 remove_diacritics 0',
        prefix = '2 3'
    )
    """,
    """
    CREATE TRIGGER search_document_deleted AFTER DELETE ON search_document BEGIN
        DELETE FROM search_text WHERE rowid = old.number;
    END
    """,
)
_POSTGRESQL = (
    """
    CREATE TABLE search_text (
        number bigint PRIMARY KEY REFERENCES search_document (number) ON DELETE CASCADE,
        folded tsvector NOT NULL,
        exact tsvector NOT NULL
    )
    """,
    "CREATE INDEX search_text_folded_index ON search_text USING gin (folded)",
    "CREATE INDEX search_text_title_index ON search_text USING gin (ts_filter(folded, '{a,d}'))",
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "search_document",
        sa.Column("number", Long, autoincrement=False, nullable=False),
        sa.Column("article_id", Long, nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("section_id", Long, nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("title_digest", Long, nullable=False),
        sa.Column("title_folded", sa.Text(), nullable=False),
        sa.Column("title_exact", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["article.id"],
            name="search_document_article_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("number", name="search_document_pkey"),
    )
    op.create_index("search_document_article_id_index", "search_document", ["article_id"])
    op.create_index(
        "search_document_site_locale_year_index", "search_document", ["site", "locale", "year"]
    )
    op.create_index(
        "search_document_site_locale_title_digest_index",
        "search_document",
        ["site", "locale", "title_digest"],
    )
    op.create_table(
        "search_word",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "locale", "word", name="search_word_pkey"),
    )
    statements = _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL
    for statement in statements:
        op.execute(statement)
