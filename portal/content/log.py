"""The change log: which tags each committed transaction ended, in the order of the commits.

Triggers write it (`portal.content.triggers`). Here is what else is done with it: to end tags by
hand, to read it, and to keep it small.

A cache entry carries the log position of the state it shows, and is usable as long as none of its
tags has a later one. So of each tag only the newest row counts, and older ones may go at any time
(`compact`). Taking away newest rows too (`trim`) raises the floor, below which nothing is believed.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import Table
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.content.models import CacheLog
from portal.content.models import CacheMeta
from portal.content.tags import folded
from portal.extensions import SNAPSHOT

LOCK = 7001
"""On PostgreSQL every writer of the log takes this advisory lock of its database."""
COMPACTED_ABOVE = 20_000
"""Rows above which `tidy_log` compacts: some ten milliseconds to load at a start."""
TRIMMED_ABOVE = 500_000
"""Rows above which it trims, once every tag is there only once: some 50 MB in each process."""
MOST_DELETED = 20_000
"""Rows that one transaction deletes at most, so that no writer waits long."""

_log = cast("Table", CacheLog.__table__)
_meta = cast("Table", CacheMeta.__table__)
_WAIT_FOR_COMMIT = text("INSERT INTO cache_pending (tags) VALUES (:tags)")
_TAKE_TURN = text("SELECT pg_advisory_xact_lock(:lock)")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A row of the log. `at` tells when it was written; none for rows older than that column."""

    position: int
    tag: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Tidied:
    """What `tidy_log` did: rows compacted and trimmed away, and the rows that are left."""

    compacted: int
    trimmed: int
    left: int


def append(writer: Connection | Session, tags: Iterable[str]) -> None:
    """End tags without a change of content, with the commit of the writer's transaction."""
    connection = writer.connection() if isinstance(writer, Session) else writer
    names = folded(tags)
    if not names:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(_WAIT_FOR_COMMIT, {"tags": list(names)})
    else:
        connection.execute(insert(_log), [{"tag": name} for name in names])


def take_turn(connection: Connection) -> None:
    """Wait until no other transaction writes the log, and keep them waiting until the commit.

    On SQLite a writing transaction does so from its beginning.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_TAKE_TURN, {"lock": LOCK})


def read_log(
    engine: Engine, *, after: int = -1, tag: str | None = None, limit: int = 50
) -> tuple[LogEntry, ...]:
    """The newest rows above `after`, newest first; of one tag if named."""
    statement = select(_log.c.position, _log.c.tag, _log.c.at).where(_log.c.position > after)
    if tag is not None:
        statement = statement.where(_log.c.tag == tag)
    newest = statement.order_by(_log.c.position.desc()).limit(limit)
    with engine.connect().execution_options(**{SNAPSHOT: True}) as connection:
        return tuple(LogEntry(row.position, row.tag, row.at) for row in connection.execute(newest))


def read_times(engine: Engine, positions: Collection[int]) -> Mapping[tuple[int, str], datetime]:
    """When the rows at these positions were written, by position and tag, where that is known."""
    statement = select(_log.c.position, _log.c.tag, _log.c.at).where(
        _log.c.position.in_(positions), _log.c.at.is_not(None)
    )
    with engine.connect().execution_options(**{SNAPSHOT: True}) as connection:
        return {(row.position, row.tag): row.at for row in connection.execute(statement)}


def compact(engine: Engine, limit: int = MOST_DELETED) -> int:
    """Delete at most `limit` rows that have a newer row of the same tag; return how many.

    Whoever reads the log misses nothing by it. Any number of processes may do it at once.
    """
    newer = _log.alias("newer")
    superseded = (
        select(_log.c.position)
        .where(exists().where(newer.c.tag == _log.c.tag, newer.c.position > _log.c.position))
        .order_by(_log.c.position)
        .limit(limit)
    )
    with engine.begin() as connection:
        return connection.execute(delete(_log).where(_log.c.position.in_(superseded))).rowcount


def trim(engine: Engine, keep: int, limit: int = MOST_DELETED) -> int:
    """Delete the oldest rows beyond the newest `keep`, at most `limit`; return how many.

    Raises the floor to the last one deleted: entries stamped below it are no longer believed.
    The newest row always stays, since it says where the log stands.
    """
    with engine.begin() as connection:
        surplus = min(_count(connection) - max(keep, 1), limit)
        if surplus <= 0:
            return 0
        oldest = select(_log.c.position).order_by(_log.c.position).offset(surplus - 1).limit(1)
        floor = connection.execute(oldest).scalar_one()
        # First the floor: whoever sees fewer rows must see that too, and two trims take turns.
        raised = _meta.c.floor < floor
        connection.execute(update(_meta).where(raised).values(floor=floor))
        return connection.execute(delete(_log).where(_log.c.position <= floor)).rowcount


def tidy_log(
    engine: Engine,
    compacted_above: int = COMPACTED_ABOVE,
    trimmed_above: int = TRIMMED_ABOVE,
) -> Tidied:
    """Keep the log small; for a timer or an operator, in as many transactions as it needs.

    Compacts a log of more than `compacted_above` rows. What then still has more than
    `trimmed_above`, all of different tags, loses its oldest ones.
    """
    compacted = trimmed = 0
    if count_rows(engine) > compacted_above:
        while removed := compact(engine):
            compacted += removed
    if count_rows(engine) > trimmed_above:
        while removed := trim(engine, trimmed_above):
            trimmed += removed
    return Tidied(compacted, trimmed, count_rows(engine))


def count_rows(engine: Engine) -> int:
    """How many rows the log has."""
    with engine.connect().execution_options(**{SNAPSHOT: True}) as connection:
        return _count(connection)


def _count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(_log)).scalar_one()
