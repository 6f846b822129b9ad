"""Logins: random ids, kept hashed, that end after half an hour of silence or twelve hours."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.content.operators.accounts import Account
from portal.content.operators.accounts import find_account
from portal.content.operators.tables import AccountRow
from portal.content.operators.tables import SessionRow

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
NOTED_AFTER = timedelta(minutes=1)
"""A session is noted as used at most once in this time."""


def start_session(session: Session, account: Account, *, now: datetime) -> str:
    """Store a new login and return its id, which nobody can ask for again.

    Takes away those of everybody that have ended meanwhile.
    """
    ended = or_(SessionRow.seen_at <= now - IDLE, SessionRow.created_at <= now - LONGEST)
    session.execute(delete(SessionRow).where(ended))
    number = secrets.token_urlsafe(32)
    row = SessionRow(digest=_digest(number), account_id=account.id, created_at=now, seen_at=now)
    session.add(row)
    session.flush()
    return number


def find_session(session: Session, number: str, *, now: datetime) -> tuple[Account, bool] | None:
    """Whose login this is, and whether it is time to `keep_session`; none when it has ended."""
    found = session.execute(
        select(AccountRow.name, SessionRow.seen_at)
        .join(SessionRow, SessionRow.account_id == AccountRow.id)
        .where(
            SessionRow.digest == _digest(number),
            SessionRow.seen_at > now - IDLE,
            SessionRow.created_at > now - LONGEST,
            AccountRow.disabled_at.is_(None),
        )
    ).one_or_none()
    account = find_account(session, found.name) if found is not None else None
    if found is None or account is None:
        return None
    return account, found.seen_at <= now - NOTED_AFTER


def keep_session(session: Session, number: str, *, now: datetime) -> None:
    """Note that a login is in use."""
    chosen = SessionRow.digest == _digest(number)
    session.execute(update(SessionRow).where(chosen).values(seen_at=now))


def end_session(session: Session, number: str) -> None:
    """Take a login away; its id is worth nothing from then on."""
    session.execute(delete(SessionRow).where(SessionRow.digest == _digest(number)))


def _digest(number: str) -> str:
    return hashlib.sha256(number.encode()).hexdigest()
