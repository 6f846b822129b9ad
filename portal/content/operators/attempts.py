"""Failed logins: each further one of a name or an address costs twice the wait.

Kept in the database, so that every process counts the same; a name that no account has is counted
as well, so that the answers do not tell which names there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.content.operators.tables import AttemptRow

FREE = 4
"""Failures that cost no wait: people mistype."""
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)
MOST = 10_000
"""Rows that are kept; of more, those that failed longest ago go."""


def locked_until(session: Session, digests: Sequence[str], *, now: datetime) -> datetime | None:
    """The moment before which none of these may try; none when all may."""
    latest = session.execute(
        select(AttemptRow.locked_until)
        .where(AttemptRow.digest.in_(digests), AttemptRow.locked_until > now)
        .order_by(AttemptRow.locked_until.desc())
        .limit(1)
    ).scalar_one_or_none()
    return latest


def note_failure(session: Session, digests: Sequence[str], *, now: datetime) -> None:
    """Count one failed login of each."""
    session.execute(delete(AttemptRow).where(AttemptRow.last_at <= now - FORGOTTEN_AFTER))
    for digest in sorted(digests):
        row = session.get(AttemptRow, digest)
        if row is None:
            row = AttemptRow(digest=digest, failures=0, last_at=now, locked_until=now)
            session.add(row)
        row.failures += 1
        row.last_at, row.locked_until = now, now + wait_after(row.failures)
    session.flush()
    _bound(session)


def forget_failures(session: Session, digests: Sequence[str]) -> None:
    """Begin anew after a login that succeeded."""
    session.execute(delete(AttemptRow).where(AttemptRow.digest.in_(digests)))


def wait_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row."""
    if failures <= FREE:
        return timedelta()
    return min(FIRST_WAIT * (1 << min(failures - FREE - 1, 20)), LONGEST_WAIT)


def _bound(session: Session) -> None:
    surplus = session.execute(select(func.count()).select_from(AttemptRow)).scalar_one() - MOST
    if surplus > 0:
        oldest = select(AttemptRow.digest).order_by(AttemptRow.last_at).limit(surplus)
        session.execute(delete(AttemptRow).where(AttemptRow.digest.in_(oldest)))
