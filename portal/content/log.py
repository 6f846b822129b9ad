"""Writes the change log: which tags a transaction ends, inside that transaction.

A cache entry carries the log position of the state it shows. It is usable as long as none of its
tags has a later one, so the positions must have the order of the commits: SQLite has one writer
at a time, and on PostgreSQL the rows are written under a lock as the last work of the commit.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import event
from sqlalchemy import insert
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.content.models import CacheLog
from portal.content.tags import folded

_PENDING = "portal_pending_tags"
_LOCK = 7001  # one constant per database; every writer of the log takes it

# Visible must mean durable: after a crash a lost position would be drawn again, and an entry that
# shows the lost state would be believed.
_DURABLE = text(
    "SELECT set_config('synchronous_commit', 'local', true)"
    " WHERE current_setting('synchronous_commit') = 'off'"
)
_TAKE_TURN = text("SELECT pg_advisory_xact_lock(:lock)")
_NOTIFY = text("SELECT pg_notify('cache_log', '')")


def append(session: Session, tags: Iterable[str]) -> None:
    """Note what the transaction of `session` changes; the rows are written when it commits."""
    session.info.setdefault(_PENDING, set()).update(tags)


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction() or not session.info.get(_PENDING):
        return
    session.flush()
    rows = [{"tag": tag} for tag in folded(session.info.pop(_PENDING))]
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_DURABLE)
        session.execute(_TAKE_TURN, {"lock": _LOCK})
        session.execute(insert(CacheLog), rows)
        session.execute(_NOTIFY)
    else:
        session.execute(insert(CacheLog), rows)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_PENDING, None)
