"""The in-process tier: entries of this process, least recently used ones leave first.

Entries that belong together live under one key: what a list chose from and its renderings. They
are counted, evicted and sent to the shared tier together.
"""

from __future__ import annotations

import math
import random
import threading
from collections import OrderedDict
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping

from portal.cache.entry import CHOSEN
from portal.cache.entry import Entry
from portal.forking import begin_anew_after_fork

# Renderings kept of one list: pages differ only by the articles they show elsewhere.
MOST_OF_A_KEY = 8


class Held:
    """An entry in this process.

    `proved` is when it was last known to be true (seconds), `early` the moment from which it is
    renewed before its time (XFetch: Vattani, Chierichetti, Lowenstein, "Optimal probabilistic
    cache stampede prevention", 2015 – drawn once for each process instead of for each request).
    """

    __slots__ = ("early", "entry", "proved", "size")

    def __init__(self, entry: Entry, proved: float, draw: float) -> None:
        self.entry = entry
        self.proved = proved
        self.size = entry.size
        self.early = early_renewal(entry, draw)


def early_renewal(entry: Entry, draw: float) -> float:
    """The moment from which an entry is renewed before its time; `draw` is random, in [0, 1)."""
    # What ends by itself would end at the same moment if it were made earlier.
    if entry.ends is not None and entry.fresh_until >= entry.ends:
        return math.inf
    return entry.fresh_until + entry.cost * math.log(max(draw, 1e-12))


class MemoryTier:
    """A bounded store of entries, counted in bytes. Safe to share between threads."""

    def __init__(self, capacity: int, draw: Callable[[], float] = random.random) -> None:
        self._capacity = capacity
        self._draw = draw
        self._packs: OrderedDict[str, dict[str, Held]] = OrderedDict()
        self.after_fork()
        begin_anew_after_fork(self)
        self.bytes = 0

    def after_fork(self) -> None:
        """Have a lock that nobody holds."""
        self._lock = threading.Lock()

    def get(self, key: str, label: str) -> Held | None:
        """The entry under `key` and `label`, whatever its state; judging is the caller's work."""
        packs = self._packs
        with self._lock:
            pack = packs.get(key)
            if pack is None:
                return None
            packs.move_to_end(key)
        return pack.get(label)

    def peek(self, key: str, label: str) -> Held | None:
        """The same without counting as use."""
        return self._packs.get(key, {}).get(label)

    def put(self, key: str, entry: Entry, proved: float | None = None) -> None:
        """Store `entry` unless one of a later state of the content is already there."""
        held = Held(entry, entry.created if proved is None else proved, self._draw())
        with self._lock:
            self._put(key, held)
            self._make_room()

    def put_packs(self, packs: Mapping[str, Iterable[Entry]]) -> None:
        """The same for all entries of many keys."""
        draw = self._draw
        with self._lock:
            for key, entries in packs.items():
                for entry in entries:
                    self._put(key, Held(entry, entry.created, draw()))
            self._make_room()

    def _put(self, key: str, held: Held) -> None:
        if held.size > self._capacity:
            return
        label = held.entry.label
        old = self._packs.pop(key, None)
        if old is None:
            self._packs[key] = {label: held}
            self.bytes += held.size
            return
        # A new dict each time: readers look into the old one without a lock.
        pack = dict(old)
        known = pack.pop(label, None)
        if known is not None and known.entry.stamp == held.entry.stamp:
            # Both show the same state, so what proved one proved the other.
            held.proved = max(held.proved, known.proved)
        pack[label] = known if known and _is_newer(known.entry, held.entry) else held
        while len(pack) > MOST_OF_A_KEY:
            del pack[next(label for label in pack if label != CHOSEN)]
        self._packs[key] = pack
        self.bytes += _weigh(pack) - _weigh(old)

    def _make_room(self) -> None:
        while self.bytes > self._capacity:
            _, oldest = self._packs.popitem(last=False)
            self.bytes -= _weigh(oldest)

    def pack(self, key: str) -> tuple[Entry, ...]:
        """Everything under `key`, the newest last."""
        return tuple(held.entry for held in self._packs.get(key, {}).values())

    def last_good(self, key: str) -> Held | None:
        """The rendering that was last known to be true, for a block that fails now."""
        held = [item for label, item in self._packs.get(key, {}).items() if label != CHOSEN]
        return max(held, key=lambda item: item.proved, default=None)

    def drop(self, key: str) -> None:
        """Forget everything under `key`."""
        with self._lock:
            self.bytes -= _weigh(self._packs.pop(key, {}))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._packs.clear()
            self.bytes = 0

    def __len__(self) -> int:
        return len(self._packs)


def _weigh(pack: dict[str, Held]) -> int:
    return sum(held.size for held in pack.values())


def _is_newer(known: Entry, entry: Entry) -> bool:
    """Whether `known` shows a later state than `entry`; other epochs do not compare."""
    return known.stamp.epoch == entry.stamp.epoch and known.stamp.position > entry.stamp.position
