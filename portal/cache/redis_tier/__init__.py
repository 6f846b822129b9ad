"""The second tier: sealed entries in Redis, shared by processes, and never waited for.

Redis may lose, delay, replay or forge anything: entries are sealed and judged by their stamps, so
trouble here costs a render, never a stale page. `tier` is what the rest of the portal sees,
`backends` and `servers` are the classes behind `CACHE_TYPE`, `connections` bounds how long Redis
may take.
"""

from portal.cache.redis_tier.backends import BlockCache
from portal.cache.redis_tier.backends import BlockNullCache
from portal.cache.redis_tier.backends import BlockSimpleCache
from portal.cache.redis_tier.configuration import cache_config
from portal.cache.redis_tier.servers import BlockClusterCache
from portal.cache.redis_tier.servers import BlockRedisCache
from portal.cache.redis_tier.servers import BlockSentinelCache
from portal.cache.redis_tier.tier import SharedTier

__all__ = [
    "BlockCache",
    "BlockClusterCache",
    "BlockNullCache",
    "BlockRedisCache",
    "BlockSentinelCache",
    "BlockSimpleCache",
    "SharedTier",
    "cache_config",
]
