"""Heads of pages with their ETags, kept for the next page that shows the same fragments."""

from __future__ import annotations

import threading

from portal.forking import begin_anew_after_fork

# What a dict and a tuple take beside what they hold, for each head and each fragment of its page.
_OVERHEAD = 300
_OF_A_FRAGMENT = 120

Identity = tuple[str, ...]
"""The shell and the fragments of a page, from which its head follows."""


class HeadMemory:
    """A bounded store, counted in bytes; a full one begins anew. Safe to share between threads."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._known: dict[Identity, tuple[bytes, str]] = {}
        self.after_fork()
        begin_anew_after_fork(self)
        self.bytes = 0

    def after_fork(self) -> None:
        """Have a lock that nobody holds."""
        self._lock = threading.Lock()

    def get(self, identity: Identity) -> tuple[bytes, str] | None:
        """The head elements and the ETag of the page."""
        return self._known.get(identity)

    def put(self, identity: Identity, head: bytes, etag: str) -> None:
        """Keep them unless they alone are more than there is room for."""
        weight = len(head) + _OF_A_FRAGMENT * len(identity) + _OVERHEAD
        if weight > self._capacity:
            return
        with self._lock:
            if self.bytes + weight > self._capacity:
                self._clear()
            if identity not in self._known:
                self.bytes += weight
            self._known[identity] = head, etag

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._clear()

    def _clear(self) -> None:
        self._known.clear()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._known)
