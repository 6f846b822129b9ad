"""What redis-py raises, and which kind of trouble that is."""

from __future__ import annotations

import redis
from redis.exceptions import RedisClusterException

from portal.cache.redis_tier.failures import Failure
from portal.cache.redis_tier.failures import ProtocolError

EXPECTED = (redis.RedisError, RedisClusterException, ProtocolError, OSError)
"""What a call raises because of the network or the server."""

_BY_CODE = {
    "NOAUTH": Failure.REFUSED_LOGIN,
    "WRONGPASS": Failure.REFUSED_LOGIN,
    "NOPERM": Failure.REFUSED_LOGIN,
    "LOADING": Failure.LOADING,
    "BUSY": Failure.BUSY,
    "READONLY": Failure.READ_ONLY,
    "NOREPLICAS": Failure.READ_ONLY,
    "MISCONF": Failure.NOT_SAVING,
    "OOM": Failure.OUT_OF_MEMORY,
    "CLUSTERDOWN": Failure.CLUSTER,
    "MASTERDOWN": Failure.CLUSTER,
    "TRYAGAIN": Failure.CLUSTER,
}
_BY_CLASS: tuple[tuple[type[BaseException], Failure], ...] = (
    (redis.AuthenticationError, Failure.REFUSED_LOGIN),
    (redis.BusyLoadingError, Failure.LOADING),
    (redis.exceptions.ReadOnlyError, Failure.READ_ONLY),
    (redis.exceptions.OutOfMemoryError, Failure.OUT_OF_MEMORY),
    (redis.exceptions.NoPermissionError, Failure.REFUSED_LOGIN),
    (redis.exceptions.ClusterError, Failure.CLUSTER),
    (RedisClusterException, Failure.CLUSTER),
    (redis.exceptions.InvalidResponse, Failure.PROTOCOL),
    (redis.TimeoutError, Failure.TIMEOUT),
    (TimeoutError, Failure.TIMEOUT),
    (redis.ConnectionError, Failure.CONNECTION),
    (OSError, Failure.CONNECTION),
)


def kind_of(problem: BaseException) -> Failure:
    """The kind of an exception from redis-py."""
    if isinstance(problem, ProtocolError):
        return Failure.PROTOCOL
    # In a pipeline redis-py puts the command before the server's words.
    for word in str(problem).split()[:1] + str(problem).rpartition("caused error: ")[2].split()[:1]:
        if word in _BY_CODE:
            return _BY_CODE[word]
    for kind, failure in _BY_CLASS:
        if isinstance(problem, kind):
            return failure
    return Failure.OTHER
