"""What goes wrong around a command, with the disk or the database, as one message and its way out.

Faults of the portal itself keep their trace: a message could not say more.
"""

from __future__ import annotations

import errno
import os
import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import InterfaceError
from sqlalchemy.exc import OperationalError

from portal.errors import ConfigError
from portal.extensions import database_of
from portal.extensions import show_address
from portal.settings import load_settings

_ADVICE = {
    errno.ENOSPC: "make room and run it again",
    errno.EDQUOT: "make room and run it again",
    errno.EROFS: "name a place that may be written",
    errno.EACCES: "let user {user} in, or name another place",
    errno.EPERM: "let user {user} in, or name another place",
    errno.ENOENT: "check the place, or name another one",
    errno.ENOTDIR: "check the place, or name another one",
    errno.EISDIR: "name a file",
    errno.EEXIST: "name another place",
    errno.ENAMETOOLONG: "give a shorter name",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "raise the limit of open files (fs.file-max)",
    errno.EIO: "look after the disk",
}
_UNDEFINED_TABLE = "42P01"  # PostgreSQL, appendix A


def describe(problem: OSError | DBAPIError) -> str | None:
    """The message for an operator; None for what only a trace explains."""
    if isinstance(problem, OSError):
        return _of_disk(problem)
    text = str(problem.orig).strip().partition("\n")[0].rstrip()
    is_missing = getattr(problem.orig, "sqlstate", "") == _UNDEFINED_TABLE
    if is_missing or text.startswith("no such table"):
        return f"the database has not the tables of this version ({text}); run: portal db upgrade"
    if isinstance(problem, OperationalError | InterfaceError) or _is_damaged(problem):
        return f"the database cannot be used: {text}; {_place(database_of(problem))}"
    return None


def _is_damaged(problem: DBAPIError) -> bool:
    """Whether a file holds something else than SQLite's pages, or no longer all of them."""
    code = getattr(problem.orig, "sqlite_errorcode", None)
    return code in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}


def _place(address: str | None) -> str:
    """Where a database was looked for: in the settings, unless a command was given another one."""
    if address is None:
        return "check PORTAL_DATABASE_URL"
    try:
        named = show_address(load_settings(os.environ).database_url)
    except ConfigError:
        named = None
    return f"{'PORTAL_DATABASE_URL' if address == named else 'its address'} is {address}"


def _of_disk(problem: OSError) -> str | None:
    advice = _ADVICE.get(problem.errno or 0)
    if advice is None:
        return None
    place = f"{problem.filename}: " if problem.filename else ""
    return f"{place}{problem.strerror}; {advice.format(user=os.geteuid())}"
