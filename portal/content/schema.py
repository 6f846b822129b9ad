"""Brings the database to this version's tables, and says which version it has.

Alembic is loaded only when a command asks for it: processes that serve pages never migrate.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import NullPool
from sqlalchemy import inspect
from sqlalchemy import make_url
from sqlalchemy import text

from portal.extensions import SNAPSHOT
from portal.extensions import make_engine

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE = "schema_version"
_MIGRATIONS = Path(__file__).parent / "migrations"


def head() -> str:
    """The version that this code needs."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - only for commands, see above

    found = ScriptDirectory.from_config(_config()).get_current_head()
    if found is None:
        raise RuntimeError(f"{_MIGRATIONS} holds no migrations")
    return found


def current(url: str) -> str | None:
    """The version of a database; none for an empty one. Raises the driver's error without one."""
    file = make_url(url).database
    if url.startswith("sqlite") and file and not Path(file).exists():
        return None
    engine = make_engine(url, poolclass=NullPool)
    with engine.connect().execution_options(**{SNAPSHOT: True}) as connection:
        if not inspect(connection).has_table(VERSION_TABLE):
            return None
        statement = text(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608 - our constant
        return connection.execute(statement).scalar()


def upgrade(url: str) -> None:
    """Migrate a database to `head` in one transaction; an empty one gets every table."""
    file = make_url(url).database
    if url.startswith("sqlite") and file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    # Without the limits of serving connections: building an index may take its time.
    options: dict[str, Any] = {} if url.startswith("sqlite") else {"connect_args": {}}
    engine = make_engine(url, poolclass=NullPool, **options)
    with engine.begin() as connection:
        upgrade_connection(connection)
    engine.dispose()


def upgrade_connection(connection: Connection) -> None:
    """The same inside the caller's transaction."""
    from alembic import command  # noqa: PLC0415 - only for commands, see above

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - only for commands, see above

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config
