"""A small newspaper whose servers get into trouble; whatever they left open is found."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from portal.content import schema
from tests.clocks import StandingClock
from tests.integration.composition.small_site import SmallSite
from tests.integration.trouble.newspaper import Newspaper
from tests.integration.trouble.newspaper import wait_until
from tests.integration.trouble.tier import Tier
from tests.proxies import run_proxy
from tests.servers import PostgreSQLServer
from tests.servers import run_postgresql
from tests.servers import run_redis


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Every thread that a test's portals began has ended after it."""
    before = set(threading.enumerate())
    yield
    wait_until(lambda: not left_since(before))


def left_since(before: set[threading.Thread]) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread not in before]


@pytest.fixture(autouse=True)
def patient_readers() -> None:
    """Here readers wait no longer than those of the portal."""


@pytest.fixture
def paper(tmp_path: Path, sqlite_url: str, clock: StandingClock) -> Iterator[Newspaper]:
    """The newspaper on SQLite."""
    site = SmallSite(tmp_path / "site", sqlite_url, clock)
    yield Newspaper(site, clock)
    site.close()


@pytest.fixture
def paper_on_each(tmp_path: Path, database_url: str, clock: StandingClock) -> Iterator[Newspaper]:
    """The newspaper on SQLite and on PostgreSQL."""
    site = SmallSite(tmp_path / "site", database_url, clock)
    yield Newspaper(site, clock)
    site.close()


@pytest.fixture
def paper_on_postgresql(
    tmp_path: Path, postgres_url: str, clock: StandingClock
) -> Iterator[Newspaper]:
    """The newspaper on PostgreSQL."""
    site = SmallSite(tmp_path / "site", postgres_url, clock)
    yield Newspaper(site, clock)
    site.close()


@pytest.fixture
def own_server() -> Iterator[PostgreSQLServer]:
    """A PostgreSQL server that this test may hold, end and start again."""
    with run_postgresql() as server:
        yield server


@pytest.fixture
def paper_on_own_server(
    tmp_path: Path, own_server: PostgreSQLServer, clock: StandingClock
) -> Iterator[Newspaper]:
    """The newspaper on that server."""
    url = own_server.create_database("portal")
    schema.upgrade(url)
    site = SmallSite(tmp_path / "site", url, clock)
    yield Newspaper(site, clock)
    site.close()


@pytest.fixture
def tier() -> Iterator[Tier]:
    """A Redis of the test's own behind a proxy that makes trouble."""
    with run_redis() as server, run_proxy(server.port) as proxy:
        with redis.Redis(port=server.port, protocol=2) as client:
            yield Tier(server, proxy, client)
            # The portals are closed by now or by their fixture; only their pools hold sockets.
