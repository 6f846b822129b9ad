"""Moves whole tables: rows to lines of JSON and back, in the same bytes from either database.

What belongs to one database and not to the site stays behind: the change log with its epoch. A
database that received rows begins a new epoch, so no cached fragment of before is believed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Column
from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import Date
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import collate
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy import update

from portal.content import models
from portal.content.columns import UtcDateTime
from portal.content.engine import open_snapshot
from portal.content.epoch import renew_epoch_of
from portal.content.schema import patient_engine

OWN_PREFIXES = ("cache_", "operator_", "search_")
"""Tables with these prefixes are not part of the site: they tell about one database and those who
run it, or can be made from the rest."""

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class TableDigest:
    """How many rows a table has, and the SHA-256 of their lines in the order of the keys."""

    columns: tuple[str, ...]
    rows: int
    sha256: str


def site_tables() -> tuple[Table, ...]:
    """The tables of the site, each after those it refers to."""
    return tuple(table for table in _tables() if not table.name.startswith(OWN_PREFIXES))


def _tables() -> list[Table]:
    return models.Site.metadata.sorted_tables


@contextmanager
def open_source(url: str) -> Iterator[Connection]:
    """One state of a database, to be read for as long as it takes."""
    engine = patient_engine(url)
    try:
        with open_snapshot(engine, bounded=False) as (session, _):
            yield session.connection()
    finally:
        engine.dispose()


@contextmanager
def open_destination(url: str) -> Iterator[Connection]:
    """A transaction in which a database receives everything or nothing."""
    engine = patient_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def read_lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """Every row as one line of JSON, a list in the order of the columns, sorted by key."""
    collation = {"sqlite": "BINARY", "postgresql": "C"}[connection.dialect.name]
    keys = [_ordered(column, collation) for column in table.primary_key.columns]
    statement = select(table).order_by(*keys)
    names = [column.name for column in table.columns]
    found = connection.execute(statement, execution_options={"yield_per": _BATCH})
    for row in found.mappings():
        yield _encode([row[name] for name in names])


def digest_table(
    connection: Connection, table: Table, copy: Callable[[bytes], object] | None = None
) -> TableDigest:
    """Read a whole table; `copy` is given every line."""
    digest, rows = hashlib.sha256(), 0
    for line in read_lines(connection, table):
        digest.update(line)
        rows += 1
        if copy is not None:
            copy(line)
    return TableDigest(tuple(table.columns.keys()), rows, digest.hexdigest())


def write_lines(connection: Connection, table: Table, lines: Callable[[], Iterable[bytes]]) -> None:
    """Insert rows as they are, ids included. `lines` is called again for references to itself."""
    later = [column for column in table.columns if _refers_to_itself(column)]
    statement = insert(table)
    for batch in _batches(_rows(table, lines())):
        connection.execute(statement, [row | dict.fromkeys(_names(later)) for row in batch])
    for column in later:
        _write_references(connection, table, column, lines)


def is_empty(connection: Connection) -> bool:
    """Whether no table of the site has a row."""
    return not any(
        connection.execute(select(table.primary_key.columns[0]).limit(1)).first()
        for table in site_tables()
    )


def clear(connection: Connection) -> None:
    """Delete every row of the site, and what was made from them."""
    for table in reversed(_tables()):
        if not table.name.startswith(("cache_", "operator_")):
            connection.execute(delete(table))


def finish(connection: Connection) -> None:
    """After the last row: number new rows above the received ones, and begin a new epoch."""
    if connection.dialect.name == "postgresql":
        for table in site_tables():
            _reset_sequence(connection, table)
        # What the triggers have kept for the end of this transaction.
        connection.execute(text("DELETE FROM cache_pending"))
    greatest = {"sqlite": "max", "postgresql": "greatest"}[connection.dialect.name]
    connection.execute(
        text(
            f"UPDATE cache_meta SET floor = {greatest}(floor,"  # noqa: S608 - a name from the table above
            " coalesce((SELECT max(position) FROM cache_log), 0))"
        )
    )
    connection.execute(text("DELETE FROM cache_log"))
    renew_epoch_of(connection)


def _reset_sequence(connection: Connection, table: Table) -> None:
    column = table.autoincrement_column
    if column is None:
        return
    sequence = connection.execute(
        select(func.pg_get_serial_sequence(table.name, column.name))
    ).scalar()
    if sequence is None:
        return
    greatest = connection.execute(select(func.max(column))).scalar()
    # The third argument: whether the value has been used.
    connection.execute(select(func.setval(sequence, greatest or 1, greatest is not None)))


def _write_references(
    connection: Connection,
    table: Table,
    column: Column[Any],
    lines: Callable[[], Iterable[bytes]],
) -> None:
    key = next(iter(table.primary_key.columns))
    statement = (
        update(table).where(key == bindparam("of")).values({column.name: bindparam("refers_to")})
    )
    wanted = (
        {"of": row[key.name], "refers_to": row[column.name]}
        for row in _rows(table, lines())
        if row[column.name] is not None
    )
    for batch in _batches(wanted):
        connection.execute(statement, batch)


def _refers_to_itself(column: Column[Any]) -> bool:
    return any(key.column.table is column.table for key in column.foreign_keys)


def _names(columns: Iterable[Column[Any]]) -> list[str]:
    return [column.name for column in columns]


def _ordered(column: Column[Any], collation: str) -> ColumnElement[Any]:
    # By code points on both databases, whatever the language of the server.
    return collate(column, collation) if isinstance(column.type, Text) else column


def _rows(table: Table, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    columns = tuple(table.columns)
    for line in lines:
        values = json.loads(line)
        yield {
            column.name: _decode(column, value)
            for column, value in zip(columns, values, strict=True)
        }


def _decode(column: Column[Any], value: Any) -> Any:
    if value is not None and isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(value)
    if value is not None and isinstance(column.type, Date):
        return date.fromisoformat(value)
    return value


def _encode(values: list[Any]) -> bytes:
    plain = [value.isoformat() if isinstance(value, date) else value for value in values]
    # Sorted, because PostgreSQL does not keep the order of the names in an object.
    return (
        json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        + b"\n"
    )


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch
