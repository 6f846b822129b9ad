"""A small site on SQLite for every test; on both databases where that matters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clocks import StandingClock
from tests.integration.composition.small_site import SmallSite


@pytest.fixture
def site(tmp_path: Path, sqlite_url: str, clock: StandingClock) -> Iterator[SmallSite]:
    """A site without blocks and articles, with a title on every page."""
    site = SmallSite(tmp_path / "site", sqlite_url, clock)
    yield site
    site.close()


@pytest.fixture
def site_on_each(tmp_path: Path, database_url: str, clock: StandingClock) -> Iterator[SmallSite]:
    """The same on SQLite and on PostgreSQL."""
    site = SmallSite(tmp_path / "site", database_url, clock)
    yield site
    site.close()
