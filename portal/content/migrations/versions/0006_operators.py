"""Accounts, sessions, tokens and the audit log of operators."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portal.content.columns import Long
from portal.content.columns import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LOST = (
    "operator_account",
    "operator_session",
    "operator_attempt",
    "operator_token",
    "operator_audit",
)
"""What `downgrade` takes away, with whatever is in it."""

_REFUSE_SQLITE = (
    "CREATE TRIGGER operator_audit_keeps_{name} BEFORE {event} ON operator_audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END"
)
_REFUSE_POSTGRESQL = (
    "CREATE FUNCTION operator_audit_keep() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'the audit log is only ever added to'; END $$",
    "CREATE TRIGGER operator_audit_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON operator_audit"
    " FOR EACH STATEMENT EXECUTE FUNCTION operator_audit_keep()",
)


def upgrade() -> None:
    """Create what logging in needs; nothing of it is read by pages."""
    op.create_table(
        "operator_account",
        sa.Column("id", Long, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "role IN ('operator', 'builder')", name=op.f("operator_account_role_check")
        ),
        sa.PrimaryKeyConstraint("id", name="operator_account_pkey"),
        sa.UniqueConstraint("name", name="operator_account_name_key"),
    )
    op.create_table(
        "operator_session",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("account_id", Long, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["operator_account.id"],
            name="operator_session_account_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", name="operator_session_pkey"),
    )
    op.create_index("operator_session_account_id_index", "operator_session", ["account_id"])
    op.create_table(
        "operator_attempt",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("locked_until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="operator_attempt_pkey"),
    )
    op.create_table(
        "operator_token",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="operator_token_pkey"),
    )
    op.create_table(
        "operator_audit",
        sa.Column("id", Long, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="operator_audit_pkey"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in _REFUSE_POSTGRESQL:
            op.execute(statement)
    else:
        for event in ("UPDATE", "DELETE"):
            op.execute(_REFUSE_SQLITE.format(name=event.lower(), event=event))


def downgrade() -> None:
    """Take away all that logging in needs, the audit log as well."""
    for table in reversed(LOST):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION operator_audit_keep()")
