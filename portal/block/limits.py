"""Keeps one sender from sending too much, without keeping who it was.

Addresses are hashed with a random salt that lives one day and only in memory; nothing is stored.
Every process counts for itself, so the true bound is the limit times the number of processes.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from datetime import date
from datetime import datetime
from datetime import timedelta
from ipaddress import IPv6Address
from ipaddress import ip_address

MOST_SENDERS = 10_000


class RateLimit:
    """A token bucket per sender: `burst` at once, and as many again within `per`.

    A sender is named by its address; all of an IPv6 network count as one.
    """

    def __init__(self, burst: int, per: timedelta) -> None:
        self._burst = float(burst)
        self._per_second = burst / per.total_seconds()
        self._lock = threading.Lock()
        self._buckets: dict[bytes, tuple[float, datetime]] = {}
        self._salt = b""
        self._day: date | None = None

    def allows(self, sender: str, now: datetime) -> bool:
        """Whether `sender` may send once more at `now`; if so, it has."""
        with self._lock:
            if now.date() != self._day:
                self._day, self._salt = now.date(), secrets.token_bytes(16)
                self._buckets.clear()
            key = hashlib.blake2b(
                sender_network(sender).encode(), key=self._salt, digest_size=16
            ).digest()
            left, since = self._buckets.pop(key, (self._burst, now))
            elapsed = max(0.0, (now - since).total_seconds())
            left = min(self._burst, left + elapsed * self._per_second)
            allowed = left >= 1
            self._buckets[key] = (left - 1 if allowed else left, now)
            if len(self._buckets) > MOST_SENDERS:
                # The one that was silent longest has most of its tokens back.
                self._buckets.pop(next(iter(self._buckets)))
            return allowed


def sender_network(sender: str) -> str:
    """What counts as one sender: of an IPv6 address the half that nobody chooses, else all."""
    try:
        address = ip_address(sender)
    except ValueError:
        return sender
    if not isinstance(address, IPv6Address):
        return sender
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{int(address) >> 64:x}/64"
