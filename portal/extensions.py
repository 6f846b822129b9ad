"""Unbound Flask extensions, and how a connection to either database is set up.

Flask-SQLAlchemy is used thinly: it owns the engine and the writer's session of a request, nothing
else. Importing this module opens no connection.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import URL
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import MetaData
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy import make_url
from sqlalchemy.orm import DeclarativeBase

from portal.errors import ConfigError

SNAPSHOT = "portal_snapshot"
"""Execution option of connections that only read: on SQLite they take no write lock."""

_SQLITE_BUSY_SECONDS = 10
_POSTGRESQL_OPTIONS = (
    "-c lock_timeout=2s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s"
    " -c timezone=UTC"
)
_NAMES = {
    "ix": "%(table_name)s_%(column_0_N_name)s_index",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


def make_engine(url: str | URL, **options: Any) -> Engine:
    """An engine whose transactions are real snapshots on SQLite and PostgreSQL alike.

    Raises `ConfigError` for any other database.
    """
    address = make_url(url)
    backend = address.get_backend_name()
    options.setdefault("json_serializer", partial(json.dumps, ensure_ascii=False))
    if backend == "sqlite":
        options.setdefault("connect_args", {"timeout": _SQLITE_BUSY_SECONDS})
        engine = create_engine(address, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if backend == "postgresql":
        options.setdefault("connect_args", {"options": _POSTGRESQL_OPTIONS})
        options.setdefault("pool_pre_ping", True)
        return create_engine(address.set(drivername="postgresql+psycopg"), **options)
    raise ConfigError(
        f"PORTAL_DATABASE_URL: {backend!r} is not a supported database;"
        " use sqlite:///FILE or postgresql://USER@HOST/NAME"
    )


def _prepare_sqlite(connection: Any, _: object) -> None:
    # The driver's own transaction handling begins too late, so that two SELECTs of one
    # transaction see different states; BEGIN is ours (see _begin_sqlite).
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "cache_size=-16000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer that begins deferred fails at its first write, at once and whatever the timeout,
    # when another one has committed since its first read; so writers queue at the beginning.
    reads_only = connection.get_execution_options().get(SNAPSHOT, False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


class Base(DeclarativeBase):
    """Every table of the portal; constraints are named, so that migrations can name them."""

    metadata = MetaData(naming_convention=_NAMES)


class Database(SQLAlchemy):
    """Flask-SQLAlchemy with the engines above.

    Both methods are its own hooks for this purpose, though not public; a test holds them.
    """

    def _apply_driver_defaults(self, options: dict[str, Any], app: Flask) -> None:
        """Leave the address as the operator wrote it; a file stays relative to the process."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        return make_engine(**options)


db = Database(model_class=Base)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model
