"""Accounts that an OpenID provider vouches for, by issuer and subject."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LOST = ("operator_account.issuer", "operator_account.subject")
"""What `downgrade` takes away, with whatever is in it."""

LOST_ROWS = ("operator_account.issuer",)
"""Where this is filled, `downgrade` takes the whole row away."""


def upgrade() -> None:
    """Two columns that accounts with a password leave empty; one account for each pair."""
    op.add_column("operator_account", sa.Column("issuer", sa.Text(), nullable=True))
    op.add_column("operator_account", sa.Column("subject", sa.Text(), nullable=True))
    op.create_index(
        "operator_account_identity_index", "operator_account", ["issuer", "subject"], unique=True
    )


def downgrade() -> None:
    """Take the columns away, and with them the accounts that only a provider vouches for.

    They have no password; code of before would take them for accounts that do.
    """
    op.execute(sa.text("DELETE FROM operator_account WHERE issuer IS NOT NULL"))
    op.drop_index("operator_account_identity_index", "operator_account")
    op.drop_column("operator_account", "subject")
    op.drop_column("operator_account", "issuer")
