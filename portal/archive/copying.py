"""Moves a site from one database to another without a file between."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy import Table

from portal.archive.versions import check_destination
from portal.archive.versions import check_source
from portal.content import schema
from portal.content.receiving import open_destination
from portal.content.receiving import receive
from portal.content.receiving import write_lines
from portal.content.transfer import TableDigest
from portal.content.transfer import clear
from portal.content.transfer import digest_table
from portal.content.transfer import is_empty
from portal.content.transfer import open_source
from portal.content.transfer import read_lines
from portal.content.transfer import site_tables
from portal.errors import ArchiveError
from portal.masking import mask_url


def copy_database(
    source: str, destination: str, *, force: bool, step: Callable[[], None]
) -> dict[str, TableDigest]:
    """Copy every table of the site, ids included, and compare the digests of both sides.

    One snapshot of the source, one transaction of the destination: all or nothing. An empty
    destination gets the tables. Raises `ArchiveError` when it has rows and `force` is not given.
    """
    if source == destination:
        raise ArchiveError("source and destination are the same database")
    check_source(
        f"the schema of {mask_url(source)}",
        schema.current(source),
        advice="run there: portal db upgrade",
    )
    check_destination(mask_url(destination), there := schema.current(destination))
    if there is not None and not force:
        with open_source(destination) as connection:
            _refuse_rows(connection, destination)
    schema.upgrade(destination)
    digests = {}
    with open_source(source) as old, open_destination(destination) as new:
        if force:
            clear(new)
        _refuse_rows(new, destination)
        with receive(new):
            for table in site_tables():
                digests[table.name] = _copy_table(old, new, table)
                step()
    return digests


def _refuse_rows(connection: Connection, url: str) -> None:
    if not is_empty(connection):
        raise ArchiveError(
            f"{mask_url(url)} is not empty; name an empty database, or add --force to replace"
            " everything in it"
        )


def _copy_table(old: Connection, new: Connection, table: Table) -> TableDigest:
    """Read every row once: what is written is what the digest is of."""
    digest, rows = hashlib.sha256(), 0

    def lines() -> Iterator[bytes]:
        nonlocal rows
        for line in read_lines(old, table):
            digest.update(line)
            rows += 1
            yield line

    write_lines(new, table, lines())
    expected = TableDigest(tuple(table.columns.keys()), rows, digest.hexdigest())
    if digest_table(new, table) != expected:
        raise ArchiveError(f"{table.name} differs after copying; nothing was kept")
    return expected
