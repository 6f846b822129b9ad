"""How often articles are read, by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portal.content.columns import Long

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LOST = ("article_views",)
"""What `downgrade` takes away, with whatever is in it."""


def upgrade() -> None:
    """Create the sums that the most read articles are found by."""
    op.create_table(
        "article_views",
        sa.Column("article_id", Long, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", Long, nullable=False),
        sa.CheckConstraint("views >= 0", name=op.f("article_views_views_check")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="article_views_article_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "day", name="article_views_pkey"),
    )
    op.create_index(
        "article_views_day_index", "article_views", ["day", "article_id", "views"], unique=False
    )


def downgrade() -> None:
    """Forget how often articles were read."""
    op.drop_table("article_views")
