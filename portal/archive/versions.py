"""Which databases an archive or a copy may be made of, and which may receive one, by their schema.

Pages and most commands work with a schema that a newer release has left behind. Whole sites do not:
this code does not know the tables that came with it.
"""

from __future__ import annotations

from portal.content import schema
from portal.errors import ArchiveError


def check_source(place: str, version: str | None, *, advice: str) -> None:
    """Raise `ArchiveError` unless all of the site is in the tables that this version knows.

    `place` is what the message says has that version, `advice` the way out of an older one.
    """
    if schema.is_newer(version):
        raise ArchiveError(
            f"{place} is at {version}, newer than this version's {schema.head()}: what the newer"
            " release has added would be missing; nothing was written; do it with that release"
        )
    if version != schema.head():
        raise ArchiveError(
            f"{place} is at {version or 'nothing'}, this version needs {schema.head()}; {advice}"
        )


def check_destination(place: str, version: str | None) -> None:
    """Raise `ArchiveError` for a database with tables that this version would not empty."""
    if schema.is_newer(version):
        raise ArchiveError(
            f"{place} has schema {version}, newer than this version's {schema.head()}: what the"
            " newer release has added would stay in it; nothing was changed; name an empty"
            " database, or do it with that release"
        )
