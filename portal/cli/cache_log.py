"""`portal cache log`, `compact` and `verify`: the log of what each commit ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import Engine
from sqlalchemy import NullPool

from portal.cli.content import check_schema
from portal.cli.output import FORMAT
from portal.cli.output import print_json
from portal.cli.output import print_table
from portal.content import log
from portal.content.epoch import check_epoch
from portal.content.triggers import find_differences
from portal.content.triggers import mend_triggers
from portal.extensions import make_engine
from portal.settings import load_settings
from portal.text import is_storable

_LARGEST = 2**63 - 1
"""What either database counts to."""


@click.command(name="log")
@click.option(
    "--after",
    metavar="N",
    type=click.IntRange(-1, _LARGEST),
    default=-1,
    help="Only rows above this position.",
)
@click.option("--tag", metavar="TAG", help="Only rows of this tag, such as article:17.")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(1, _LARGEST),
    default=50,
    show_default=True,
    help="How many rows at most.",
)
@FORMAT
def show_log(after: int, tag: str | None, limit: int, form: str) -> None:
    """Show the newest rows of the change log: what ended cache entries, and when."""
    if tag is not None and not is_storable(tag):
        raise click.BadParameter(f"{tag!r} is no tag; one looks like article:17 or sections")
    with _engine() as engine:
        entries = log.read_log(engine, after=after, tag=tag, limit=limit)
    rows = [
        (entry.position, entry.tag, entry.at.isoformat(timespec="seconds") if entry.at else None)
        for entry in entries
    ]
    if form == "json":
        print_json([{"position": at, "tag": name, "at": when} for at, name, when in rows])
    else:
        print_table(("position", "tag", "at"), [(at, name, when or "") for at, name, when in rows])


@click.command()
@click.option("--keep", metavar="N", type=int, help="Also drop all but the newest N tags.")
@FORMAT
def compact(keep: int | None, form: str) -> None:
    """Delete rows of the change log that newer ones of the same tag supersede.

    Nothing becomes cold by it; with --keep, what is older than the dropped rows does.
    """
    if keep is not None and keep < 1:
        raise click.BadParameter("keep 1 row at least: it says where the log stands")
    with _engine() as engine:
        most = log.TRIMMED_ABOVE if keep is None else keep
        done = log.tidy_log(engine, compacted_above=0, trimmed_above=most)
    if form == "json":
        print_json({"compacted": done.compacted, "trimmed": done.trimmed, "left": done.left})
    else:
        click.echo(f"{done.compacted} rows compacted, {done.trimmed} dropped, {done.left} left")


@click.command()
@click.option("--mend", is_flag=True, help="Install the triggers again if something differs.")
@FORMAT
def verify(mend: bool, form: str) -> None:
    """Compare the log's triggers in the database with those of this version.

    While one is missing, changes go unnoticed and pages stay old. Mending ends everything that
    is cached. Exits with 1 when something differs and was not mended.
    """
    with _engine() as engine:
        found = mend_triggers(engine) if mend else find_differences(engine)
        renewed = mend and check_epoch(engine)
    if form == "json":
        print_json({"differences": list(found), "mended": mend, "new_epoch": renewed})
    else:
        for line in found:
            click.echo(line)
        if not found:
            click.echo("the triggers are those of this version")
        elif mend:
            click.echo("the triggers were installed again; everything cached has ended")
        else:
            click.echo("run: portal cache verify --mend")
    sys.exit(1 if found and not mend else 0)


@contextmanager
def _engine() -> Iterator[Engine]:
    url = load_settings(os.environ).database_url
    check_schema(url)
    engine = make_engine(url, poolclass=NullPool)
    try:
        yield engine
    finally:
        engine.dispose()
