"""Commands about the search index."""

from __future__ import annotations

import click

from portal.cli.content import migrated_portal
from portal.cli.content import open_session
from portal.content import commands


@click.group()
def search() -> None:
    """Look after the search."""


@search.command()
def rebuild() -> None:
    """Make the search index anew from the articles.

    Needed once after an upgrade from a version without search, and after the rules of how words
    are compared have changed. Readers search the old index until the new one is complete.
    """
    portal = migrated_portal()
    with open_session(portal) as session:
        count = sum(commands.rebuild_search(session, portal.folder.site.key))
    click.echo(f"search: {count} articles and pages can be found")
