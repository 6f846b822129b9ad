"""Opens the content for reading: one snapshot, and where in the change log it stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.content.stamps import LogRows
from portal.content.stamps import head_statement
from portal.extensions import SNAPSHOT

_ROWS = text("SELECT tag, position FROM cache_log WHERE position > :after ORDER BY position")


@contextmanager
def open_snapshot(
    engine: Engine, epoch: str = "", after: int | None = None
) -> Iterator[tuple[Session, LogRows]]:
    """A session that reads one state of the content and cannot write, with the log it lacks.

    The rows are those above `after` if the database is still of that `epoch`, else all of them;
    `after=None` reads none. Nothing here may be shared between threads at the same time.
    """
    options: dict[str, object] = {SNAPSHOT: True}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection:
        try:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only=ON")
            rows = _read_log(connection, epoch, after)
            with Session(bind=connection, autoflush=False) as session:
                yield session, rows
        finally:
            _make_writable(connection)


def _read_log(connection: Connection, epoch: str, after: int | None) -> LogRows:
    # The head comes first: it is this statement that pins the snapshot.
    head = connection.exec_driver_sql(head_statement(connection.dialect.name)).one()
    known, floor, position = head
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


def is_aborted(session: Session) -> bool:
    """Whether a failed statement makes PostgreSQL refuse every later one of this transaction.

    Asks the driver, not the server. Never so on SQLite, nor for a session without a database.
    """
    connection = session.bind
    if not isinstance(connection, Connection) or connection.dialect.name != "postgresql":
        return False
    driver = connection.connection.driver_connection
    return driver is None or driver.info.transaction_status.name in {"INERROR", "UNKNOWN"}
