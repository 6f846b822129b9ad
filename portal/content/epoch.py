"""The epoch: names one unbroken history of the database.

A database can go back in time: a restored backup, a copied file, a standby that took over. Its log
then gives the same positions to other changes, and a cache entry of the lost time would be
believed again. The epoch is part of every stamp; a new one makes everything cached cold, once.

It is renewed when the fingerprint beside it is not that of the database it stands in. What keeps
its fingerprint while its content goes back (a backup restored into the same file or the same
tables) needs `renew_epoch` from whoever does that.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import cast

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import Table
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy import update

from portal.content.models import CacheMeta
from portal.extensions import SNAPSHOT

_meta = cast("Table", CacheMeta.__table__)
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_IN_RECOVERY = text("SELECT pg_is_in_recovery()")
# Which database, and which table in it. A database made from a template has the numbers of the
# template's tables, so its own counts too.
_TABLE = text(
    "SELECT concat_ws('/', (SELECT oid FROM pg_database WHERE datname = current_database()),"
    " 'cache_log'::regclass::oid, pg_relation_filenode('cache_log'))"
)
# The cluster, and its timeline from the name of the WAL file: right after a promotion the control
# file still has the old one.
_SERVER = {
    "pg_control_system()": text("SELECT system_identifier::text FROM pg_control_system()"),
    "pg_walfile_name(pg_lsn)": text("SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)"),
}
_MAY_CALL = text("SELECT has_function_privilege(:function, 'EXECUTE')")
_DURABLE = text(
    "SELECT set_config('synchronous_commit', 'local', true)"
    " WHERE current_setting('synchronous_commit') = 'off'"
)


def check_epoch(engine: Engine) -> bool:
    """Renew the epoch if this is not the database that the stored one was made for; say so.

    For the start of a process (after the fork), for every reconnect, and for the doctor. Any
    number of processes may ask at once: one renews. A standby is left alone, since its epoch is
    its primary's.
    """
    with engine.connect().execution_options(**{SNAPSHOT: True}) as connection:
        if _is_standby(connection) or _stored(connection) == fingerprint(connection):
            return False
    with engine.begin() as connection:
        return check_epoch_of(connection)


def check_epoch_of(connection: Connection) -> bool:
    """The same inside a writing transaction."""
    # Locked: whoever comes second sees the first one's fingerprint.
    stored = connection.execute(select(_meta.c.fingerprint).with_for_update()).scalar_one()
    if stored == fingerprint(connection):
        return False
    _renew(connection)
    return True


def renew_epoch(engine: Engine) -> str:
    """Begin a new epoch whatever the fingerprint says: after a restore; return it."""
    with engine.begin() as connection:
        return renew_epoch_of(connection)


def renew_epoch_of(connection: Connection) -> str:
    """The same inside a writing transaction."""
    return _renew(connection)


def fingerprint(connection: Connection) -> str:
    """What tells this database from its copies and from its own past, as far as may be asked."""
    if connection.dialect.name == "postgresql":
        parts = [
            connection.execute(question).scalar_one()
            for function, question in _SERVER.items()
            if _may_call(connection, function)
        ]
        return "/".join([*parts, connection.execute(_TABLE).scalar_one()])
    # A power cut may take acknowledged commits with it, so a boot begins a new epoch as well.
    boot = _BOOT.read_text().strip() if _BOOT.exists() else ""
    file = os.stat(str(connection.engine.url.database))
    return f"{boot}/{file.st_dev}/{file.st_ino}"


def unseen_facts(engine: Engine) -> tuple[str, ...]:
    """The functions that this role may not call; without them some restores go unnoticed."""
    if engine.dialect.name != "postgresql":
        return ()
    with engine.connect() as connection:
        return tuple(name for name in _SERVER if not _may_call(connection, name))


def _may_call(connection: Connection, function: str) -> bool:
    return bool(connection.execute(_MAY_CALL, {"function": function}).scalar_one())


def _is_standby(connection: Connection) -> bool:
    if connection.dialect.name != "postgresql":
        return False
    return bool(connection.execute(_IN_RECOVERY).scalar_one())


def _stored(connection: Connection) -> str | None:
    found: str | None = connection.execute(select(_meta.c.fingerprint)).scalar_one()
    return found


def _renew(connection: Connection) -> str:
    if connection.dialect.name == "postgresql":
        connection.execute(_DURABLE)
    epoch = secrets.token_hex(8)
    connection.execute(update(_meta).values(epoch=epoch, fingerprint=fingerprint(connection)))
    return epoch
