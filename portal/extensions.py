"""Unbound Flask extensions, and how a connection to either database is set up.

Flask-SQLAlchemy is used thinly: it owns the engine and the writer's session of a request, nothing
else. Importing this module opens no connection.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from typing import Any

from flask import Flask
from flask_caching import Cache
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import URL
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import MetaData
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy import make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase

from portal.errors import ConfigError
from portal.masking import mask_url

SNAPSHOT = "portal_snapshot"
"""Execution option of connections that only read: on SQLite they take no write lock."""

_SQLITE_BUSY_SECONDS = 10
_IDLE_TIMEOUT = "60s"  # of an open transaction: a process that hangs must not hold locks for ever
_CONNECT_SECONDS = 3
# A server that vanished without a word is noticed within half a minute, instead of the hours that
# the kernel would take; until then its connections wait.
_NETWORK = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
_RECYCLE_SECONDS = 1800
_NOTE = "database: "
_KNOWN = "in PORTAL_DATABASE_URL use sqlite:///FILE or postgresql://USER@HOST/NAME"
_NAMES = {
    "ix": "%(table_name)s_%(column_0_N_name)s_index",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a serving process waits for PostgreSQL, and how many connections it keeps."""

    pool: int = 5
    statement: timedelta = timedelta(seconds=30)
    lock: timedelta = timedelta(seconds=2)

    def engine_options(self) -> dict[str, Any]:
        """The options of `make_engine` that these limits mean on PostgreSQL."""
        return {
            "connect_args": {
                "options": self._session(),
                "connect_timeout": _CONNECT_SECONDS,
                **_NETWORK,
            },
            "pool_size": self.pool,
            "max_overflow": self.pool,
            "pool_timeout": _CONNECT_SECONDS,
            "pool_recycle": _RECYCLE_SECONDS,
            "pool_pre_ping": True,
        }

    def _session(self) -> str:
        values = {
            "lock_timeout": _milliseconds(self.lock),
            "statement_timeout": _milliseconds(self.statement),
            "idle_in_transaction_session_timeout": _IDLE_TIMEOUT,
            "timezone": "UTC",
        }
        return " ".join(f"-c {name}={value}" for name, value in values.items())


def _milliseconds(value: timedelta) -> str:
    return f"{round(value.total_seconds() * 1000)}ms"


def serving_options(url: str, limits: Limits) -> dict[str, Any]:
    """Engine options of a process that serves pages from the database at `url`."""
    return limits.engine_options() if read_address(url).get_backend_name() == "postgresql" else {}


def observe_engine(
    engine: Engine, answered: Callable[[float], None], failed: Callable[[str], None]
) -> None:
    """Tell how long every statement took (seconds), and of which kind an error was."""

    def begin(connection: Connection, *_: object) -> None:
        connection.info["portal_asked"] = time.perf_counter()

    def end(connection: Connection, *_: object) -> None:
        asked = connection.info.pop("portal_asked", None)
        if asked is not None:
            answered(time.perf_counter() - asked)

    def fail(context: ExceptionContext) -> None:
        failed(type(context.sqlalchemy_exception or context.original_exception).__name__)

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    event.listen(engine, "handle_error", fail)


def read_address(url: str | URL) -> URL:
    """The address of a database of a kind that is supported, else `ConfigError`."""
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except (ArgumentError, ValueError):
        # Whatever was written there may have a password in it.
        raise ConfigError(f"the address of the database cannot be read; {_KNOWN}") from None
    if backend not in {"sqlite", "postgresql"}:
        raise ConfigError(f"{backend!r} is not a supported database; {_KNOWN}")
    if backend == "sqlite" and (address.database or ":memory:") == ":memory:":
        raise ConfigError(f"a database in memory is another one for each process; {_KNOWN}")
    return address


def make_engine(url: str | URL, **options: Any) -> Engine:
    """An engine whose transactions are real snapshots on SQLite and PostgreSQL alike.

    Raises `ConfigError` for any other database.
    """
    address = read_address(url)
    options.setdefault("json_serializer", partial(json.dumps, ensure_ascii=False))
    if address.get_backend_name() == "sqlite":
        options.setdefault("connect_args", {"timeout": _SQLITE_BUSY_SECONDS})
        engine = _create(address, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    limits = Limits().engine_options()
    # Another pool has other options; how long to wait holds for every connection.
    wanted = ("connect_args",) if "poolclass" in options else tuple(limits)
    for name in wanted:
        options.setdefault(name, limits[name])
    return _create(address.set(drivername="postgresql+psycopg"), **options)


def database_of(problem: BaseException) -> str | None:
    """The address, without its password, of the database whose engine raised an error."""
    notes = getattr(problem, "__notes__", ())
    found = (note.removeprefix(_NOTE) for note in notes if note.startswith(_NOTE))
    return next(found, None)


def as_reported(problem: Exception, connection: Connection) -> BaseException:
    """An error that the driver itself raised, as the engine of `connection` reports its own."""
    dialect = connection.dialect
    reported = DBAPIError.instance(None, None, problem, dialect.loaded_dbapi.Error, dialect=dialect)
    reported.add_note(_NOTE + show_address(connection.engine.url))
    return reported


def show_address(url: str | URL) -> str:
    """The address of a database as messages show it; raises `ConfigError` for none."""
    address = read_address(url)
    plain = address.set(drivername=address.get_backend_name())
    return mask_url(plain.render_as_string(hide_password=False))


def _create(address: URL, **options: Any) -> Engine:
    shown = _NOTE + show_address(address)

    def note(context: ExceptionContext) -> None:
        # A command may have two databases, and an error does not say whose it is.
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.add_note(shown)

    engine = create_engine(address, **options)
    event.listen(engine, "handle_error", note)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    # The driver's own transaction handling begins too late, so that two SELECTs of one
    # transaction see different states; BEGIN is ours (see _begin_sqlite).
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "cache_size=-4000"):
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
# Only the backend that it makes from `CACHE_*` is used; its decorators know nothing of the log.
cache = Cache(with_jinja2_ext=False)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model
