"""Brings the database to this version's tables, and says which version it has.

Alembic is loaded only when a command asks for it: processes that serve pages never migrate.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import NullPool
from sqlalchemy import inspect
from sqlalchemy import text

from portal.content.epoch import check_epoch_of
from portal.content.triggers import differences
from portal.content.triggers import install_triggers
from portal.errors import ConfigError
from portal.extensions import SNAPSHOT
from portal.extensions import make_engine
from portal.extensions import read_address

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE = "schema_version"
_MIGRATIONS = Path(__file__).parent / "migrations"
# The words of the search index (SQLite keeps them in five tables more), and what the log's triggers
# keep for the end of a transaction.
_WITHOUT_MODEL = ("search_text", "cache_pending")


def head() -> str:
    """The version that this code needs."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - only for commands, see above

    found = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if found is None:
        raise RuntimeError(f"{_MIGRATIONS} holds no migrations")
    return found


def is_newer(version: str | None) -> bool:
    """Whether a later release than this one has upgraded the database.

    Code that was rolled back works on it, since releases only expand; versions are four digits.
    """
    return version is not None and version.isdecimal() and version > head()


def is_usable(version: str | None) -> bool:
    """Whether a database of this version has every table and column that this code needs."""
    return version == head() or is_newer(version)


def advice(version: str | None) -> str:
    """What to do about a database that is not usable."""
    if version is None or version in versions():
        return "run: portal db upgrade"
    return "no release has made that version; name another database in PORTAL_DATABASE_URL"


def current(url: str) -> str | None:
    """The version of a database; none for an empty one. Raises the driver's error without one."""
    file = read_address(url).database
    if url.startswith("sqlite") and file and not Path(file).exists():
        return None
    engine = make_engine(url, poolclass=NullPool)
    with engine.connect().execution_options(**{SNAPSHOT: True}) as connection:
        return _version(connection)


def upgrade(url: str) -> None:
    """Migrate a database to `head` in one transaction; an empty one gets every table.

    A newer one is left as it is.
    """
    file = read_address(url).database
    if url.startswith("sqlite") and file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    with patient_engine(url).begin() as connection:
        upgrade_connection(connection)


def versions() -> tuple[str, ...]:
    """Every version there has been, the oldest first."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - only for commands, see above

    found = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    return tuple(reversed([script.revision for script in found]))


def table_differences(url: str) -> list[str]:
    """How the tables of a database differ from those this code declares."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - only for commands
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - only for commands

    # Whoever imports a table of operators has those of the content as well.
    from portal.content.operators.tables import AccountRow  # noqa: PLC0415 - only for commands

    with patient_engine(url).connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": VERSION_TABLE,
                "compare_type": True,
                "include_name": lambda name, kind, _: (
                    kind != "table" or not name.startswith(_WITHOUT_MODEL)
                ),
            },
        )
        return [str(item) for item in compare_metadata(context, AccountRow.metadata)]


def patient_engine(url: str) -> Engine:
    """Connections without the limits of serving ones: building an index may take its time."""
    options: dict[str, Any] = {} if url.startswith("sqlite") else {"connect_args": {}}
    return make_engine(url, poolclass=NullPool, **options)


def upgrade_connection(connection: Connection) -> None:
    """The same inside the caller's transaction.

    Migrations neither make nor keep triggers: whatever they did to the tables, the triggers of
    this version are installed behind the last of them, and everything cached ends. A new
    database gets its first epoch here too.
    """
    from alembic import command  # noqa: PLC0415 - only for commands, see above

    config = alembic_config(connection)
    before = _version(connection)
    if is_newer(before):
        return
    if before is not None and before not in versions():
        raise ConfigError(
            f"the database says that its schema is at {before!r}, which no release has made (known:"
            f" {', '.join(versions())}); name another database in PORTAL_DATABASE_URL"
        )
    command.upgrade(config, "head")
    if before != _version(connection) or differences(connection):
        install_triggers(connection)
    check_epoch_of(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    statement = text(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608 - our constant
    found: str | None = connection.execute(statement).scalar()
    return found


def alembic_config(connection: Connection | None = None) -> Config:
    """Where Alembic finds the migrations, and the connection they are to run on."""
    from alembic.config import Config  # noqa: PLC0415 - only for commands, see above

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
