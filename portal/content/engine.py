"""Opens the content for reading: one snapshot, and where in the change log it stands."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from portal.content.stamps import LogRows
from portal.content.stamps import head_statement
from portal.extensions import SNAPSHOT

_ROWS = text(
    "SELECT tag, max(position) AS position FROM cache_log WHERE position > :after GROUP BY tag"
)
_IN_RECOVERY = text("SELECT pg_is_in_recovery()")
# A forgotten snapshot keeps the server from cleaning up, and a reader who waits for a lock waits
# for somebody who changes a whole table. Set by the same statement, for this transaction only,
# because the pool lends the connection to writers too.
_BOUNDS = (
    ", set_config('idle_in_transaction_session_timeout', '5s', true),"
    " set_config('statement_timeout', '5s', true),"
    " set_config('lock_timeout', '500ms', true) FROM cache_meta m"
)

_SQLITE_TROUBLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    }
)
# Classes of PostgreSQL's appendix A: connection, resources, operator's doing, the system below.
_POSTGRESQL_TROUBLE = frozenset({"08", "53", "58"})
# A lock that was waited for in vain, shutdowns; a statement that takes too long is its author's.
_POSTGRESQL_WAITS = frozenset({"55P03", "57P01", "57P02", "57P03", "57P04", "57P05"})


@contextmanager
def open_snapshot(
    engine: Engine, epoch: str = "", after: int | None = None, *, bounded: bool = True
) -> Iterator[tuple[Session, LogRows]]:
    """A session that reads one state of the content and cannot write, with the log it lacks.

    The rows are those above `after` if the database is still of that `epoch`, else all of them;
    `after=None` reads none. Nothing here may be shared between threads at the same time. On
    PostgreSQL a statement, or a pause between two, of more than five seconds ends a `bounded`
    snapshot, and a wait of half a second for a lock ends the statement.
    """
    options: dict[str, object] = {SNAPSHOT: True}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection:
        try:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only=ON")
            rows = _read_log(connection, epoch, after, bounded=bounded)
            with Session(bind=connection, autoflush=False) as session:
                yield session, rows
        finally:
            _make_writable(connection)


def _read_log(connection: Connection, epoch: str, after: int | None, *, bounded: bool) -> LogRows:
    # The head comes first: it is this statement that pins the snapshot.
    statement = head_statement(connection.dialect.name)
    if connection.dialect.name == "postgresql" and bounded:
        statement = statement.replace(" FROM cache_meta m", _BOUNDS)
    known, floor, position = connection.exec_driver_sql(statement).one()[:3]
    if after is None:
        return LogRows(known, floor, position, after=position)
    after = after if known == epoch else -1
    if after >= position:
        return LogRows(known, floor, position, after=after)
    found = connection.execute(_ROWS, {"after": after})
    return LogRows(known, floor, position, tuple((row.tag, row.position) for row in found), after)


def _make_writable(connection: Connection) -> None:
    """Take the read-only mark off before the pool lends the connection to a writer."""
    if connection.dialect.name == "sqlite" and not connection.invalidated:
        driver = connection.connection.driver_connection
        if driver is not None:
            driver.execute("PRAGMA query_only=OFF")


@contextmanager
def one_plan(session: Session) -> Iterator[None]:
    """Let PostgreSQL keep one plan for each statement, whatever the values.

    For statements that have no better plan for some values than for others: by itself it plans
    those anew each time that it thinks to gain a little, which takes longer than running them.
    """
    bind = session.connection()
    driver = bind.connection.driver_connection if bind.dialect.name == "postgresql" else None
    if driver is not None:
        driver.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    yield
    # After an error the transaction has to be rolled back, and the setting with it.
    if driver is not None:
        driver.execute("SET LOCAL plan_cache_mode = auto")


def is_standby(session: Session) -> bool:
    """Whether this is a PostgreSQL server that only repeats what its primary does."""
    bind = session.get_bind()
    if bind.dialect.name != "postgresql":
        return False
    return bool(session.execute(_IN_RECOVERY).scalar_one())


def is_unavailable(problem: BaseException) -> bool:
    """Whether it is the database that is in trouble, rather than a statement that is wrong."""
    if isinstance(problem, PoolTimeoutError):
        return True
    if not isinstance(problem, DBAPIError):
        return False
    if problem.connection_invalidated:
        return True
    cause = problem.orig
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE_TROUBLE
    state = getattr(cause, "sqlstate", None)
    if state is None:
        return isinstance(problem, OperationalError)
    return state[:2] in _POSTGRESQL_TROUBLE or state in _POSTGRESQL_WAITS


def is_aborted(session: Session) -> bool:
    """Whether a failed statement makes PostgreSQL refuse every later one of this transaction.

    Asks the driver, not the server. Never so on SQLite, nor for a session without a database.
    """
    connection = session.bind
    if not isinstance(connection, Connection) or connection.dialect.name != "postgresql":
        return False
    driver = connection.connection.driver_connection
    return driver is None or driver.info.transaction_status.name in {"INERROR", "UNKNOWN"}
