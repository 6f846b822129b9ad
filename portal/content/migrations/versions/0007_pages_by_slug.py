"""Pages by their slug in whatever language, as menus name them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LOST = ()
"""What `downgrade` takes away: nothing that holds anything."""


def upgrade() -> None:
    """An index that leads from site to slug; the key of pages has the language in between."""
    op.create_index(
        "article_page_slug_index",
        "article",
        ["site", "slug"],
        unique=False,
        sqlite_where=sa.text("kind = 'page'"),
        postgresql_where=sa.text("kind = 'page'"),
    )


def downgrade() -> None:
    """Menus find their pages through the key again, more slowly."""
    op.drop_index("article_page_slug_index", "article")
