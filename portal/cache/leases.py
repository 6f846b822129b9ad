"""Leases: which process renders an entry that several miss at once. Losing one costs a render.

A lease is a key with a random token and a life so short that a process that was killed or stopped
keeps nobody waiting; a process that still renders renews it again and again. Its holder renews and
deletes it only while it still holds that token: a lease that ran out may be somebody else's by now.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

LONGEST_HOLD_SECONDS = 10.0
"""Nobody renders that long: a lease that was never given back is not renewed for ever."""

CLAIM_SCRIPT = """
local claimed = {}
for place, key in ipairs(KEYS) do
  local ours = redis.call('SET', key, ARGV[1], 'NX', 'PX', ARGV[2])
  if not ours then
    local left = redis.call('PTTL', key)
    if left < 0 or left > tonumber(ARGV[2]) then
      ours = redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
    end
  end
  claimed[place] = ours and 1 or 0
end
return claimed
"""
"""Set what is free. What lives longer than any lease is none, whatever its type: nobody is behind
it, so it is taken as well."""
RENEW_SCRIPT = """
for _, key in ipairs(KEYS) do
  if redis.pcall('GET', key) == ARGV[1] then redis.call('PEXPIRE', key, ARGV[2]) end
end
return 0
"""
RELEASE_SCRIPT = """
for _, key in ipairs(KEYS) do
  if redis.pcall('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
return 0
"""
"""Compare and delete; `pcall`, so that a key of another type planted there is left alone."""


class LeaseStore(Protocol):
    """Where leases lie."""

    def claim(self, keys: Sequence[str], token: bytes, milliseconds: int) -> list[bool]:
        """Set each key to `token` unless a lease is there; which ones were set."""

    def renew(self, keys: Sequence[str], token: bytes, milliseconds: int) -> None:
        """Let those keys that still hold `token` live so long from now on."""

    def release(self, keys: Sequence[str], token: bytes) -> None:
        """Delete those keys that still hold `token`."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A lease of this process: renewed until `renewed_until`, ours until `ends` (seconds)."""

    token: bytes
    milliseconds: int
    renewed_until: float
    ends: float


class Leases:
    """The leases of this process. Safe to share between threads.

    The tokens of leases that ran out are forgotten, so a claimer that never releases costs nothing.
    """

    def __init__(self, store: LeaseStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self.after_fork()

    def after_fork(self) -> None:
        """A child process holds no lease of its parent."""
        self._lock = threading.Lock()
        self._held: dict[str, _Held] = {}

    @property
    def are_held(self) -> bool:
        """Whether some are ours and may have to be renewed."""
        now = self._clock()
        with self._lock:
            self._forget_lapsed(now)
            return bool(self._held)

    def claim(self, keys: Sequence[str], milliseconds: int) -> list[bool]:
        """Which of `keys` are ours now, for so long. Raises what the store raises."""
        token = secrets.token_bytes(16)
        now = self._clock()
        claimed = self._store.claim(keys, token, milliseconds)
        held = _Held(token, milliseconds, now + LONGEST_HOLD_SECONDS, now + milliseconds / 1000)
        with self._lock:
            self._forget_lapsed(now)
            self._held.update((key, held) for key, ours in zip(keys, claimed, strict=True) if ours)
        return claimed

    def renew(self) -> None:
        """Prolong what is held and not abandoned. Raises what the store raises."""
        now = self._clock()
        with self._lock:
            self._forget_lapsed(now)
            renewing: dict[_Held, list[str]] = defaultdict(list)
            for key, held in self._held.items():
                if now < held.renewed_until:
                    renewing[held].append(key)
        for held, keys in renewing.items():
            self._store.renew(keys, held.token, held.milliseconds)
            ends = now + held.milliseconds / 1000
            longer = _Held(held.token, held.milliseconds, held.renewed_until, ends)
            with self._lock:
                self._held.update((key, longer) for key in keys if self._held.get(key) is held)

    def abandon(self, keys: Collection[str]) -> None:
        """Renew these no more; they run out by themselves unless they are given back before."""
        with self._lock:
            for key in keys:
                held = self._held.get(key)
                if held is not None:
                    self._held[key] = _Held(held.token, held.milliseconds, 0.0, held.ends)

    def release(self, keys: Sequence[str]) -> None:
        """Give back those of `keys` that are ours. Raises what the store raises."""
        by_token: dict[bytes, list[str]] = defaultdict(list)
        with self._lock:
            for key in keys:
                held = self._held.pop(key, None)
                if held is not None:
                    by_token[held.token].append(key)
        for token, ours in by_token.items():
            self._store.release(ours, token)

    def _forget_lapsed(self, now: float) -> None:
        self._held = {key: held for key, held in self._held.items() if now < held.ends}
