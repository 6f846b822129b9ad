"""What operators did. Rows are only ever added; triggers of the database see to that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.content.operators.tables import AuditRow
from portal.text import one_line

LONGEST_DETAIL = 500


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what, when, and to what."""

    at: datetime
    actor: str
    action: str
    detail: str


def note(session: Session, actor: str, action: str, detail: str = "", *, now: datetime) -> None:
    """Add an entry, with the commit of what it tells about."""
    detail = one_line(detail)[:LONGEST_DETAIL]
    session.add(AuditRow(at=now, actor=actor, action=action, detail=detail))
    session.flush()


def recent(session: Session, limit: int = 50) -> tuple[AuditEntry, ...]:
    """The newest entries, newest first."""
    rows = session.execute(select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)).scalars()
    return tuple(AuditEntry(row.at, row.actor, row.action, row.detail) for row in rows)
