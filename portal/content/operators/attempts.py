"""Failed logins: each further one of a name or an address costs twice the wait.

Kept in the database, so that every process counts the same; a name that no account has is counted
as well, so that the answers do not tell which names there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta

from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.content.columns import UtcDateTime
from portal.content.operators.tables import AttemptRow

FREE = 4
"""Failures that cost no wait: people mistype."""
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)
MOST = 10_000
"""Rows that are kept; of more, those that failed longest ago go."""

# Both databases speak this; SQLAlchemy's own upsert differs by dialect.
_ADD = text(
    "INSERT INTO operator_attempt (digest, failures, last_at, locked_until)"
    " VALUES (:digest, 0, :now, :now) ON CONFLICT (digest) DO NOTHING"
).bindparams(bindparam("now", type_=UtcDateTime()))


def locked_until(session: Session, digests: Sequence[str], *, now: datetime) -> datetime | None:
    """The moment before which none of these may try; none when all may."""
    latest = session.execute(
        select(AttemptRow.locked_until)
        .where(AttemptRow.digest.in_(digests), AttemptRow.locked_until > now)
        .order_by(AttemptRow.locked_until.desc())
        .limit(1)
    ).scalar_one_or_none()
    return latest


def begin_attempt(session: Session, digests: Sequence[str], *, now: datetime) -> datetime | None:
    """Count a login of each before it is checked; the moment before which none may try, if locked.

    Counted afterwards, any number could be tried at once for the price of one. A login that
    succeeds is to `take_back` what it did not cost.
    """
    rows = _hold(session, digests, now)
    until = max((row.locked_until for row in rows), default=now)
    if until > now:
        return until
    _count(session, rows, now)
    return None


def note_failure(session: Session, digests: Sequence[str], *, now: datetime) -> None:
    """Count one failed login of each."""
    _count(session, _hold(session, digests, now), now)


def take_back(session: Session, digests: Sequence[str], *, now: datetime) -> None:
    """Undo what `begin_attempt` counted at `now`; who failed since then waits all the same."""
    for row in _hold(session, digests, now):
        row.failures = max(0, row.failures - 1)
        if row.last_at == now:
            row.locked_until = now
    session.flush()


def forget_failures(session: Session, digests: Sequence[str]) -> None:
    """Begin anew after a login that succeeded."""
    session.execute(delete(AttemptRow).where(AttemptRow.digest.in_(digests)))


def wait_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row."""
    if failures <= FREE:
        return timedelta()
    return min(FIRST_WAIT * (1 << min(failures - FREE - 1, 20)), LONGEST_WAIT)


def _hold(session: Session, digests: Sequence[str], now: datetime) -> Sequence[AttemptRow]:
    """The row of each, which nobody else reads or changes until this transaction ends."""
    session.execute(delete(AttemptRow).where(AttemptRow.last_at <= now - FORGOTTEN_AFTER))
    # In one order, so that two that try at once never wait for each other.
    for digest in sorted(digests):
        session.execute(_ADD, {"digest": digest, "now": now})
    chosen = select(AttemptRow).where(AttemptRow.digest.in_(digests)).order_by(AttemptRow.digest)
    return session.execute(chosen.with_for_update()).scalars().all()


def _count(session: Session, rows: Sequence[AttemptRow], now: datetime) -> None:
    for row in rows:
        row.failures += 1
        row.last_at, row.locked_until = now, now + wait_after(row.failures)
    session.flush()
    _bound(session)


def _bound(session: Session) -> None:
    surplus = session.execute(select(func.count()).select_from(AttemptRow)).scalar_one() - MOST
    if surplus > 0:
        oldest = select(AttemptRow.digest).order_by(AttemptRow.last_at).limit(surplus)
        session.execute(delete(AttemptRow).where(AttemptRow.digest.in_(oldest)))
