"""The triggers that write the change log, made from what the models declare.

Triggers see what no command does: bulk statements, raw SQL, cascades and other programs. They are
part of no migration. `schema.upgrade_connection` installs them after the migrations, whatever
changed, and a process that starts calls `mend_triggers`: a trigger that somebody dropped, disabled
or edited is put back, and everything cached meanwhile ends.
"""

from __future__ import annotations

from types import ModuleType

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import MetaData

from portal.content import log
from portal.content import models
from portal.content import tags
from portal.content.triggers import postgresql
from portal.content.triggers import sqlite
from portal.extensions import SNAPSHOT

_METADATA: MetaData = models.Article.metadata
_KINDS: dict[str, ModuleType] = {"postgresql": postgresql, "sqlite": sqlite}


def differences(connection: Connection) -> tuple[str, ...]:
    """What of the installed triggers is not as generated, one line each; reads only."""
    lines: list[str] = list(_KINDS[connection.dialect.name].differences(connection, _METADATA))
    return tuple(lines)


def install_triggers(connection: Connection) -> None:
    """Put the generated triggers in the place of all that are there, in the caller's transaction.

    Ends everything that is cached: nobody knows what the ones before did not log.
    """
    _KINDS[connection.dialect.name].install(connection, _METADATA)
    log.append(connection, {tags.EVERYTHING})


def find_differences(engine: Engine) -> tuple[str, ...]:
    """`differences` on a connection of its own."""
    with engine.connect().execution_options(**{SNAPSHOT: True}) as connection:
        return differences(connection)


def mend_triggers(engine: Engine) -> tuple[str, ...]:
    """Install the triggers if they are not as generated; return what was different.

    Safe to call in many processes at once. Needs the right to change the tables, unless nothing
    differs; raises the database's error without it.
    """
    if not find_differences(engine):
        return ()
    with engine.begin() as connection:
        log.take_turn(connection)
        # Another process may have mended them while this one waited.
        found = differences(connection)
        if found:
            install_triggers(connection)
        return found
