"""A real Redis behind a store that lies: it loses, delays, replays, swaps and forges values."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from portal.cache.redis_tier import SharedTier
from portal.cache.redis_tier.servers import BlockRedisCache
from portal.cache.sealing import Sealer
from tests.servers import RedisServer

SECRET = "khoá bí mật của một phép chứng minh"  # noqa: S105 - seals nothing but test data
MOST_REMEMBERED = 40


class LyingRedis(BlockRedisCache):
    """Redis as its clients see it, with an adversary in between. `lies` counts what it did."""

    def __init__(self, address: Mapping[str, Any], options: Mapping[str, Any], **more: Any) -> None:
        super().__init__(address, options, **more)
        self.lies: Counter[str] = Counter()
        self.chance = random.Random(1)  # noqa: S311 - no secret
        self._past: dict[str, list[bytes]] = {}
        self._late: dict[str, tuple[bytes, int]] = {}

    def fetch(self, keys: Sequence[str]) -> list[bytes | None]:
        """The values, some of them other than they are."""
        if self._late and self.chance.random() < 0.3:
            super().store(self._late)
            self._late = {}
        return [
            self._bend(key, value) for key, value in zip(keys, super().fetch(keys), strict=True)
        ]

    def store(self, items: Mapping[str, tuple[bytes, int]]) -> None:
        """Store what is not lost on the way; some of it later, over what came in between."""
        kept = {}
        for key, item in items.items():
            past = self._past.setdefault(key, [])
            past.append(item[0])
            del past[:-MOST_REMEMBERED]
            draw = self.chance.random()
            if draw < 0.1:
                self.lies["lost"] += 1
            elif draw < 0.2:
                self.lies["delayed"] += 1
                self._late[key] = item
            else:
                kept[key] = item
        if kept:
            super().store(kept)

    def _bend(self, key: str, value: bytes | None) -> bytes | None:
        draw, past = self.chance.random(), self._past.get(key)
        if draw < 0.3 and past:
            self.lies["replayed"] += 1
            return self.chance.choice(past)
        if draw < 0.4:
            self.lies["none"] += 1
            return None
        if draw < 0.45 and self._past:
            self.lies["of another key"] += 1
            return self.chance.choice(self.chance.choice(list(self._past.values())))
        if draw < 0.5 and value:
            self.lies["forged"] += 1
            at = self.chance.randrange(len(value))
            return value[:at] + bytes([value[at] ^ self.chance.randint(1, 255)]) + value[at + 1 :]
        return value


def lying_tier(server: RedisServer, chance: random.Random, prefix: str) -> SharedTier:
    """The production's tier over an adversary, with keys of its own."""
    backend = LyingRedis({"host": "127.0.0.1", "port": server.port}, {})
    backend.chance = chance
    return SharedTier(backend, Sealer(SECRET), prefix=prefix)
