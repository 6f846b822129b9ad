"""`portal snapshot`: published pages as files, for the time when the database is gone."""

from __future__ import annotations

from pathlib import Path

import click

from portal.app import HERE
from portal.app import open_media
from portal.cli.content import migrated_portal
from portal.cli.output import progress
from portal.essential import write_copy
from portal.essential.writing import find_pages
from portal.i18n import Catalog
from portal.i18n import format_minute


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
def snapshot(folder: Path) -> None:
    """Write every published page, in all languages, with what it shows, as files below DIR.

    A portal with PORTAL_SNAPSHOT=DIR shows them, under a banner that says how old they are, while
    the database cannot be read. DIR/current is the newest copy; any web server can show it. Run it
    every quarter of an hour, and after something was taken off the site.
    """
    portal = migrated_portal()
    site, page_types = portal.folder.site, frozenset(portal.folder.defaults)
    total = sum(1 for _ in find_pages(site, page_types, portal.read))
    with progress("pages", total) as step:
        manifest = write_copy(
            folder,
            site=site,
            page_types=page_types,
            source=portal.composer,
            read=portal.read,
            assets=portal.assets,
            open_media=open_media(portal.settings).open,
            catalog=Catalog.load("portal", HERE / "catalog.yaml"),
            now=portal.clock(),
            step=step,
        )
    portal.close()
    made = format_minute(manifest.made, "en", site.time_zone)
    click.echo(f"{folder}: {len(manifest.pages)} pages and {manifest.files} files as of {made}")
