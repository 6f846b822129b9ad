"""The classes behind `CACHE_TYPE`: Flask-Caching backends that take and give raw bytes.

Flask-Caching's own classes pickle what they store and would run code that somebody planted in
Redis; these never look into a value. The methods of its interface put the key prefix before a key;
`fetch`, `store`, `claim`, `renew` and `release`, which the shared tier uses, take whole keys. Those
for Redis (`servers`) raise what redis-py raises; only the tier is safe.
"""

from __future__ import annotations

import threading
import time
from abc import ABC
from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import timedelta
from io import UnsupportedOperation
from typing import Any
from typing import ClassVar
from typing import Self

from flask_caching.backends.base import BaseCache

from portal.cache.redis_tier.failures import Failure
from portal.cache.redis_tier.failures import ProtocolError

DEFAULT_SECONDS = 300


class BlockCache(BaseCache, ABC):
    """What all of them share: Flask-Caching's interface over a few operations on raw bytes."""

    keeps: ClassVar[bool] = True
    """Whether anything that is stored can be found again."""
    expected: ClassVar[tuple[type[Exception], ...]] = (ProtocolError, OSError)
    """What a call raises because of the network or a server."""
    call_seconds: float = 0.0
    """How long one call may take; those in this process take no time."""

    def __init__(
        self,
        *,
        key_prefix: str = "",
        default_timeout: int = DEFAULT_SECONDS,
        ignore_delete_many_errors: bool = False,
    ) -> None:
        super().__init__(default_timeout, ignore_delete_many_errors)
        self.key_prefix = key_prefix

    @classmethod
    def factory(
        cls, app: Any, config: dict[str, Any], args: list[Any], kwargs: dict[str, Any]
    ) -> Self:
        """Flask-Caching's door: make the backend that `config` describes. Connects nowhere."""
        return cls(key_prefix=config.get("CACHE_KEY_PREFIX") or "")

    @abstractmethod
    def fetch(self, keys: Sequence[str]) -> list[bytes | None]:
        """The values of `keys`, in their order, in one round trip."""

    @abstractmethod
    def store(self, items: Mapping[str, tuple[bytes, int]]) -> None:
        """Store values, each for its milliseconds, in one round trip, without a transaction."""

    @abstractmethod
    def claim(self, keys: Sequence[str], token: bytes, milliseconds: int) -> list[bool]:
        """Set each key to `token` unless a lease is there; which ones were set, in one round trip.

        What lives longer than `milliseconds` is no lease but was left or planted there: it is
        replaced.
        """

    @abstractmethod
    def renew(self, keys: Sequence[str], token: bytes, milliseconds: int) -> None:
        """Let those keys that still hold `token` live so long from now on, in one round trip."""

    @abstractmethod
    def release(self, keys: Sequence[str], token: bytes) -> None:
        """Delete those keys that still hold `token`, in one round trip."""

    @abstractmethod
    def store_new(self, key: str, value: bytes, milliseconds: int) -> bool:
        """Store a value unless the key has one; whether it was stored."""

    @abstractmethod
    def drop(self, keys: Sequence[str]) -> int:
        """Delete keys; how many there were."""

    def kind_of(self, problem: Exception) -> Failure:
        """The kind of what a call raised."""
        if isinstance(problem, TimeoutError):
            return Failure.TIMEOUT
        if isinstance(problem, OSError):
            return Failure.CONNECTION
        return Failure.PROTOCOL if isinstance(problem, ProtocolError) else Failure.OTHER

    def probe_keys(self, prefix: str) -> tuple[str, ...]:
        """Keys that together reach every server that holds a part of the keys."""
        return (f"{prefix}probe",)

    def reconnect(self) -> None:
        """Let later calls make new connections; what is being read goes on."""

    def close(self) -> None:
        """Close every connection; a later call makes new ones."""

    def get(self, key: str) -> bytes | None:
        return self.fetch([self.key_prefix + key])[0]

    def get_many(self, *keys: str) -> list[bytes | None]:
        return self.fetch([self.key_prefix + key for key in keys]) if keys else []

    def has(self, key: str) -> bool:
        return self.get(key) is not None

    def set(self, key: str, value: object, timeout: int | timedelta | None = None) -> bool:
        self.set_many({key: value}, timeout)
        return True

    def set_many(
        self, mapping: dict[str, Any], timeout: int | timedelta | None = None
    ) -> list[Any]:
        milliseconds = self._milliseconds(timeout)
        items = {
            self.key_prefix + key: (_raw(value), milliseconds) for key, value in mapping.items()
        }
        if items:
            self.store(items)
        return list(mapping)

    def add(self, key: str, value: object, timeout: int | timedelta | None = None) -> bool:
        milliseconds = self._milliseconds(timeout)
        return self.store_new(self.key_prefix + key, _raw(value), milliseconds)

    def delete(self, key: str) -> bool:
        return self.drop([self.key_prefix + key]) == 1

    def delete_many(self, *keys: str) -> list[Any]:
        if keys:
            self.drop([self.key_prefix + key for key in keys])
        return list(keys)

    def clear(self) -> bool:
        """Refused: it would take other programs' keys along, or block Redis to find ours."""
        raise UnsupportedOperation(
            "clearing a shared cache is not offered: `portal cache purge --all` ends every entry"
            " at once and leaves Redis to forget them"
        )

    def _milliseconds(self, timeout: int | timedelta | None) -> int:
        seconds = self._normalize_timeout(timeout)
        if seconds <= 0:
            raise ValueError("a value of the shared cache needs a lifetime above 0 seconds")
        return seconds * 1000


def _raw(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(
            f"the shared cache stores bytes, not {type(value).__name__}; encode the value first"
        )
    return value


class BlockNullCache(BlockCache):
    """`NullCache`: nothing is shared; each process has its own entries only."""

    keeps = False

    def fetch(self, keys: Sequence[str]) -> list[bytes | None]:
        return [None] * len(keys)

    def store(self, items: Mapping[str, tuple[bytes, int]]) -> None:
        pass

    def claim(self, keys: Sequence[str], token: bytes, milliseconds: int) -> list[bool]:
        return [True] * len(keys)

    def renew(self, keys: Sequence[str], token: bytes, milliseconds: int) -> None:
        pass

    def release(self, keys: Sequence[str], token: bytes) -> None:
        pass

    def store_new(self, key: str, value: bytes, milliseconds: int) -> bool:
        return True

    def drop(self, keys: Sequence[str]) -> int:
        return 0


class BlockSimpleCache(BlockCache):
    """`SimpleCache`: a dictionary of this process, for development; no more than `threshold`."""

    def __init__(
        self, *, threshold: int = 500, clock: Callable[[], float] = time.monotonic, **more: Any
    ) -> None:
        super().__init__(**more)
        self._threshold = threshold
        self._clock = clock
        self._values: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def factory(
        cls, app: Any, config: dict[str, Any], args: list[Any], kwargs: dict[str, Any]
    ) -> Self:
        return cls(
            key_prefix=config.get("CACHE_KEY_PREFIX") or "",
            threshold=config.get("CACHE_THRESHOLD", 500),
        )

    def fetch(self, keys: Sequence[str]) -> list[bytes | None]:
        with self._lock:
            return [self._live(key) for key in keys]

    def store(self, items: Mapping[str, tuple[bytes, int]]) -> None:
        with self._lock:
            for key, (value, milliseconds) in items.items():
                self._put(key, value, milliseconds)

    def claim(self, keys: Sequence[str], token: bytes, milliseconds: int) -> list[bool]:
        with self._lock:
            longest = self._clock() + milliseconds / 1000
            claimed = [self._live(key) is None or self._values[key][1] > longest for key in keys]
            for key, ours in zip(keys, claimed, strict=True):
                if ours:
                    self._put(key, token, milliseconds)
            return claimed

    def renew(self, keys: Sequence[str], token: bytes, milliseconds: int) -> None:
        with self._lock:
            for key in keys:
                if self._live(key) == token:
                    self._put(key, token, milliseconds)

    def release(self, keys: Sequence[str], token: bytes) -> None:
        with self._lock:
            for key in keys:
                if self._live(key) == token:
                    del self._values[key]

    def store_new(self, key: str, value: bytes, milliseconds: int) -> bool:
        with self._lock:
            if self._live(key) is not None:
                return False
            self._put(key, value, milliseconds)
            return True

    def drop(self, keys: Sequence[str]) -> int:
        with self._lock:
            return sum(
                self._live(key) is not None and self._values.pop(key) is not None for key in keys
            )

    def _live(self, key: str) -> bytes | None:
        found = self._values.get(key)
        if found is None:
            return None
        if found[1] <= self._clock():
            del self._values[key]
            return None
        return found[0]

    def _put(self, key: str, value: bytes, milliseconds: int) -> None:
        self._values[key] = (value, self._clock() + milliseconds / 1000)
        self._values.move_to_end(key)
        while len(self._values) > self._threshold:
            self._values.popitem(last=False)
