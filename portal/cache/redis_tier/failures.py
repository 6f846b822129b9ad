"""What can go wrong with Redis, by kind, and whether only writing is affected."""

from __future__ import annotations

from enum import StrEnum


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


class ProtocolError(Exception):
    """Redis answered something that is no answer to what was asked."""
