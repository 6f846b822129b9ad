"""Reads whole tables: rows to lines of JSON, in the same bytes from either database.

What belongs to one database and not to the site stays behind: the change log with its epoch. The
way back is `portal.content.receiving`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column
from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import Date
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import collate
from sqlalchemy import delete
from sqlalchemy import inspect
from sqlalchemy import select

from portal.content import fts5
from portal.content import models
from portal.content.columns import UtcDateTime
from portal.content.engine import open_snapshot
from portal.content.schema import patient_engine

OWN_PREFIXES = ("cache_", "operator_", "search_")
"""Tables with these prefixes are not part of the site: they tell about one database and those who
run it, or can be made from the rest."""

_BATCH = 1000
# Sorted, because PostgreSQL does not keep the order of the names in an object.
_ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


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


def read_lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """Every row as one line of JSON, a list in the order of the columns, sorted by key."""
    collation = {"sqlite": "BINARY", "postgresql": "C"}[connection.dialect.name]
    keys = [_ordered(column, collation) for column in table.primary_key.columns]
    statement = select(table).order_by(*keys)
    times = [
        place
        for place, column in enumerate(table.columns)
        if isinstance(column.type, UtcDateTime | Date)
    ]
    for row in connection.execute(statement, execution_options={"yield_per": _BATCH}):
        values = list(row)
        for place in times:
            if values[place] is not None:
                values[place] = values[place].isoformat()
        yield _ENCODE(values).encode() + b"\n"


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


def is_empty(connection: Connection) -> bool:
    """Whether no table of the site has a row; an older schema has not all of them."""
    there = frozenset(inspect(connection).get_table_names())
    return not any(
        connection.execute(select(table.primary_key.columns[0]).limit(1)).first()
        for table in site_tables()
        if table.name in there
    )


def clear(connection: Connection) -> None:
    """Delete every row of the site, and what was made from them."""
    if connection.dialect.name == "sqlite":
        fts5.empty_words(connection)  # else it would follow row by row
    for table in reversed(_tables()):
        if not table.name.startswith(("cache_", "operator_")):
            connection.execute(delete(table))


def _ordered(column: Column[Any], collation: str) -> ColumnElement[Any]:
    # By code points on both databases, whatever the language of the server.
    return collate(column, collation) if isinstance(column.type, Text) else column
