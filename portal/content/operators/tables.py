"""The tables of operators. Their names begin with `operator_`, by which archives know them.

Nothing here says `ends`: no reader sees any of it.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import Text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from portal.content.models import Key
from portal.content.models import Moment
from portal.content.models import Name
from portal.content.models import OptionalMoment
from portal.extensions import Model


class AccountRow(Model):
    """Someone who may log in: by a password, or as `subject` of an OpenID `issuer`."""

    __tablename__ = "operator_account"
    __table_args__ = (
        CheckConstraint("role IN ('operator', 'builder')", name="role"),
        Index("operator_account_identity_index", "issuer", "subject", unique=True),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(Text, unique=True)
    role: Mapped[Name]
    password_hash: Mapped[Name]
    created_at: Mapped[Moment]
    disabled_at: Mapped[OptionalMoment]
    issuer: Mapped[str | None] = mapped_column(Text)
    subject: Mapped[str | None] = mapped_column(Text)


class SessionRow(Model):
    """A login; the id that the browser keeps is here only as its SHA-256."""

    __tablename__ = "operator_session"
    __table_args__ = (Index("operator_session_account_id_index", "account_id"),)

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("operator_account.id", ondelete="CASCADE"))
    created_at: Mapped[Moment]
    seen_at: Mapped[Moment]


class AttemptRow(Model):
    """Failed logins of a name or of an address; `digest` tells neither without the secret."""

    __tablename__ = "operator_attempt"

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[Moment]
    locked_until: Mapped[Moment]


class TokenRow(Model):
    """A program's token; its secret is here only as its SHA-256."""

    __tablename__ = "operator_token"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[Name]
    scope: Mapped[Name]
    digest: Mapped[Name]
    created_at: Mapped[Moment]
    revoked_at: Mapped[OptionalMoment]


class AuditRow(Model):
    """Who did what and when. Triggers refuse to change or delete a row."""

    __tablename__ = "operator_audit"

    id: Mapped[Key]
    at: Mapped[Moment]
    actor: Mapped[Name]
    action: Mapped[Name]
    detail: Mapped[Name]
