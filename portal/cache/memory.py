"""The in-process tier: entries of this process, least recently used ones leave first."""

from __future__ import annotations

import threading
from collections import OrderedDict

from portal.cache.entry import Entry


class MemoryTier:
    """A bounded store of entries, counted in bytes. Safe to share between threads."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._lock = threading.Lock()
        self.bytes = 0

    def get(self, key: str) -> Entry | None:
        """The entry under `key`, whatever its state; judging it is the caller's work."""
        entry = self._entries.get(key)
        if entry is not None:
            with self._lock:
                if key in self._entries:
                    self._entries.move_to_end(key)
        return entry

    def put(self, key: str, entry: Entry) -> None:
        """Store `entry` unless one of a later state of the content is already there."""
        if entry.size > self._capacity:
            return
        with self._lock:
            known = self._entries.pop(key, None)
            if known is not None:
                self.bytes -= known.size
                if _is_newer(known, entry):
                    entry = known
            self._entries[key] = entry
            self.bytes += entry.size
            while self.bytes > self._capacity:
                _, oldest = self._entries.popitem(last=False)
                self.bytes -= oldest.size

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self.bytes = 0

    def __len__(self) -> int:
        return len(self._entries)


def _is_newer(known: Entry, entry: Entry) -> bool:
    """Whether `known` shows a later state than `entry`; other epochs do not compare."""
    return known.stamp.epoch == entry.stamp.epoch and known.stamp.position > entry.stamp.position
