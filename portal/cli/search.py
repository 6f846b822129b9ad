"""Commands about the search index."""

from __future__ import annotations

from collections.abc import Mapping

import click
from sqlalchemy.orm import Session

from portal.cli.content import migrated_portal
from portal.cli.content import open_session
from portal.cli.group import KnowingGroup
from portal.cli.output import progress
from portal.content import commands
from portal.content.schema import patient_engine
from portal.errors import SearchUnfinished


@click.group(cls=KnowingGroup)
def search() -> None:
    """Look after the search."""


@search.command()
def rebuild() -> None:
    """Make the search index anew from the articles.

    Needed once after an upgrade from a version without search, and after the rules of how words
    are compared have changed. Readers search the old index until the new one is complete.
    """
    portal = migrated_portal()
    site = portal.folder.site.key
    with open_session(portal) as session:
        count = _fill(session, {site: commands.count_searchable(session).get(site, 0)})
    _tell(count)


def index_restored(url: str) -> None:
    """Make the search index of every site in a database that has just received them.

    In a transaction behind that of the content, which stays whatever happens here. Raises
    `SearchUnfinished` with what is to be done then.
    """
    engine = patient_engine(url)
    try:
        with Session(engine) as session, session.begin():
            count = _fill(session, commands.count_searchable(session))
    except Exception as problem:
        reason = str(problem).partition("\n")[0]
        raise SearchUnfinished(
            f"the content is there and verified, but its search index could not be made: {reason};"
            " search finds nothing yet; run there: portal search rebuild"
        ) from problem
    finally:
        engine.dispose()
    _tell(count)


def _fill(session: Session, sites: Mapping[str, int]) -> int:
    """Make the index of sites anew, each with so many articles; how many can be found now."""
    count = 0
    with progress("search", sum(sites.values())) as step:
        for site in sites:
            for articles in commands.rebuild_search(session, site):
                count += articles
                step(articles)
    return count


def _tell(count: int) -> None:
    click.echo(f"search: {count} articles and pages can be found")
