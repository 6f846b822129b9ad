"""The shared tier over a dictionary: names, lives, counts and leases. Redis: tests/integration."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from flask import Flask
from flask_caching import Cache

from portal.cache.entry import Entry
from portal.cache.redis_tier import BlockNullCache
from portal.cache.redis_tier import BlockSimpleCache
from portal.cache.redis_tier import SharedTier
from portal.cache.redis_tier import cache_config
from portal.cache.redis_tier.servers import BlockRedisCache
from portal.cache.redis_tier.tier import LONGEST_LIFE
from portal.cache.sealing import LARGEST_PACK
from portal.cache.sealing import Sealer
from portal.content.stamps import Stamp
from portal.errors import ConfigError
from portal.settings import load_settings

ENTRY = Entry(Stamp("e", 4), frozenset({"article:7"}), 1000.0, 1060.0, 1600.0, "d", b"<p>")
NOW = 1000.0


class Noting(BlockSimpleCache):
    """Notes what is stored, and for how long."""

    def __init__(self) -> None:
        super().__init__()
        self.stored: dict[str, tuple[bytes, int]] = {}

    def store(self, items: Mapping[str, tuple[bytes, int]]) -> None:
        self.stored |= items
        super().store(items)


@pytest.fixture
def backend() -> Noting:
    return Noting()


@pytest.fixture
def tier(backend: Noting) -> SharedTier:
    return SharedTier(backend, Sealer("s" * 32), prefix="site:")


def test_a_pack_comes_back_under_its_epoch_and_key_only(tier: SharedTier):
    """Missing keys are absent; every outcome is counted."""
    other = ENTRY._replace(label="1,2")
    tier.set_many("e", {"k": [ENTRY, other]}, NOW)
    assert tier.get_many("e", ["k", "x"]) == {"k": (ENTRY, other)}
    assert tier.get_many("f", ["k"]) == {}
    counts = tier.statistics()
    assert (counts["hits"], counts["misses"], counts["stored"]) == (1, 2, 1)


def test_no_letter_of_a_key_reaches_redis(tier: SharedTier, backend: Noting):
    """Prefix and 32 hexadecimal digits, whatever an address held."""
    tier.set_many("e", {"/tin-tức\r\nFLUSHALL\udc80": [ENTRY]}, NOW)
    (name,) = backend.stored
    assert name.startswith("site:")
    assert len(bytes.fromhex(name.removeprefix("site:"))) == 16


def test_epoch_and_key_do_not_run_into_one_another(tier: SharedTier, backend: Noting):
    """`ab` + `c` is not `a` + `bc`."""
    tier.set_many("ab", {"c": [ENTRY]}, NOW)
    tier.set_many("a", {"bc": [ENTRY]}, NOW)
    assert len(backend.stored) == 2


def test_values_moved_between_keys_and_epochs_are_counted_as_forged(
    tier: SharedTier, backend: Noting
):
    """Somebody who can write to Redis can swap values, and gets misses."""
    tier.set_many("e", {"one": [ENTRY]}, NOW)
    tier.set_many("f", {"one": [ENTRY], "two": [ENTRY]}, NOW)
    value, life = next(iter(backend.stored.values()))
    backend.store({name: (value, life) for name in list(backend.stored)})
    assert tier.get_many("f", ["one", "two"]) == {}
    assert tier.statistics()["forged"] == 2
    assert tier.get_many("e", ["one"]) == {"one": (ENTRY,)}


def test_a_pack_lives_until_its_last_entry_is_of_no_use(tier: SharedTier, backend: Noting):
    """Stale copies included, ten per cent more or less, so that not all end in one moment."""
    later = ENTRY._replace(stale_until=NOW + 86_400)
    lives = []
    for number in range(50):
        tier.set_many("e", {str(number): [ENTRY, later]}, NOW)
    lives = [life for _, life in backend.stored.values()]
    assert all(0.9 * 86_400_000 <= life <= 1.1 * 86_400_000 for life in lives)
    assert len(set(lives)) > 25


def test_no_pack_outlives_the_moment_at_which_all_its_answers_change(
    tier: SharedTier, backend: Noting
):
    """Jitter shortens here and never lengthens."""
    for number in range(50):
        ends = ENTRY._replace(stale_until=NOW + 600, ends=NOW + 600)
        tier.set_many("e", {str(number): [ends]}, NOW)
    assert max(life for _, life in backend.stored.values()) <= 600_000


def test_a_life_without_end_is_bounded(tier: SharedTier, backend: Noting):
    """A week, so that what nobody asks for leaves."""
    tier.set_many("e", {"k": [ENTRY._replace(stale_until=float("inf"))]}, NOW)
    assert backend.stored.popitem()[1][1] <= LONGEST_LIFE * 1100


def test_what_is_of_no_use_or_too_large_is_not_stored(tier: SharedTier, backend: Noting):
    """The second is counted, since it is a block's fault."""
    tier.set_many("e", {"old": [ENTRY._replace(stale_until=NOW)]}, NOW)
    tier.set_many("e", {"large": [ENTRY._replace(html=bytes(LARGEST_PACK))]}, NOW)
    assert backend.stored == {}
    assert tier.statistics()["oversized"] == 1


def test_one_claimer_gets_a_key_until_it_gives_it_back(backend: Noting):
    """Two tiers stand for two processes."""
    one, two = (SharedTier(backend, Sealer("s" * 32), prefix="site:") for _ in range(2))
    assert one.claim("e", ["k", "l"], 1000) == {"k", "l"}
    assert two.claim("e", ["k", "m"], 1000) == {"m"}
    two.release("e", ["k"])
    assert two.claim("e", ["k"], 1000) == frozenset()
    one.release("e", ["k", "l"])
    assert two.claim("e", ["k"], 1000) == {"k"}


def test_without_a_shared_store_everybody_renders():
    """`NullCache` is not available, claims everything and keeps nothing."""
    tier = SharedTier(BlockNullCache(), Sealer("s" * 32), prefix="site:")
    tier.set_many("e", {"k": [ENTRY]}, NOW)
    assert not tier.is_available
    assert tier.get_many("e", ["k"]) == {}
    assert tier.claim("e", ["k"], 1000) == {"k"}
    assert tier.statistics()["misses"] == 0


@pytest.mark.parametrize(
    ("environ", "kind"),
    [
        ({}, "BlockNullCache"),
        ({"PORTAL_CACHE_TYPE": "SimpleCache"}, "BlockSimpleCache"),
        ({"PORTAL_CACHE_REDIS_URL": "redis://h/1"}, "BlockRedisCache"),
        ({"PORTAL_CACHE_REDIS_URL": "rediss://u:p@h/1"}, "BlockRedisCache"),
        ({"PORTAL_CACHE_REDIS_URL": "unix:///s?db=2"}, "BlockRedisCache"),
        (
            {
                "PORTAL_CACHE_TYPE": "RedisSentinelCache",
                "PORTAL_CACHE_REDIS_SENTINELS": "a:1, b:2",
            },
            "BlockSentinelCache",
        ),
        (
            {"PORTAL_CACHE_TYPE": "RedisClusterCache", "PORTAL_CACHE_REDIS_CLUSTER": "a:1,b:2"},
            "BlockClusterCache",
        ),
        ({"PORTAL_CACHE_REDIS_SENTINELS": "a:1, b:2"}, "BlockSentinelCache"),
        (
            {
                "PORTAL_CACHE_REDIS_SENTINELS": "a:1",
                "PORTAL_CACHE_REDIS_URL": "redis://portal:p@unused",
            },
            "BlockSentinelCache",
        ),
        ({"PORTAL_CACHE_REDIS_CLUSTER": "a:1,b:2"}, "BlockClusterCache"),
        ({"PORTAL_CACHE_TYPE": "portal.cache.redis_tier.BlockSimpleCache"}, "BlockSimpleCache"),
    ],
)
def test_settings_choose_the_backend_through_flask_caching(environ: dict[str, str], kind: str):
    """The names operators know lead to our classes; nothing connects while starting."""
    app, cache = Flask("portal"), Cache(with_jinja2_ext=False)
    cache.init_app(app, cache_config(load_settings(environ)))
    backend = app.extensions["cache"][cache]
    assert type(backend).__name__ == kind
    assert backend.key_prefix == "portal:"


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"PORTAL_CACHE_TYPE": "FileSystemCache"}, "cannot hold sealed entries"),
        ({"PORTAL_CACHE_REDIS_URL": "http://secret@h"}, "PORTAL_CACHE_REDIS_URL cannot be used"),
        (
            {"PORTAL_CACHE_TYPE": "RedisSentinelCache", "PORTAL_CACHE_REDIS_SENTINELS": "a"},
            "PORTAL_CACHE_REDIS_SENTINELS: 'a' is no address; write HOST:PORT",
        ),
        ({"PORTAL_CACHE_REDIS_CLUSTER": "a:b"}, "PORTAL_CACHE_REDIS_CLUSTER: 'a:b'"),
        ({"PORTAL_CACHE_OPTIONS": "{"}, "PORTAL_CACHE_OPTIONS"),
        (
            {"PORTAL_CACHE_REDIS_SENTINELS": "a:1", "PORTAL_CACHE_REDIS_CLUSTER": "b:2"},
            "PORTAL_CACHE_REDIS_SENTINELS and PORTAL_CACHE_REDIS_CLUSTER are both set",
        ),
    ],
)
def test_unusable_settings_are_named(environ: dict[str, str], words: str):
    """Before anything is served, and without printing a secret."""
    with pytest.raises(ConfigError, match=words) as refused:
        cache_config(load_settings(environ))
    assert "secret" not in str(refused.value)


def test_a_backend_of_another_kind_is_refused():
    """Flask-Caching's own classes would unpickle what they read."""
    with pytest.raises(ConfigError, match="not a subclass"):
        SharedTier(Cache(), Sealer("s" * 32), prefix="")  # type: ignore[arg-type]  # the point


def test_the_options_of_connections_keep_pages_from_waiting():
    """Short waits, no retries, no health checks, RESP2; an operator's own options win."""
    backend = BlockRedisCache.factory(
        None, {"CACHE_OPTIONS": {"socket_timeout": 0.2, "ssl_ca_certs": "/ca.pem"}}, [], {}
    )
    options = backend._options
    assert (options["protocol"], options["health_check_interval"]) == (2, 0)
    assert options["retry"]._retries == 0
    assert (options["socket_connect_timeout"], options["socket_timeout"]) == (0.05, 0.2)
    assert options["ssl_ca_certs"] == "/ca.pem"
