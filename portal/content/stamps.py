"""Where the content stands: epoch and position of the change log, read cheaply and often.

The log itself is written inside every content transaction (`portal.content.log`). The epoch
changes when the database goes back in time (restore, failover); the floor is the position below
which rows of the log may have been trimmed away.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import Protocol

from sqlalchemy.engine import Engine

from portal.errors import ContentUnavailable


@dataclass(frozen=True, slots=True)
class Stamp:
    """The state of the content that a snapshot shows."""

    epoch: str
    position: int


@dataclass(frozen=True, slots=True)
class LogRows:
    """Rows of the log and the state they lead to, all read in one statement's snapshot.

    `rows` are `(tag, position)` in ascending position order, complete above `after`; -1 is a full
    load.
    """

    epoch: str
    floor: int
    position: int
    rows: tuple[tuple[str, int], ...] = ()
    after: int = -1


class LogSource(Protocol):
    """Something that can be asked for the log."""

    def head(self) -> LogRows:
        """Epoch, floor and position, without rows."""

    def rows(self, after: int) -> LogRows:
        """The same with every row above `after`."""


_GREATEST = {"sqlite": "max", "postgresql": "greatest"}
_BEGIN = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
_ROWS = {
    "sqlite": "SELECT tag, position FROM cache_log WHERE position > ? ORDER BY position",
    "postgresql": "SELECT tag, position FROM cache_log WHERE position > %s ORDER BY position",
}


def head_statement(dialect: str) -> str:
    """The statement that must be the first of every snapshot: epoch, floor, position."""
    greatest = _GREATEST[dialect]
    return (
        f"SELECT m.epoch, m.floor, {greatest}(m.floor,"  # noqa: S608 - a name from the table above
        " coalesce((SELECT max(position) FROM cache_log), 0)) FROM cache_meta m"
    )


class HeldConnectionLog:
    """Reads the log over one held connection, below SQLAlchemy: the head costs microseconds.

    Opened at first use, so after a fork; dropped and opened anew after any error. Safe to share
    between threads.
    """

    def __init__(self, engine: Callable[[], Engine]) -> None:
        self._engine = engine
        self._dialect = ""
        self._statement = ""
        self._lock = threading.Lock()
        self._held: Any = None

    def head(self) -> LogRows:
        """Epoch, floor and position as of now."""
        with self._lock:
            return self._ask(lambda held: LogRows(*held.execute(self._statement).fetchone()))

    def rows(self, after: int) -> LogRows:
        """Head and rows above `after`, read in one transaction."""
        with self._lock:
            return self._ask(lambda held: self._read(held, after))

    def _read(self, held: Any, after: int) -> LogRows:
        held.execute(_BEGIN[self._dialect])
        try:
            epoch, floor, position = held.execute(self._statement).fetchone()
            rows: Sequence[Any] = held.execute(_ROWS[self._dialect], (after,)).fetchall()
        finally:
            held.execute("COMMIT")
        return LogRows(epoch, floor, position, tuple((tag, at) for tag, at in rows), after)

    def _ask(self, question: Callable[[Any], LogRows]) -> LogRows:
        try:
            return question(self._connection())
        except Exception as problem:
            self._drop()
            raise ContentUnavailable(f"the change log cannot be read: {problem}") from problem

    def _connection(self) -> Any:
        if self._held is None:
            engine = self._engine()
            self._dialect = engine.dialect.name
            self._statement = head_statement(self._dialect)
            lent = engine.raw_connection()
            # The pool forgets it: it stays ours until it breaks.
            self._held = lent.driver_connection
            lent.detach()
            if self._dialect == "postgresql":
                self._held.autocommit = True
        return self._held

    def _drop(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.close()

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._drop()
