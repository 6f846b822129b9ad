"""Tokens of programs: `pt_ID_SECRET`, looked up by id, compared by the SHA-256 of the secret."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.content.operators.tables import TokenRow
from portal.errors import ContentError
from portal.text import is_storable

SCOPES = ("metrics", "purge")

_LONGEST_NAME = 80
_WRITTEN = re.compile(r"pt_([0-9a-f]{12})_([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret."""

    id: str
    name: str
    scope: str
    created_at: datetime
    revoked_at: datetime | None


def add_token(session: Session, name: str, scope: str, *, now: datetime) -> str:
    """Store a new token and return it as it is written, which nobody can ask for again."""
    if not (name.strip() and name.isprintable() and len(name) <= _LONGEST_NAME):
        raise ContentError(
            f"{name!r} is no name of a token: write 1 to {_LONGEST_NAME} visible characters that"
            " say which program has it, such as prometheus"
        )
    if scope not in SCOPES:
        raise ContentError(f"{scope!r} is no scope (known: {', '.join(SCOPES)})")
    number, secret = secrets.token_hex(6), secrets.token_hex(32)
    session.add(TokenRow(id=number, name=name, scope=scope, digest=_digest(secret), created_at=now))
    session.flush()
    return f"pt_{number}_{secret}"


def list_tokens(session: Session) -> tuple[Token, ...]:
    """Every token, the newest last; revoked ones too."""
    rows = session.execute(select(TokenRow).order_by(TokenRow.created_at, TokenRow.id)).scalars()
    return tuple(Token(row.id, row.name, row.scope, row.created_at, row.revoked_at) for row in rows)


def revoke_token(session: Session, number: str, *, now: datetime) -> None:
    """Make a token worthless. Raises `ContentError` for an id that there is not."""
    row = session.get(TokenRow, number) if is_storable(number) else None
    if row is None:
        known = ", ".join(token.id for token in list_tokens(session)) or "none"
        raise ContentError(f"there is no token {number!r} (known: {known})")
    row.revoked_at = row.revoked_at or now
    session.flush()


def token_allows(session: Session, written: str, scope: str) -> str | None:
    """The id of a token if it is for `scope`; none for any other text."""
    match = _WRITTEN.fullmatch(written)
    row = session.get(TokenRow, match[1]) if match is not None else None
    if match is None or row is None or row.revoked_at is not None or row.scope != scope:
        return None
    return row.id if hmac.compare_digest(row.digest, _digest(match[2])) else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
