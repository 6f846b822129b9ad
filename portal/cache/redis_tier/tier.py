"""The shared tier as the portal sees it: packs of entries by key, and no trouble ever."""

from __future__ import annotations

import hashlib
import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from portal.cache.breaker import Breaker
from portal.cache.entry import Entry
from portal.cache.heartbeat import Heartbeat
from portal.cache.leases import Leases
from portal.cache.reason import Kind
from portal.cache.redis_tier.backends import BlockCache
from portal.cache.redis_tier.deadline import within
from portal.cache.redis_tier.failures import Failure
from portal.cache.redis_tier.failures import ProtocolError
from portal.cache.sealing import LARGEST_PACK
from portal.cache.sealing import Refusal
from portal.cache.sealing import Sealer
from portal.cache.sharing import Found
from portal.errors import ConfigError
from portal.forking import begin_anew_after_fork
from portal.sight import SILENT
from portal.sight import Observer

logger = logging.getLogger(__name__)

LONGEST_LIFE = 7 * 86400.0
"""Seconds. Ended entries serve when a block fails (a day as shipped), hence not much shorter."""
PROBE_PATIENCE = 1.0
"""Seconds for a probe, which no reader waits for: longer than a call, so that a connection that
is slow to make (TLS, the map of a cluster, a dead Sentinel first in the list) gets made."""

BEAT_SECONDS = 0.03
"""Pause between two renewals of the leases of what is being rendered."""

_LEASE_SUFFIX = ":l"

Value = TypeVar("Value")


class SharedTier:
    """Entries that processes share. Safe for threads; no method raises because of Redis.

    `prefix` stands before every key in Redis. After three failures in ten seconds Redis is left
    alone until a probe in the background succeeds; a server that answers but takes nothing new
    (out of memory, read-only, unable to save) is still read from.
    """

    def __init__(
        self,
        backend: BlockCache,
        sealer: Sealer,
        *,
        prefix: str,
        clock: Callable[[], float] = time.monotonic,
        observer: Observer = SILENT,
    ) -> None:
        if not isinstance(backend, BlockCache):
            raise ConfigError(
                f"PORTAL_CACHE_TYPE: {type(backend).__name__} is not a subclass of"
                " portal.cache.redis_tier.BlockCache, so it cannot hold sealed entries"
            )
        self._backend = backend
        self._sealer = sealer
        self._prefix = prefix
        self._observer = observer
        self._leases = Leases(backend, clock)
        self._heart = Heartbeat(
            "shared cache leases", self._renew, lambda: self._leases.are_held, BEAT_SECONDS
        )
        self._reads = Breaker("reading", self._probe_reading, clock=clock)
        self._writes = Breaker("writing", self._probe_writing, clock=clock)
        self._counts: Counter[str] = Counter()
        self._counts_lock = threading.Lock()
        begin_anew_after_fork(self)

    def find_trouble(self) -> str | None:
        """What does not work at the moment, for who watches; none where nothing is shared."""
        if not self._reads.is_closed:
            return "it does not answer; each process remembers by itself"
        return None if self._writes.is_closed else "it takes nothing new; see its log and memory"

    @property
    def is_available(self) -> bool:
        """Whether asking makes sense at the moment."""
        return self._backend.keeps and self._reads.is_closed

    @property
    def call_seconds(self) -> float:
        """How long one call may take."""
        return self._backend.call_seconds

    def get_many(self, epoch: str, keys: Sequence[str]) -> Found:
        """The packs under `keys`, in one round trip; what is missing or not ours is left out."""
        return self._open(self._ask(epoch, keys))

    def get_page(
        self, epoch: str, page: str, parts: Sequence[str], is_usable: Callable[[Entry], bool]
    ) -> tuple[Entry | None, Found]:
        """The entry under `page` if it is usable, else the packs of its `parts`; one round trip."""
        sealed = self._ask(epoch, (page, *parts))
        whole = self._open(sealed[:1])
        for entry in whole.get(page, ()):
            if is_usable(entry):
                return entry, Found()
        found = self._open(sealed[1:])
        found.refused |= whole.refused
        return None, found

    def look(self, epoch: str, key: str) -> tuple[Entry, ...] | Kind:
        """The pack under one key, or in a word why it is refused; for explanations."""
        if not self._may_read():
            return ()
        name = self._name(epoch, key)
        values = self._try(lambda: self._fetch([name]))
        if not values or values[0] is None:
            return ()
        found = self._sealer.unseal(name, values[0])
        return found.kind if isinstance(found, Refusal) else found

    def set_many(self, epoch: str, packs: Mapping[str, Sequence[Entry]], now: float) -> None:
        """Store packs in one round trip, each until its last entry is of no use (`now`: UTC)."""
        if not self._may_write():
            return
        items: dict[str, tuple[bytes, int]] = {}
        counts: Counter[str] = Counter()
        for key, entries in packs.items():
            milliseconds = _life(entries, now)
            if milliseconds <= 0:
                continue
            name = self._name(epoch, key)
            data = self._sealer.seal(name, entries)
            if len(data) > LARGEST_PACK:
                counts["oversized"] += 1
            else:
                items[name] = (data, milliseconds)
        stored = self._try(lambda: self._store(items)) if items else None
        counts["stored"] += len(items) if stored else 0
        self._count(counts)

    def claim(self, epoch: str, keys: Collection[str], milliseconds: int) -> frozenset[str]:
        """Those of `keys` that this process shall render; all of them while Redis is away.

        Until they are given back or abandoned a thread tells Redis that this process lives.
        """
        if not keys or not self._may_write():
            return frozenset(keys)
        keys = tuple(keys)
        names = self._lease_names(epoch, keys)
        claimed = self._try(lambda: self._leases.claim(names, milliseconds))
        if claimed is None:
            return frozenset(keys)
        if any(claimed):
            self._heart.start()
        ours = frozenset(key for key, got in zip(keys, claimed, strict=True) if got)
        self._count({"claimed": len(ours), "claimed_by_others": len(keys) - len(ours)})
        return ours

    def abandon(self, epoch: str, keys: Collection[str]) -> None:
        """Renew claimed keys no more."""
        self._leases.abandon(self._lease_names(epoch, keys))

    def release(self, epoch: str, keys: Collection[str]) -> None:
        """Give claimed keys back, in one round trip for what was claimed together."""
        names = self._lease_names(epoch, keys)
        if keys and self._may_write():
            self._try(lambda: self._leases.release(names))
        else:
            self._leases.abandon(names)

    def statistics(self) -> Mapping[str, int]:
        """Counts since the start of this process."""
        with self._counts_lock:
            counts = dict(self._counts)
        return {
            "hits": 0,
            "misses": 0,
            **counts,
            "breaker_opened": self._reads.opened,
            "write_breaker_opened": self._writes.opened,
        }

    def probe_once(self) -> bool:
        """Try reading and writing, as the background threads do; whether both work."""
        return self._reads.probe_once() and self._writes.probe_once()

    def close(self) -> None:
        """End the probes and close the connections."""
        self._reads.close()
        self._writes.close()
        self._heart.close()
        try:
            self._backend.close()
        except self._backend.expected as problem:
            logger.info("shared cache: closing failed: %s", problem)

    def after_fork(self) -> None:
        """Begin anew in a child process: no lock, thread or lease of the parent's lives here."""
        self._counts_lock = threading.Lock()
        self._counts = Counter()
        self._leases.after_fork()
        self._heart.after_fork()
        self._reads.after_fork()
        self._writes.after_fork()

    def _may_read(self) -> bool:
        return self._backend.keeps and self._is_closed(self._reads)

    def _may_write(self) -> bool:
        return (
            self._backend.keeps and self._is_closed(self._reads) and self._is_closed(self._writes)
        )

    def _is_closed(self, breaker: Breaker) -> bool:
        if breaker.is_closed:
            return True
        self._count({"skipped": 1})
        return False

    def _ask(self, epoch: str, keys: Sequence[str]) -> list[tuple[str, str, bytes | None]]:
        """Key, name and value of each of `keys`; nothing at all where Redis does not answer."""
        if not keys or not self._may_read():
            return []
        names = [self._name(epoch, key) for key in keys]
        values = self._try(lambda: self._fetch(names))
        return [] if values is None else list(zip(keys, names, values, strict=True))

    def _open(self, sealed: Sequence[tuple[str, str, bytes | None]]) -> Found:
        """Unseal what is there; counts it."""
        found, unseal = Found(), self._sealer.unseal
        for key, name, value in sealed:
            if value is None:
                continue
            entries = unseal(name, value)
            if isinstance(entries, Refusal):
                found.refused[key] = entries.kind
            else:
                found[key] = entries
        if sealed:
            misses = len(sealed) - len(found) - len(found.refused)
            counts = {"hits": len(found), "misses": misses}
            self._count(counts | Counter(found.refused.values()) if found.refused else counts)
        return found

    def _fetch(self, names: Sequence[str]) -> list[bytes | None]:
        values: object = self._backend.fetch(names)
        if not isinstance(values, list) or len(values) != len(names):
            raise ProtocolError(f"{len(names)} values asked for, no such list received")
        return values

    def _renew(self) -> None:
        if self._leases.are_held and self._may_write():
            self._try(self._leases.renew)

    def _store(self, items: Mapping[str, tuple[bytes, int]]) -> bool:
        self._backend.store(items)
        return True  # None would mean that Redis failed

    def _try(self, call: Callable[[], Value]) -> Value | None:
        """What the call gives, or None when Redis failed."""
        started = time.monotonic()
        try:
            value = call()
        except self._backend.expected as problem:
            self._failed(self._backend.kind_of(problem), problem)
        except Exception as problem:
            # A server that lies about the protocol brings redis-py to raise whatever it likes.
            logger.exception("shared cache: an answer that redis-py does not understand")
            self._failed(Failure.OTHER, problem)
        else:
            self._observer.asked("redis", time.monotonic() - started)
            return value
        return None

    def _failed(self, kind: Failure, problem: Exception) -> None:
        self._observer.unanswered("redis", kind.value)
        self._count({f"error_{kind.value}": 1})
        breaker = self._writes if kind.is_refused_write else self._reads
        breaker.failed(f"{kind.value} ({problem})")
        if kind is Failure.READ_ONLY:
            # The same address may lead to the new master by now.
            self._backend.reconnect()

    def _probe_reading(self) -> None:
        self._probe(self._fetch)

    def _probe_writing(self) -> None:
        self._probe(lambda keys: self._store({key: (b"", 1000) for key in keys}))

    def _probe(self, call: Callable[[Sequence[str]], object]) -> None:
        """Try a call in the background; a failure is told to who counts, and raised.

        Nobody else asks a Redis that is left alone: untold, it would look well while it is dead.
        """
        try:
            with within(PROBE_PATIENCE):
                call(self._backend.probe_keys(self._prefix))
        except Exception as problem:
            is_expected = isinstance(problem, self._backend.expected)
            kind = self._backend.kind_of(problem) if is_expected else Failure.OTHER
            self._observer.unanswered("redis", kind.value)
            if kind is Failure.READ_ONLY:
                self._backend.reconnect()
            raise

    def _lease_names(self, epoch: str, keys: Collection[str]) -> list[str]:
        return [self._name(epoch, key) + _LEASE_SUFFIX for key in keys]

    def _name(self, epoch: str, key: str) -> str:
        return self._prefix + _digest(epoch, key)

    def _count(self, counts: Mapping[str, int]) -> None:
        with self._counts_lock:
            for name, number in counts.items():
                self._counts[name] += number


@lru_cache(maxsize=8192)
def _digest(epoch: str, key: str) -> str:
    # Lengths first, so that no epoch and key run into one another.
    data = f"{len(epoch)}:{epoch}{key}".encode(errors="surrogatepass")
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _life(entries: Sequence[Entry], now: float) -> int:
    """Milliseconds for which a pack is of use, ± 10 % so that not all end at once, but never past
    the moment at which all its answers have changed by themselves."""
    until = max((entry.useful_until for entry in entries), default=now)
    seconds = min(until - now, LONGEST_LIFE) * random.uniform(0.9, 1.1)  # noqa: S311 - no secret
    ends = [entry.ends for entry in entries if entry.ends is not None]
    if len(ends) == len(entries) and ends:
        seconds = min(seconds, max(ends) - now)
    return int(seconds * 1000)
