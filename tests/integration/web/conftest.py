"""The sample site with its sample articles, as readers reach it over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.content import queries
from portal.content.values import Article
from portal.testing.samples import load_samples
from tests.clocks import StandingClock
from tests.integration.composition.small_site import SmallSite


@pytest.fixture
def site(tmp_path: Path, sqlite_url: str, clock: StandingClock) -> Iterator[SmallSite]:
    """A site with a title on every page and the sample articles."""
    site = SmallSite(tmp_path / "site", sqlite_url, clock)
    site.numbers = site.edit(load_samples, site.folder / "media")
    yield site
    site.close()


@pytest.fixture
def site_on_each(tmp_path: Path, database_url: str, clock: StandingClock) -> Iterator[SmallSite]:
    """The same on SQLite and on PostgreSQL."""
    site = SmallSite(tmp_path / "site", database_url, clock)
    site.numbers = site.edit(load_samples, site.folder / "media")
    yield site
    site.close()


@pytest.fixture
def paths(site: SmallSite) -> dict[str, str]:
    """The addresses of the sample articles by name."""
    portal, found = site.portal(), {}
    for name, number in site.numbers.items():
        with portal.read("en" if name == "english" else "vi") as reader:
            article = queries.find_article(reader, number)
        if isinstance(article, Article):
            found[name] = article.path
    return found
