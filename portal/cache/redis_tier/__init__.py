"""The second tier: sealed entries in Redis, shared by processes, and never waited for.

Redis may lose, delay, replay or forge anything: entries are sealed and judged by their stamps, so
trouble here costs a render, never a stale page. `tier` is what the rest of the portal sees,
`backends` and `servers` are the classes behind `CACHE_TYPE`, `deadline` and `connections` bound how
long Redis may take. `servers`, `connections` and `raised` need redis-py; they are imported where
settings name a Redis.
"""

from portal.cache.redis_tier.backends import BlockCache
from portal.cache.redis_tier.backends import BlockNullCache
from portal.cache.redis_tier.backends import BlockSimpleCache
from portal.cache.redis_tier.configuration import cache_config
from portal.cache.redis_tier.tier import SharedTier

__all__ = [
    "BlockCache",
    "BlockNullCache",
    "BlockSimpleCache",
    "SharedTier",
    "cache_config",
]
