"""What can go wrong with Redis, by kind, and whether only writing is affected."""

from __future__ import annotations

from enum import StrEnum

import redis
from redis.exceptions import RedisClusterException


class Failure(StrEnum):
    """A kind of trouble; `statistics` counts each as `error_<kind>`."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    REFUSED_LOGIN = "refused_login"
    LOADING = "loading"
    BUSY = "busy"
    READ_ONLY = "read_only"
    NOT_SAVING = "not_saving"
    OUT_OF_MEMORY = "out_of_memory"
    CLUSTER = "cluster"
    PROTOCOL = "protocol"
    OTHER = "other"

    @property
    def is_refused_write(self) -> bool:
        """Whether the server answers and only does not take anything new."""
        return self in _REFUSED_WRITES


_REFUSED_WRITES = frozenset({Failure.READ_ONLY, Failure.NOT_SAVING, Failure.OUT_OF_MEMORY})

EXPECTED = (redis.RedisError, RedisClusterException, OSError)
"""What redis-py raises because of the network or the server."""

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


class ProtocolError(redis.RedisError):
    """Redis answered something that is no answer to what was asked."""


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
