"""A Redis that gets into trouble, for the newspaper's processes to share."""

from __future__ import annotations

import uuid
from typing import Any

import redis
from flask import Flask

from tests.integration.trouble.newspaper import Newspaper
from tests.proxies import TroubledProxy
from tests.servers import RedisServer


class Tier:
    """A Redis of the test's own, reached through a proxy."""

    def __init__(self, server: RedisServer, proxy: TroubledProxy, client: redis.Redis) -> None:
        self.server = server
        self.proxy = proxy
        self.client = client
        self.prefix = f"{uuid.uuid4().hex}:"

    def app(self, paper: Newspaper, **settings: Any) -> Flask:
        """A process that shares entries here."""
        named = {"cache_redis_url": self.proxy.url, "cache_key_prefix": self.prefix}
        return paper.app(**{**named, **settings})

    def names(self) -> list[bytes]:
        """The keys of stored packs."""
        found = self.client.scan_iter(f"{self.prefix}*", count=1000)
        return [name for name in found if not name.endswith((b":l", b"probe"))]
