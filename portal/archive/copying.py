"""Moves a site from one database to another without a file between."""

from __future__ import annotations

from collections.abc import Callable

from portal.content import schema
from portal.content.transfer import TableDigest
from portal.content.transfer import clear
from portal.content.transfer import digest_table
from portal.content.transfer import finish
from portal.content.transfer import is_empty
from portal.content.transfer import open_destination
from portal.content.transfer import open_source
from portal.content.transfer import read_lines
from portal.content.transfer import site_tables
from portal.content.transfer import write_lines
from portal.errors import ArchiveError
from portal.settings import mask_url


def copy_database(
    source: str, destination: str, *, force: bool, step: Callable[[], None]
) -> dict[str, TableDigest]:
    """Copy every table of the site, ids included, and compare the digests of both sides.

    One snapshot of the source, one transaction of the destination: all or nothing. An empty
    destination gets the tables. Raises `ArchiveError` when it has rows and `force` is not given.
    """
    if source == destination:
        raise ArchiveError("source and destination are the same database")
    found = schema.current(source)
    if found != schema.head():
        raise ArchiveError(
            f"the schema of {mask_url(source)} is at {found or 'nothing'}, this version needs"
            f" {schema.head()}; run there: portal db upgrade"
        )
    schema.upgrade(destination)
    digests = {}
    with open_source(source) as old, open_destination(destination) as new:
        if not is_empty(new):
            if not force:
                raise ArchiveError(
                    f"{mask_url(destination)} is not empty; name an empty database, or add --force"
                    " to replace everything in it"
                )
            clear(new)
        for table in site_tables():
            write_lines(new, table, lambda table=table: read_lines(old, table))  # type: ignore[misc]  # mypy cannot type a default of a lambda
            digests[table.name] = digest_table(old, table)
            if digest_table(new, table) != digests[table.name]:
                raise ArchiveError(f"{table.name} differs after copying; nothing was kept")
            step()
        finish(new)
    return digests
