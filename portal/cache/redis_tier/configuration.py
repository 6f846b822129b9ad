"""The `CACHE_*` mapping that Flask-Caching gets, made of the portal's settings."""

from __future__ import annotations

from portal.cache.redis_tier.servers import read_host
from portal.cache.redis_tier.servers import read_url
from portal.errors import ConfigError
from portal.settings import Settings

_HERE = "portal.cache.redis_tier"
BACKENDS = {
    "NullCache": f"{_HERE}.BlockNullCache",
    "SimpleCache": f"{_HERE}.BlockSimpleCache",
    "RedisCache": f"{_HERE}.BlockRedisCache",
    "RedisSentinelCache": f"{_HERE}.BlockSentinelCache",
    "RedisClusterCache": f"{_HERE}.BlockClusterCache",
}
"""The names that operators know, and the class that each means here."""


def cache_config(settings: Settings) -> dict[str, object]:
    """Flask-Caching's configuration. Raises `ConfigError`; connects nowhere.

    Without a type it is `RedisCache` where an address of Redis is set and `NullCache` where not.
    A dotted name must lead to a subclass of `BlockCache`.
    """
    name = settings.cache_type or ("RedisCache" if settings.cache_redis_url else "NullCache")
    if "." not in name and name not in BACKENDS:
        raise ConfigError(
            f"PORTAL_CACHE_TYPE: {name!r} cannot hold sealed entries"
            f" (known: {', '.join(BACKENDS)}, or the dotted name of a subclass of BlockCache)"
        )
    if settings.cache_redis_url:
        read_url(settings.cache_redis_url)
    for node in settings.cache_redis_cluster:
        read_host(node, "CACHE_REDIS_CLUSTER")
    return {
        "CACHE_TYPE": BACKENDS.get(name, name),
        "CACHE_NO_NULL_WARNING": True,
        "CACHE_KEY_PREFIX": settings.cache_key_prefix,
        "CACHE_REDIS_URL": settings.cache_redis_url,
        "CACHE_REDIS_SENTINELS": [
            read_host(sentinel, "CACHE_REDIS_SENTINELS")
            for sentinel in settings.cache_redis_sentinels
        ],
        "CACHE_REDIS_SENTINEL_MASTER": settings.cache_redis_sentinel_master,
        "CACHE_REDIS_CLUSTER": ",".join(settings.cache_redis_cluster),
        "CACHE_OPTIONS": dict(settings.cache_options),
    }
