"""Opens the content for reading: one read-only snapshot, its place in the log read first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.content.stamps import LogRows
from portal.content.stamps import head_statement
from portal.extensions import SNAPSHOT

_ROWS = text("SELECT tag, position FROM cache_log WHERE position > :after ORDER BY position")
STATEMENT_MILLISECONDS = 5000


@contextmanager
def open_snapshot(
    engine: Engine, known_epoch: str, known_position: int
) -> Iterator[tuple[Session, LogRows]]:
    """A session on one snapshot, and the log rows above `known_position` seen in it.

    The head of the log is the first statement, because the first statement and not BEGIN is what
    fixes a snapshot. Rows of an unknown epoch are loaded whole.
    """
    options: dict[str, object] = {SNAPSHOT: True}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection:
        epoch, floor, position = connection.exec_driver_sql(
            head_statement(engine.dialect.name)
        ).one()
        after = known_position if epoch == known_epoch else -1
        rows: tuple[tuple[str, int], ...] = ()
        if position != after:
            rows = tuple((tag, at) for tag, at in connection.execute(_ROWS, {"after": after}))
        with Session(connection, autoflush=False) as session:
            yield session, LogRows(epoch, floor, position, rows, after)
