"""Looks at a database with the eyes of who runs it: version, settings, clock, files."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import NullPool

from portal.extensions import SNAPSHOT
from portal.extensions import make_engine

OLDEST_POSTGRESQL = 14
OLDEST_SQLITE = (3, 37)
LARGEST_SKEW = 2.0
SPARE_CONNECTIONS = 10


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing seen of a database: whether it is well, and what to change if not."""

    subject: str
    healthy: bool
    seen: str
    advice: str = ""


def inspect_database(url: str, now: datetime) -> list[Observation]:
    """What can be seen of a database that answers; raises the driver's errors."""
    engine = make_engine(url, poolclass=NullPool)
    with engine.connect().execution_options(**{SNAPSHOT: True}) as connection:
        if connection.dialect.name == "postgresql":
            return list(_look_at_postgresql(connection, now))
        return list(_look_at_sqlite(connection))


def _look_at_postgresql(connection: Connection, now: datetime) -> Iterator[Observation]:
    number = int(_setting(connection, "server_version_num"))
    major = number // 10_000
    yield Observation(
        "database version",
        major >= OLDEST_POSTGRESQL,
        f"PostgreSQL {_setting(connection, 'server_version')}",
        "" if major >= OLDEST_POSTGRESQL else f"upgrade to {OLDEST_POSTGRESQL} or newer",
    )
    encoding = _setting(connection, "server_encoding")
    yield Observation(
        "database encoding",
        encoding == "UTF8",
        encoding,
        "" if encoding == "UTF8" else "make the database anew with ENCODING 'UTF8'",
    )
    yield _look_at_timeouts(connection)
    yield _look_at_writing(connection)
    yield _look_at_connections(connection)
    told = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    skew = told.astimezone(UTC).timestamp() - now.timestamp()
    yield Observation(
        "database clock",
        abs(skew) <= LARGEST_SKEW,
        f"{skew:+.1f} s from here",
        "" if abs(skew) <= LARGEST_SKEW else "run a time service (chrony) on both machines",
    )


def _look_at_timeouts(connection: Connection) -> Observation:
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    found = {name: _setting(connection, name) for name in names}
    missing = [name for name, value in found.items() if value == "0"]
    return Observation(
        "database timeouts",
        not missing,
        ", ".join(f"{name} {value}" for name, value in found.items()),
        f"a pooler drops our options; set for the role: {', '.join(missing)}" if missing else "",
    )


def _look_at_writing(connection: Connection) -> Observation:
    standby = connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar_one()
    read_only = _setting(connection, "default_transaction_read_only") == "on"
    if standby:
        return Observation("database writes", False, "a standby", "name the primary server")
    if read_only:
        advice = "set default_transaction_read_only off, for the database and the role"
        return Observation("database writes", False, "read-only", advice)
    return Observation("database writes", True, "possible")


def _look_at_connections(connection: Connection) -> Observation:
    limit = int(_setting(connection, "max_connections"))
    used = connection.exec_driver_sql("SELECT count(*) FROM pg_stat_activity").scalar_one()
    healthy = limit - used >= SPARE_CONNECTIONS
    advice = "raise max_connections, or lower PORTAL_DATABASE_POOL or the number of workers"
    return Observation(
        "database connections", healthy, f"{used} of {limit} used", "" if healthy else advice
    )


def _setting(connection: Connection, name: str) -> str:
    found = connection.exec_driver_sql("SELECT current_setting(%s)", (name,)).scalar_one()
    return str(found)


def _look_at_sqlite(connection: Connection) -> Iterator[Observation]:
    healthy = sqlite3.sqlite_version_info >= OLDEST_SQLITE
    oldest = ".".join(map(str, OLDEST_SQLITE))
    yield Observation(
        "database version",
        healthy,
        f"SQLite {sqlite3.sqlite_version}",
        "" if healthy else f"use a Python with SQLite {oldest} or newer",
    )
    mode = str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one())
    yield Observation(
        "database journal",
        mode == "wal",
        mode,
        "" if mode == "wal" else "put the file on a local disk: network disks cannot do WAL",
    )
    yield _look_at_file(Path(str(connection.engine.url.database)))


def _look_at_file(file: Path) -> Observation:
    # Beside the file SQLite makes two others, so the folder must be writable as well.
    missing = [
        str(place) for place in (file, file.absolute().parent) if not os.access(place, os.W_OK)
    ]
    return Observation(
        "database file",
        not missing,
        f"{file}, {file.stat().st_size // 1000} kB",
        f"give the portal's user the right to write {', '.join(missing)}" if missing else "",
    )
