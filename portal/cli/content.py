"""Commands about content: the demo site, imports."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.orm import Session

from portal.app import Portal
from portal.app import create_app
from portal.app import open_media
from portal.cli.group import KnowingGroup
from portal.cli.output import FORMAT
from portal.cli.output import print_json
from portal.cli.output import progress
from portal.content import commands
from portal.content import schema
from portal.content.drafts import SectionDraft
from portal.demo import load_demo
from portal.demo import read_articles
from portal.errors import ConfigError
from portal.importing import find_files
from portal.importing import import_dumps
from portal.layouts import SectionDeclaration
from portal.settings import load_settings


@click.command()
def demo() -> None:
    """Load the demo site into the database; loading again changes nothing."""
    portal = migrated_portal()
    folder = portal.settings.config / "demo"
    if not folder.is_dir():
        raise ConfigError(f"{folder}: the demo content is not there; it is part of the checkout")
    total = len(read_articles(folder))
    with open_session(portal) as session, progress("articles", total) as step:
        counts = load_demo(
            session,
            site=portal.folder.site.key,
            folder=folder,
            media=open_media(portal.settings),
            time_zone=portal.folder.site.time_zone,
            now=portal.clock(),
            step=step,
        )
    click.echo("demo site: " + ", ".join(f"{number} {name}" for name, number in counts.items()))


@click.group(name="import", cls=KnowingGroup)
def imports() -> None:
    """Bring in content of older systems."""


@imports.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="FILE…"
)
@click.option("--section", metavar="KEY", help="Slug path of the section the articles go to.")
@click.option("--encoding", metavar="NAME", help="Encoding, where the files do not tell it.")
@click.option("--dry-run", is_flag=True, help="Read and report; write nothing.")
@FORMAT
def dump(
    files: tuple[Path, ...], section: str | None, encoding: str | None, dry_run: bool, form: str
) -> None:
    """Import text dumps of PublishingPortal article pages; a folder gives all its *.txt files.

    Nothing is guessed: what a dump does not say is flagged for review. Importing a file again
    changes nothing.
    """
    portal = migrated_portal()
    found = find_files(files)
    with progress("files", len(found)) as step:
        report = import_dumps(
            lambda: open_session(portal),
            found,
            site=portal.folder.site.key,
            section=section,
            encoding=encoding,
            time_zone=portal.folder.site.time_zone,
            now=portal.clock(),
            dry_run=dry_run,
            progress=step,
        )
    if form == "json":
        print_json(report.as_json())
    else:
        click.echo(report.as_text())
    sys.exit(1 if report.refused else 0)


@contextmanager
def open_session(portal: Portal) -> Iterator[Session]:
    """A writing session whose site and sections are those of the site's files."""
    with Session(portal.engine()) as session, session.begin():
        key = portal.folder.site.key
        commands.save_site(session, key)
        commands.save_sections(session, key, map(_section, portal.folder.sections))
        yield session


def migrated_portal() -> Portal:
    """The portal of the environment's settings; raises `ConfigError` for an older schema."""
    settings = load_settings(os.environ)
    check_schema(settings.database_url)
    portal: Portal = create_app(settings).extensions["portal"]
    return portal


def check_schema(url: str) -> None:
    """Raise `ConfigError` for a database that lacks what this version's schema has."""
    found = schema.current(url)
    if not schema.is_usable(found):
        raise ConfigError(
            f"the database schema is at {found or 'nothing'}, this version needs {schema.head()};"
            f" {schema.advice(found)}"
        )


def _section(declaration: SectionDeclaration) -> SectionDraft:
    return SectionDraft(
        declaration.slug,
        declaration.name,
        declaration.description,
        tuple(map(_section, declaration.children)),
    )
