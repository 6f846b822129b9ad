"""The table of the search's words on SQLite as a whole: emptied at once, and filled fast.

Both belong to the caller's transaction, as every change of the schema does on SQLite: readers
have the old table until it ends.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection
from sqlalchemy import text

_DECLARED = text("SELECT sql FROM sqlite_master WHERE name = 'search_text'")
_TELL = text("INSERT INTO search_text (search_text, rank) VALUES (:name, :value)")
_OPTIMISE = text("INSERT INTO search_text (search_text) VALUES ('optimize')")
# More bytes may be gathered in memory than for the save of an article, and nothing is merged
# before the end, when everything is.
_WHILE_FILLING = {"hashsize": 32 << 20, "automerge": 0}
_AS_SHIPPED = {"hashsize": 1 << 20, "automerge": 4}


def empty_words(connection: Connection) -> None:
    """Make the table anew, in no time; deleting its rows costs as much as writing them did."""
    declared = connection.execute(_DECLARED).scalar()
    connection.exec_driver_sql("DROP TABLE search_text")  # which says so when it is not there
    connection.exec_driver_sql(str(declared))


def begin_filling(connection: Connection) -> None:
    """Prepare for very many rows, best in the order of their numbers."""
    _configure(connection, _WHILE_FILLING)


def end_filling(connection: Connection) -> None:
    """Merge what was written, and go back to saves of single articles."""
    connection.execute(_OPTIMISE)
    _configure(connection, _AS_SHIPPED)


def _configure(connection: Connection, values: Mapping[str, int]) -> None:
    connection.execute(_TELL, [{"name": name, "value": value} for name, value in values.items()])
