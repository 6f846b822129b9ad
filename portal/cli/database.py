"""Commands about the database as a whole: its schema, copies of it, backup and restore."""

from __future__ import annotations

import os
import sys
from collections import Counter
from datetime import UTC
from datetime import datetime
from pathlib import Path

import click

from portal.archive import Manifest
from portal.archive import copy_database
from portal.archive import restore_archive
from portal.archive import verify_archive
from portal.archive import write_archive
from portal.archive.manifest import CONFIG
from portal.archive.manifest import MEDIA
from portal.cli.group import KnowingGroup
from portal.cli.output import FORMAT
from portal.cli.output import print_json
from portal.cli.output import progress
from portal.cli.search import index_restored
from portal.content import schema
from portal.content.downgrading import downgrade as take_back
from portal.content.downgrading import find_losses
from portal.content.downgrading import targets
from portal.content.transfer import site_tables
from portal.masking import mask_url
from portal.settings import load_settings

NO_SEARCH = click.option(
    "--no-search", is_flag=True, help="Leave the search index for later: portal search rebuild."
)
_NEXT = "search finds nothing yet; run there: portal search rebuild"


@click.group(name="db", cls=KnowingGroup)
def database() -> None:
    """Look after the database schema, and move a site between databases."""


@database.command()
def upgrade() -> None:
    """Bring the schema to the newest version; does nothing when it is there, or newer."""
    url = load_settings(os.environ).database_url
    schema.upgrade(url)
    click.echo(_describe_version(schema.current(url)))


@database.command()
@click.argument("version")
@click.option("--yes", is_flag=True, help="Do it, and lose what is named without this.")
def downgrade(version: str, yes: bool) -> None:
    """Take the schema back to VERSION; without --yes, tell what that would lose.

    Not needed to roll code back: older code runs on a newer schema. Copy the database first, its
    file or with pg_dump: `portal backup` leaves out accounts and the audit log. Below 0008 accounts
    of an identity provider are deleted. A login after an upgrade makes each anew, so disable again
    those that were disabled. To go further back than the oldest VERSION, restore an archive of that
    time with the release that made it.
    """
    if version not in targets():
        raise click.BadParameter(
            f"{version!r} is no version to go back to (known: {', '.join(targets())}); for what is"
            " older restore an archive of that time with the release that made it"
        )
    url = load_settings(os.environ).database_url
    losses = find_losses(url, version)
    lost = ", ".join(f"{loss.name} ({loss.rows} rows)" for loss in losses) or "nothing"
    if not yes:
        raise click.UsageError(
            f"going back to {version} would lose: {lost}; copy the database, then add --yes"
        )
    take_back(url, version)
    click.echo(f"the schema is at {version}; lost: {lost}")


@database.command()
@FORMAT
def current(form: str) -> None:
    """Tell which version the schema has and which is the newest."""
    found = schema.current(load_settings(os.environ).database_url)
    if form == "json":
        print_json({"current": found, "head": schema.head()})
    elif found == schema.head():
        click.echo(f"the schema is at {found}, the newest version")
    elif schema.is_newer(found):
        click.echo(_describe_version(found))
    else:
        click.echo(f"the schema is at {found or 'nothing'}; newest is {schema.head()}")
        click.echo(schema.advice(found))
        sys.exit(1)


@database.command()
@FORMAT
def check(form: str) -> None:
    """Compare the tables with those this version declares; exit code 1 when they differ."""
    url = load_settings(os.environ).database_url
    found = schema.current(url)
    differences = schema.table_differences(url) if found else []
    healthy = schema.is_usable(found) and not differences
    if form == "json":
        print_json({"current": found, "head": schema.head(), "differences": differences})
    elif healthy:
        click.echo(f"the tables are those of {schema.head()}")
    else:
        click.echo(f"the schema is at {found or 'nothing'}; this version's is {schema.head()}")
        for difference in differences:
            click.echo(f"differs: {difference}")
    sys.exit(0 if healthy else 1)


@database.command()
@click.argument("source", metavar="SRC")
@click.argument("destination", metavar="DST")
@click.option("--force", is_flag=True, help="Replace everything that DST holds.")
@NO_SEARCH
def copy(source: str, destination: str, force: bool, no_search: bool) -> None:
    """Copy a site from database SRC to DST, both SQLAlchemy addresses of either kind.

    Ids stay the same. Both sides are compared before anything is kept. Stop editing meanwhile.
    The search index of DST is made at the end.
    """
    with progress("tables", len(site_tables())) as step:
        digests = copy_database(source, destination, force=force, step=step)
    rows = sum(digest.rows for digest in digests.values())
    click.echo(f"copied {rows} rows of {len(digests)} tables to {mask_url(destination)}; verified")
    _make_findable(destination, no_search)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write database, media and config to one archive, FILE.tar or FILE.tar.gz, and verify it.

    FILE may have codes of the date: site-%Y-%m-%d.tar.gz, or site-%u.tar.gz to keep seven days.
    """
    settings = load_settings(os.environ)
    now = datetime.now(UTC)
    file = Path(now.strftime(str(file)))
    if not file.name:
        raise click.BadParameter("FILE has no name; give one such as site.tar.gz")
    with progress("tables and files", len(site_tables())) as step:
        manifest = write_archive(
            file,
            database_url=settings.database_url,
            media=None if settings.media_store else settings.media,
            config=settings.config,
            now=now,
            step=step,
        )
    click.echo(f"{file}: {_describe(manifest)}; verified")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--check", "only_check", is_flag=True, help="Verify the archive, change nothing.")
@click.option(
    "--force", is_flag=True, help="Replace everything in the database, and the site's YAML files."
)
@click.option(
    "--config-to",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the site's files; without it they are left as they are.",
)
@NO_SEARCH
def restore(
    file: Path, only_check: bool, force: bool, config_to: Path | None, no_search: bool
) -> None:
    """Bring a site back from an archive into the database and media folder of the settings.

    The search index, which is not in the archive, is made at the end.
    """
    if only_check:
        click.echo(f"{file}: {_describe(verify_archive(file))}; verified")
        return
    settings = load_settings(os.environ)
    with progress("tables and files", len(site_tables())) as step:
        manifest = restore_archive(
            file,
            database_url=settings.database_url,
            media=settings.media,
            config=config_to,
            force=force,
            step=step,
        )
    click.echo(f"restored {_describe(manifest)}; verified")
    _make_findable(settings.database_url, no_search)


def _describe_version(found: str | None) -> str:
    if schema.is_newer(found):
        return (
            f"the schema is at {found}, newer than this version's {schema.head()}, which works"
            " with it; nothing to do"
        )
    return f"the schema is at {found}"


def _make_findable(url: str, no_search: bool) -> None:
    if no_search:
        click.echo(_NEXT)
    else:
        index_restored(url)


def _describe(manifest: Manifest) -> str:
    rows = sum(table.rows for table in manifest.tables.values())
    files = Counter(name.partition("/")[0] for name in manifest.files)
    return (
        f"{rows} rows of {len(manifest.tables)} tables, {files[MEDIA]} files of media,"
        f" {files[CONFIG]} of config, made {manifest.made}, schema {manifest.schema_version}"
    )
