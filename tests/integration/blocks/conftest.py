"""A small real site on which each test places the blocks it is about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from blocks.latest import block as latest
from blocks.news_list import block as news_list
from blocks.related import block as related
from blocks.viewdata import block as viewdata
from tests.clocks import StandingClock
from tests.integration.composition.small_site import SmallSite

BLOCKS = (latest, news_list, related, viewdata)


@pytest.fixture
def site(tmp_path: Path, sqlite_url: str, clock: StandingClock) -> Iterator[SmallSite]:
    """A site with sections, without articles, on SQLite."""
    site = SmallSite(tmp_path / "site", sqlite_url, clock, list(BLOCKS))
    site.sections()
    yield site
    site.close()


@pytest.fixture
def site_on_each(tmp_path: Path, database_url: str, clock: StandingClock) -> Iterator[SmallSite]:
    """The same on SQLite and on PostgreSQL."""
    site = SmallSite(tmp_path / "site", database_url, clock, list(BLOCKS))
    site.sections()
    yield site
    site.close()
