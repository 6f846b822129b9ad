"""The change log is written by triggers, and tells when.

The triggers themselves are not here: they are made anew from the models at the end of every
upgrade (`portal.content.schema.upgrade_connection`), since each version's tables need their own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portal.content.columns import Long
from portal.content.columns import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the time of a change, and on PostgreSQL the place where changes wait for the commit."""
    if op.get_bind().dialect.name == "postgresql":
        # First without the default: nobody knows when the older rows were written.
        op.add_column("cache_log", sa.Column("at", UtcDateTime(), nullable=True))
        op.alter_column("cache_log", "at", server_default=sa.text("CURRENT_TIMESTAMP"))
        return
    # SQLite adds no column with a default that is computed. The newest row moves along, so the
    # numbering goes on where it was.
    op.rename_table("cache_log", "cache_log_before")
    op.drop_index("cache_log_tag_position_index", "cache_log_before")
    op.create_table(
        "cache_log",
        sa.Column("position", Long, nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), server_default=sa.text("CURRENT_TIMESTAMP"), nullable=True),
        sa.PrimaryKeyConstraint("position", name="cache_log_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("cache_log_tag_position_index", "cache_log", ["tag", "position"], unique=False)
    op.execute(
        "INSERT INTO cache_log (position, tag, at) SELECT position, tag, NULL FROM cache_log_before"
    )
    op.drop_table("cache_log_before")
