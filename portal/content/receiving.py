"""Puts whole tables into a database: everything of a site or nothing, as fast as it takes them.

Rows come as lines of JSON (`portal.content.transfer`). While they do, nothing is made row by row
that can be made once behind the last of them: indexes, the change log, the check of references.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Date
from sqlalchemy import Table
from sqlalchemy import event
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from portal.content.columns import Json
from portal.content.columns import UtcDateTime
from portal.content.epoch import renew_epoch_of
from portal.content.schema import patient_engine
from portal.content.transfer import site_tables
from portal.content.triggers import install_triggers
from portal.content.triggers import sqlite
from portal.errors import ArchiveError
from portal.extensions import as_reported

Convert = Callable[[Any], Any]

_BATCH = 1000
_INDEXES = text("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql <> ''")


@contextmanager
def open_destination(url: str) -> Iterator[Connection]:
    """A transaction in which a database receives everything or nothing.

    Raises `ArchiveError` when a row refers to one that did not come.
    """
    engine = patient_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def receive(connection: Connection) -> Iterator[None]:
    """Where the rows of every table are written; at its end the database begins a new epoch.

    New rows are numbered above the received ones.
    """
    indexes = _leave_off(connection) if connection.dialect.name == "sqlite" else ()
    yield
    for statement in indexes:
        connection.exec_driver_sql(statement)
    if connection.dialect.name == "sqlite":
        _check_references(connection)
        install_triggers(connection)
    else:
        for table in site_tables():
            _reset_sequence(connection, table)
            # Until the server finds the time, it would read whole tables for a few rows of them.
            connection.exec_driver_sql(f'ANALYZE "{table.name}"')
        # What the triggers have kept for the end of this transaction.
        connection.execute(text("DELETE FROM cache_pending"))
    _forget_log(connection)


def write_lines(connection: Connection, table: Table, lines: Iterable[bytes]) -> None:
    """Insert rows as they are, ids included; any may refer to a later one of the same table.

    Raises `ArchiveError` for rows that the table does not take.
    """
    if connection.dialect.name == "sqlite":
        _insert(connection, table, lines)
    else:
        _copy(connection, table, lines)


def _insert(connection: Connection, table: Table, lines: Iterable[bytes]) -> None:
    statement = str(insert(table).compile(dialect=connection.dialect))
    rows = _rows(lines, [_sqlite_value(column, connection) for column in table.columns])
    while batch := list(islice(rows, _BATCH)):
        try:
            connection.exec_driver_sql(statement, batch)
        except IntegrityError as problem:
            raise ArchiveError(f"{table.name}: {problem.orig}; nothing was kept") from problem


def _copy(connection: Connection, table: Table, lines: Iterable[bytes]) -> None:
    """One statement for all rows, so that what is done for a statement is done once."""
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    rows = _rows(lines, [_postgresql_value(column) for column in table.columns])
    driver: Any = connection.connection.driver_connection
    errors = connection.dialect.loaded_dbapi
    try:
        with (
            driver.cursor() as cursor,
            cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy,
        ):
            for row in rows:
                copy.write_row(row)
    except (errors.IntegrityError, errors.DataError) as problem:
        raise ArchiveError(f"{table.name}: {problem}; nothing was kept") from problem
    except errors.Error as problem:
        raise as_reported(problem, connection) from problem


def _rows(lines: Iterable[bytes], converts: list[Convert | None]) -> Iterator[tuple[Any, ...]]:
    needed = [(place, convert) for place, convert in enumerate(converts) if convert is not None]
    decode = json.JSONDecoder().decode
    for line in lines:
        values = decode(line.decode())
        if len(values) != len(converts):
            raise ArchiveError(f"a row has {len(values)} values instead of {len(converts)}")
        for place, convert in needed:
            if values[place] is not None:
                values[place] = convert(values[place])
        yield tuple(values)


def _sqlite_value(column: Column[Any], connection: Connection) -> Convert | None:
    """What makes of a value in JSON the one that the driver takes, if they differ."""
    bind = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    if bind is None:
        return None
    if isinstance(column.type, UtcDateTime):
        return lambda value: bind(datetime.fromisoformat(value))
    if isinstance(column.type, Date):
        return lambda value: bind(date.fromisoformat(value))
    return bind


def _postgresql_value(column: Column[Any]) -> Convert | None:
    # Moments and days stay text, which the server reads itself.
    return partial(json.dumps, ensure_ascii=False) if isinstance(column.type, Json) else None


def _prepare_sqlite(connection: Any, _: object) -> None:
    # References are checked once at the end, since a row may refer to a later one; and indexes
    # of a large site are made in far less time by a cache of 64 MB than by one of 4.
    for pragma in ("foreign_keys=OFF", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")


def _leave_off(connection: Connection) -> list[str]:
    """Take the log's triggers and the indexes away; the statements that make the indexes again."""
    sqlite.remove(connection)
    tables = {table.name for table in site_tables()}
    found = [row for row in connection.execute(_INDEXES).all() if row.tbl_name in tables]
    for row in found:
        connection.exec_driver_sql(f'DROP INDEX "{row.name}"')
    return [row.sql for row in found]


def _check_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise ArchiveError(
            f"row {broken[1]} of {broken[0]} refers to a row of {broken[2]} that is not there;"
            " nothing was kept"
        )


def _forget_log(connection: Connection) -> None:
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
