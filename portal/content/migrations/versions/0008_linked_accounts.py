"""Accounts that an OpenID provider vouches for, by issuer and subject."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two columns that accounts with a password leave empty; one account for each pair."""
    op.add_column("operator_account", sa.Column("issuer", sa.Text(), nullable=True))
    op.add_column("operator_account", sa.Column("subject", sa.Text(), nullable=True))
    op.create_index(
        "operator_account_identity_index", "operator_account", ["issuer", "subject"], unique=True
    )
