"""A small real site on which each test places the blocks it is about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from blocks.banners import block as banners
from blocks.latest import block as latest
from blocks.lead_news import block as lead_news
from blocks.links import block as links
from blocks.most_read import block as most_read
from blocks.news_list import block as news_list
from blocks.notices import block as notices
from blocks.outage_banner import block as outage_banner
from blocks.related import block as related
from blocks.search_box import block as search_box
from blocks.section_box import block as section_box
from blocks.section_tabs import block as section_tabs
from blocks.slideshow import block as slideshow
from blocks.topic import block as topic
from blocks.viewdata import block as viewdata
from tests.clocks import StandingClock
from tests.integration.composition.small_site import SmallSite

BLOCKS = (
    *(banners, latest, lead_news, links, most_read, news_list, notices, outage_banner, related),
    *(search_box, section_box, section_tabs, slideshow, topic, viewdata),
)


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
