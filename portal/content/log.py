"""The change log: every content transaction appends what it changed, inside itself.

Append order is commit order: SQLite has one writer; on PostgreSQL the position is drawn under an
advisory transaction lock, as the last work before the commit.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.content.models import CacheLog
from portal.content.models import CacheMeta

EVERYTHING = "*"
# One constant per schema; every writer of the log takes it.
_LOCK = text("SELECT pg_advisory_xact_lock(7001)")
# Above this many tags of one class the class itself is written: followers then read one row.
LARGEST_LIST_OF_TAGS = 1000


def append(session: Session, tags: Iterable[str]) -> None:
    """Write `tags` to the log in the session's transaction; call it as the last thing before commit."""
    rows = [{"tag": tag} for tag in sorted(_condense(set(tags)))]
    if not rows:
        return
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_LOCK)
    session.execute(insert(CacheLog), rows)


def _condense(tags: set[str]) -> set[str]:
    if len(tags) <= LARGEST_LIST_OF_TAGS:
        return tags
    return {tag.partition(":")[0] for tag in tags}


def compact(session: Session) -> int:
    """Delete rows that a newer row of the same tag supersedes; returns how many."""
    newest = select(func.max(CacheLog.position)).group_by(CacheLog.tag)
    result = session.execute(delete(CacheLog).where(CacheLog.position.not_in(newest)))
    return int(getattr(result, "rowcount", 0))


def renew_epoch(session: Session) -> str:
    """Begin a new epoch: everything cached becomes unknown, once. For restores and failovers."""
    epoch = secrets.token_hex(8)
    session.execute(update(CacheMeta).values(epoch=epoch))
    return epoch
