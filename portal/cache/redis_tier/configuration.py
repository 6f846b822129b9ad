"""The `CACHE_*` mapping that Flask-Caching gets, made of the portal's settings."""

from __future__ import annotations

from portal.errors import ConfigError
from portal.settings import Settings

_HERE = "portal.cache.redis_tier"
BACKENDS = {
    "NullCache": f"{_HERE}.BlockNullCache",
    "SimpleCache": f"{_HERE}.BlockSimpleCache",
    "RedisCache": f"{_HERE}.servers.BlockRedisCache",
    "RedisSentinelCache": f"{_HERE}.servers.BlockSentinelCache",
    "RedisClusterCache": f"{_HERE}.servers.BlockClusterCache",
}
"""The names that operators know, and the class that each means here."""


def cache_type(settings: Settings) -> str:
    """The name of the backend: as set, or else what the addresses of Redis mean.

    Raises `ConfigError` when they could mean two.
    """
    if settings.cache_type:
        return settings.cache_type
    if settings.cache_redis_sentinels and settings.cache_redis_cluster:
        raise ConfigError(
            "PORTAL_CACHE_REDIS_SENTINELS and PORTAL_CACHE_REDIS_CLUSTER are both set;"
            " keep the one that is meant, or choose by PORTAL_CACHE_TYPE"
        )
    if settings.cache_redis_sentinels:
        return "RedisSentinelCache"
    if settings.cache_redis_cluster:
        return "RedisClusterCache"
    return "RedisCache" if settings.cache_redis_url else "NullCache"


def cache_config(settings: Settings) -> dict[str, object]:
    """Flask-Caching's configuration. Raises `ConfigError`; connects nowhere.

    A dotted name of a type must lead to a subclass of `BlockCache`.
    """
    name = cache_type(settings)
    if "." not in name and name not in BACKENDS:
        raise ConfigError(
            f"PORTAL_CACHE_TYPE: {name!r} cannot hold sealed entries"
            f" (known: {', '.join(BACKENDS)}, or the dotted name of a subclass of BlockCache)"
        )
    if settings.cache_redis_url:
        # Imported here: without Redis its client would be six megabytes in every process.
        from portal.cache.redis_tier.servers import read_url  # noqa: PLC0415 - see above

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


def read_host(name: str, setting: str) -> tuple[str, int]:
    """`HOST:PORT` as a pair. Raises `ConfigError`."""
    host, colon, port = name.rpartition(":")
    if not colon or not host or not port.isdigit():
        raise ConfigError(f"PORTAL_{setting}: {name!r} is no address; write HOST:PORT")
    return host.strip("[]"), int(port)
