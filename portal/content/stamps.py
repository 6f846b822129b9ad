"""Where the content stands: epoch and position of the change log, read cheaply and often.

The log itself is written inside every content transaction (`portal.content.triggers`). The epoch
changes when the database goes back in time (restore, failover); the floor is the position below
which rows of the log may have been trimmed away.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any
from typing import NamedTuple
from typing import Protocol

from sqlalchemy.engine import Engine

from portal.content.epoch import check_epoch
from portal.content.wal_index import WalIndex
from portal.content.wal_index import map_index
from portal.errors import ContentUnavailable


class Stamp(NamedTuple):
    """The state of the content that a snapshot shows."""

    epoch: str
    position: int


@dataclass(frozen=True, slots=True)
class LogRows:
    """Rows of the log and the state they lead to, all read in one statement's snapshot.

    `rows` are `(tag, position)`, each tag once with its last position, complete above `after`;
    -1 is a full load.
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
    "sqlite": "SELECT tag, max(position) FROM cache_log WHERE position > ? GROUP BY tag",
    "postgresql": "SELECT tag, max(position) FROM cache_log WHERE position > %s GROUP BY tag",
}


LOOK_SECONDS = 0.1
"""Longest time until an SQLite file that another one took the place of is noticed."""


def head_statement(dialect: str) -> str:
    """The statement that must be the first of every snapshot: epoch, floor, position."""
    greatest = _GREATEST[dialect]
    return (
        f"SELECT m.epoch, m.floor, {greatest}(m.floor,"  # noqa: S608 - a name from the table above
        " coalesce((SELECT max(position) FROM cache_log), 0)) FROM cache_meta m"
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """A head that was read, and the header that SQLite's wal-index had before."""

    rows: LogRows
    index: WalIndex
    header: bytes
    looked_at: float

    @property
    def is_current(self) -> bool:
        """Whether nobody has committed since, to the file that was there lately."""
        return self.index.header() == self.header and monotonic() < self.looked_at + LOOK_SECONDS


class HeldConnectionLog:
    """Reads the log over one held connection, below SQLAlchemy: the head costs microseconds.

    Opened at first use, dropped and opened anew after any error. The database behind a new
    connection may be another one, so its epoch is checked before it is asked anything; an SQLite
    file that was replaced counts as such. While nobody commits to an SQLite file, which all
    processes see in its wal-index, no statement is run. Safe to share between threads.
    """

    def __init__(self, engine: Callable[[], Engine]) -> None:
        self._engine = engine
        self._dialect = ""
        self._statement = ""
        self._file: _File | None = None
        self._held: Any = None
        self._index: WalIndex | None = None
        self._may_have_index = False
        self._known: _Known | None = None
        self._lock = threading.Lock()
        self._inherited: list[Any] = []

    def after_fork(self) -> None:
        """Begin anew in a child process, without closing what the parent still uses."""
        # Kept: what is collected is closed, and closing is for the parent.
        self._inherited.append(self._held)
        self._held = self._index = self._known = None
        self._lock = threading.Lock()

    def head(self) -> LogRows:
        """Epoch, floor and position as of now."""
        known = self._known
        if known is not None and known.is_current:
            return known.rows
        with self._lock:
            return self._ask(self._read_head)

    def _read_head(self, held: Any) -> LogRows:
        # The header comes first: what is committed in between is then read again, not missed.
        index, looked_at = self._index, monotonic()
        header = b"" if index is None else index.header()
        # All rows of it, though it is one: a statement that is not at its end keeps SQLite's
        # read transaction, and with it the state of now, for the next question.
        rows = LogRows(*held.execute(self._statement).fetchall()[0])
        if index is not None:
            self._known = _Known(rows, index, header, looked_at)
        elif self._may_have_index and self._file is not None:
            # SQLite opens it for the first statement.
            self._index, self._may_have_index = self._file.map_index(), False
        return rows

    def rows(self, after: int) -> LogRows:
        """Head and rows above `after`, read in one transaction."""
        with self._lock:
            return self._ask(lambda held: self._read(held, after))

    def _read(self, held: Any, after: int) -> LogRows:
        held.execute(_BEGIN[self._dialect])
        try:
            epoch, floor, position = held.execute(self._statement).fetchall()[0]
            rows: Sequence[Any] = held.execute(_ROWS[self._dialect], (after,)).fetchall()
        finally:
            held.execute("COMMIT")
        return LogRows(epoch, floor, position, tuple(rows), after)

    def _ask(self, question: Callable[[Any], LogRows]) -> LogRows:
        try:
            return question(self._connection())
        except Exception as problem:
            self._drop()
            raise ContentUnavailable(f"the change log cannot be read: {problem}") from problem

    def _connection(self) -> Any:
        if self._file is not None and not self._file.is_there:
            # Every other connection still reads the file that was taken away.
            self._drop()
            self._engine().dispose()
        if self._held is None:
            engine = self._engine()
            self._dialect = engine.dialect.name
            self._statement = head_statement(self._dialect)
            check_epoch(engine)
            self._file = _File.of(engine)
            self._held = _take_connection(engine)
            self._may_have_index = True
        return self._held

    def _drop(self) -> None:
        held, self._held = self._held, None
        self._index = self._known = None
        if held is not None:
            held.close()

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._drop()


class _File:
    """The file of an SQLite database, told from one that took its place."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._identity = self._look()

    @classmethod
    def of(cls, engine: Engine) -> _File | None:
        """The file behind `engine`; none for a server."""
        return cls(str(engine.url.database)) if engine.dialect.name == "sqlite" else None

    @property
    def is_there(self) -> bool:
        """Whether its name still leads to it; raises `OSError` when it leads nowhere."""
        return self._look() == self._identity

    def map_index(self) -> WalIndex | None:
        """Its wal-index, once a connection has read it."""
        return map_index(self._name)

    def _look(self) -> tuple[int, int]:
        found = os.stat(self._name)
        return found.st_dev, found.st_ino


class Listener:
    """Hears on PostgreSQL that a commit wrote to the log, over a connection of its own.

    It listens once it is made, so what is read of the log afterwards leaves no gap. For one
    thread. A broken one is thrown away and another made, after which the log is to be read and
    the epoch to be checked. Not for a pooler in transaction mode, and not for a standby: both
    deliver nothing.
    """

    def __init__(self, engine: Engine) -> None:
        self._held: Any = None
        try:
            self._held = _take_connection(engine)
            self._held.execute("LISTEN cache_log")
        except Exception as problem:
            self.close()
            raise ContentUnavailable(f"the change log cannot be heard: {problem}") from problem

    def wait(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds; whether a commit was heard, also since the last call.

        Raises `ContentUnavailable` when the connection broke.
        """
        if self._held is None:
            raise ContentUnavailable("the change log cannot be heard: the listener is closed")
        try:
            heard = self._held.notifies(timeout=timeout, stop_after=1)
            return any([True for _ in heard])
        except Exception as problem:
            self.close()
            raise ContentUnavailable(f"the change log cannot be heard: {problem}") from problem

    def close(self) -> None:
        """Give the connection back."""
        held, self._held = self._held, None
        if held is not None:
            held.close()


def _take_connection(engine: Engine) -> Any:
    """A connection of the driver that the pool forgets: it stays ours until it breaks."""
    lent = engine.raw_connection()
    held = lent.driver_connection
    lent.detach()
    if held is not None and engine.dialect.name == "postgresql":
        held.autocommit = True
    return held
