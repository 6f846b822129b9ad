"""In what condition the database is: reachable, migrated, writable.

Said in sentences without names and addresses, because anybody may read them; the log has the rest.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.content.schema import VERSION_TABLE
from portal.extensions import SNAPSHOT

log = logging.getLogger(__name__)

UNREADABLE = "it cannot be read"
"""What is said of a database that does not answer."""

_VERSIONS = Path(__file__).parent / "migrations" / "versions"
_VERSION = text(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608 - our constant


@lru_cache(maxsize=1)
def needed_version() -> str:
    """The schema version this code needs: the newest of its migrations, which are numbered.

    Reads the folder, because serving processes do not load Alembic.
    """
    return max(file.name.partition("_")[0] for file in _VERSIONS.glob("[0-9]*_*.py"))


def find_database_problem(engine: Engine) -> str | None:
    """Why no page can be read from the database, if so."""
    try:
        with _reading(engine) as connection:
            found = str(connection.execute(_VERSION).scalar_one())
    except SQLAlchemyError as problem:
        log.warning("the database cannot be read", exc_info=problem)
        return UNREADABLE
    if found < needed_version():
        return f"its schema is at {found}, this version needs {needed_version()}"
    return None


def find_database_weakness(engine: Engine) -> str | None:
    """What editors cannot do although readers can read, if anything."""
    try:
        with _reading(engine) as connection:
            if connection.dialect.name == "postgresql":
                return _find_postgresql_weakness(connection)
            return _find_sqlite_weakness(engine)
    except SQLAlchemyError:
        return None  # `find_database_problem` says so


def _reading(engine: Engine) -> Connection:
    return engine.connect().execution_options(**{SNAPSHOT: True})


def _find_postgresql_weakness(connection: Connection) -> str | None:
    standby, read_only = connection.exec_driver_sql(
        "SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only')"
    ).one()
    if standby:
        return "it is a standby: read-only"
    return "it is read-only" if read_only == "on" else None


def _find_sqlite_weakness(engine: Engine) -> str | None:
    file = Path(str(engine.url.database))
    return None if _can_write(file) else "its file cannot be written"


def _can_write(file: Path) -> bool:
    try:
        with file.open("r+b"):
            return True
    except OSError:
        return False
