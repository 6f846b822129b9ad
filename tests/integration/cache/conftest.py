"""Real Redis servers of every kind for the shared tier."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from portal.app import Portal
from portal.cache.redis_tier.servers import BlockRedisCache
from tests.clocks import StandingClock
from tests.integration.composition.small_site import SmallSite
from tests.proxies import TroubledProxy
from tests.proxies import run_proxy
from tests.servers import RedisServer
from tests.servers import SentinelGroup
from tests.servers import find_valkey
from tests.servers import run_cluster
from tests.servers import run_redis
from tests.servers import run_sentinel


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[RedisServer]:
    """Valkey, which compose.yaml runs in the place of Redis."""
    with run_redis(program=find_valkey()) as server:
        yield server


@pytest.fixture(scope="session")
def redis_cluster() -> Iterator[tuple[RedisServer, ...]]:
    """Three masters that share the slots."""
    with run_cluster() as servers:
        yield servers


@pytest.fixture(scope="session")
def redis_sentinel() -> Iterator[SentinelGroup]:
    """A master, a replica and their Sentinel, all of which stay as they are."""
    with run_sentinel() as group:
        yield group


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator[redis.Redis]:
    """A client of the test's own on the emptied server."""
    with redis.Redis(port=redis_server.port) as client:
        client.flushall()
        yield client


@pytest.fixture
def proxy(redis_server: RedisServer, client: redis.Redis) -> Iterator[TroubledProxy]:
    """A proxy before the emptied server."""
    with run_proxy(redis_server.port) as proxy:
        yield proxy


PATIENT = {"socket_timeout": 2.0, "socket_connect_timeout": 2.0}
"""Options for tests that are not about waiting: a busy machine must not look like trouble."""


def backend_at(url: str, **options: object) -> BlockRedisCache:
    """A backend for one server."""
    return BlockRedisCache.factory(None, {"CACHE_REDIS_URL": url, "CACHE_OPTIONS": options}, [], {})


@pytest.fixture
def site(tmp_path: Path, sqlite_url: str, clock: StandingClock) -> Iterator[SmallSite]:
    site = SmallSite(tmp_path / "site", sqlite_url, clock)
    site.sections()
    yield site
    site.close()


@pytest.fixture
def process(site: SmallSite, redis_server: RedisServer) -> Callable[[], Portal]:
    """Starts another process, as far as caches go; all share one part of Redis."""
    prefix = f"{uuid.uuid4().hex}:"

    def start() -> Portal:
        return site.portal(
            cache_redis_url=redis_server.url,
            cache_key_prefix=prefix,
            cache_options=PATIENT,
        )

    return start


@pytest.fixture
def commands(client: redis.Redis) -> Callable[[], dict[str, int]]:
    """Tells which commands Redis did since the last time of asking.

    A connection and its greeting are nobody's question, and asking is not counted.
    """
    beside = {"client|setinfo", "config", "config|resetstat", "hello", "info", "ping", "select"}
    client.config_resetstat()

    def ask() -> dict[str, int]:
        found = client.info("commandstats")
        client.config_resetstat()
        names = {name.removeprefix("cmdstat_"): value["calls"] for name, value in found.items()}
        return {name: calls for name, calls in names.items() if name not in beside}

    return ask
