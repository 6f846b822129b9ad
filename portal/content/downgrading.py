"""Takes a database back to the tables of an older release, and says beforehand what that loses.

Code can be rolled back without it: a release only expands (deploy/README.md). It is for a database
that an older release is to look after as its own, backups included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy import column
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import table

from portal.content import log
from portal.content import schema
from portal.content import tags
from portal.content.transfer import open_source
from portal.errors import ConfigError

OLDEST = "0004"
"""Before it the triggers of articles were others: those of this code read tables that came with it,
and without them no article could be saved."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What goes, and how many rows of it: a table or some of its rows, or a column.

    A column is named `table.column`; its rows are those that have something there.
    """

    name: str
    rows: int


def targets() -> tuple[str, ...]:
    """The versions that a database can be taken back to, the oldest first."""
    return tuple(version for version in schema.versions() if version >= OLDEST)


def find_losses(url: str, version: str) -> tuple[Loss, ...]:
    """What going back to `version` would lose; reads only.

    Raises `ConfigError` where there is nothing to take back.
    """
    found = schema.current(url)
    if found is None:
        raise ConfigError(
            "the database of PORTAL_DATABASE_URL is empty or not there, so it cannot be taken"
            " back; check the address"
        )
    if found not in schema.versions():
        raise ConfigError(
            f"the schema is at {found}, which this version does not know (newest known:"
            f" {schema.head()}); take it back with the release that made it"
        )
    if found < version:
        raise ConfigError(f"the schema is at {found}, older than {version}; nothing was changed")
    with open_source(url) as connection:
        losses = [
            Loss(name, _count(connection, counted)) for name, counted in _lost(found, version)
        ]
    return tuple(loss for loss in losses if loss.rows)


def downgrade(url: str, version: str) -> None:
    """Take a database back to an older version in one transaction, and end everything cached.

    The log's triggers of the tables that stay log as before; code of that version puts its own in
    their place when it starts.
    """
    from alembic import command  # noqa: PLC0415 - only for commands, as in `portal.content.schema`

    with schema.patient_engine(url).begin() as connection:
        command.downgrade(schema.alembic_config(connection), version)
        log.append(connection, {tags.EVERYTHING})


def _lost(newest: str, version: str) -> Iterator[tuple[str, str]]:
    """What the migrations between two versions name as lost, the newest first, and what to count.

    What belongs to a table that goes as well, or to rows that do, is in the count of that.
    """
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - only for commands, see above

    scripts = ScriptDirectory.from_config(schema.alembic_config())
    steps = [script.module for script in scripts.iterate_revisions(newest, version)]
    names = [name for step in steps for name in step.LOST]
    whole = {_table_of(name): name for step in steps for name in getattr(step, "LOST_ROWS", ())}
    whole |= {name: name for name in names if "." not in name}
    seen = dict.fromkeys(_table_of(name) if _table_of(name) in whole else name for name in names)
    return ((name, whole.get(name, name)) for name in seen)


def _table_of(name: str) -> str:
    return name.partition(".")[0]


def _count(connection: Connection, name: str) -> int:
    where, _, what = name.partition(".")
    counted = func.count(column(what)) if what else func.count()
    return connection.execute(select(counted).select_from(table(where))).scalar_one()
