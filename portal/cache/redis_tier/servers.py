"""The backends that talk to a Redis server, to the master that Sentinels name, to a cluster."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from collections.abc import Sequence
from copy import copy
from typing import Any
from typing import Self

import redis
from redis.cluster import ClusterNode
from redis.connection import Connection
from redis.connection import parse_url
from redis.sentinel import Sentinel
from redis.sentinel import SentinelConnectionPool

from portal.cache.leases import CLAIM_SCRIPT
from portal.cache.leases import RELEASE_SCRIPT
from portal.cache.leases import RENEW_SCRIPT
from portal.cache.redis_tier.backends import BlockCache
from portal.cache.redis_tier.configuration import read_host
from portal.cache.redis_tier.connections import BOUNDED
from portal.cache.redis_tier.connections import CALL_SECONDS
from portal.cache.redis_tier.connections import TO_MASTER
from portal.cache.redis_tier.connections import WAIT_SECONDS
from portal.cache.redis_tier.connections import BoundedConnection
from portal.cache.redis_tier.connections import Pool
from portal.cache.redis_tier.connections import connection_options
from portal.cache.redis_tier.deadline import within
from portal.cache.redis_tier.failures import Failure
from portal.cache.redis_tier.failures import ProtocolError
from portal.cache.redis_tier.raised import EXPECTED
from portal.cache.redis_tier.raised import kind_of
from portal.errors import ConfigError
from portal.forking import begin_anew_after_fork


class BlockRedisCache(BlockCache):
    """`RedisCache`: one server, by `CACHE_REDIS_URL` (`redis://`, `rediss://`, `unix://`)."""

    expected = EXPECTED

    def __init__(self, address: Mapping[str, Any], options: Mapping[str, Any], **more: Any) -> None:
        super().__init__(**more)
        self._address = address
        self._options = connection_options(**options)
        # An operator who grants a longer wait (another data centre) grants the call as much more.
        wait = float(self._options["socket_timeout"])
        self.call_seconds = CALL_SECONDS + max(0.0, wait - WAIT_SECONDS)
        self._made: Any = None
        self._left: weakref.WeakSet[Any] = weakref.WeakSet()
        self._threads = threading.local()
        self._reading: weakref.WeakSet[Connection] = weakref.WeakSet()
        begin_anew_after_fork(self)

    @classmethod
    def factory(
        cls, app: Any, config: dict[str, Any], args: list[Any], kwargs: dict[str, Any]
    ) -> Self:
        options = dict(config.get("CACHE_OPTIONS") or {})
        return cls(
            cls._address_from(config), options, key_prefix=config.get("CACHE_KEY_PREFIX") or ""
        )

    @classmethod
    def _address_from(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        return read_url(config.get("CACHE_REDIS_URL") or "redis://127.0.0.1:6379/0")

    def _connect(self) -> Any:
        pool = Pool(  # type: ignore[no-untyped-call]  # redis-py's constructor
            timeout=self.call_seconds / 3, **self._options, **self._address
        )
        return redis.Redis.from_pool(pool)

    @property
    def _client(self) -> Any:
        # Made by the process that uses it, at first use: sockets do not survive a fork. Without a
        # lock, which a fork could leave locked for ever; a client too many does no harm.
        made = self._made
        if made is None:
            made = self._made = self._connect()
        return made

    def after_fork(self) -> None:
        """Leave the client to the parent process; its sockets are closed here, not ended."""
        self._made = None
        self._left = weakref.WeakSet()
        self._reading = weakref.WeakSet()

    def fetch(self, keys: Sequence[str]) -> list[bytes | None]:
        with within(self.call_seconds):
            connection = self._connection_to_read
            connection.send_command("MGET", *keys)
            values: list[bytes | None] = connection.read_response()
            return values

    @property
    def _connection_to_read(self) -> Any:
        """This thread's own: a page that waits for it should not wait for the books of a pool too,
        which cost more than the command. It ends with its thread.
        """
        client, known = self._client, getattr(self._threads, "known", None)
        if known is None or known[0] is not client:
            if known is not None:
                known[1].disconnect()
            pool = client.connection_pool
            known = client, pool.connection_class(**pool.connection_kwargs)
            self._threads.known = known
            self._reading.add(known[1])
        connection = known[1]
        if not connection.is_connected:
            connection.connect()
        try:
            # An answer that nobody waits for, or the end of what the server sends.
            is_used_up = connection.can_read()
        except (OSError, redis.RedisError):
            is_used_up = True
        if is_used_up:
            connection.disconnect()
        return connection

    def store(self, items: Mapping[str, tuple[bytes, int]]) -> None:
        with within(self.call_seconds):
            pipeline = self._client.pipeline(transaction=False)
            for key, (value, milliseconds) in items.items():
                pipeline.set(key, value, px=milliseconds)
            _raise_first(pipeline.execute(raise_on_error=False))

    def claim(self, keys: Sequence[str], token: bytes, milliseconds: int) -> list[bool]:
        replies = self._run(CLAIM_SCRIPT, keys, token, milliseconds)
        if len(replies) != len(keys):
            raise ProtocolError(f"{len(keys)} leases asked for, no such list received")
        return [reply == 1 for reply in replies]

    def renew(self, keys: Sequence[str], token: bytes, milliseconds: int) -> None:
        self._run(RENEW_SCRIPT, keys, token, milliseconds)

    def release(self, keys: Sequence[str], token: bytes) -> None:
        self._run(RELEASE_SCRIPT, keys, token)

    def _run(self, script: str, keys: Sequence[str], *values: bytes | int) -> list[Any]:
        """Run a script; what it answers for each key, if it answers that."""
        with within(self.call_seconds):
            replies = self._client.eval(script, len(keys), *keys, *values)
            return replies if isinstance(replies, list) else []

    def store_new(self, key: str, value: bytes, milliseconds: int) -> bool:
        with within(self.call_seconds):
            return bool(self._client.set(key, value, px=milliseconds, nx=True))

    def drop(self, keys: Sequence[str]) -> int:
        with within(self.call_seconds):
            return int(self._client.unlink(*keys))

    def kind_of(self, problem: Exception) -> Failure:
        return kind_of(problem)

    def reconnect(self) -> None:
        made, self._made = self._made, None
        if made is not None:
            # Only what is written with: a thread lets go of what it reads with at its next call,
            # and looks for the master, or at the nodes, with the old client until then.
            made.close()
            self._left.add(made)

    def close(self) -> None:
        made, self._made = self._made, None
        for connection in list(self._reading):
            connection.disconnect()
        for client in (*self._left, *((made,) if made is not None else ())):
            self._disconnect(client)

    def _disconnect(self, client: Any) -> None:
        client.close()


class BlockSentinelCache(BlockRedisCache):
    """`RedisSentinelCache`: the master that Sentinels name; also read from, or a page would miss
    what its own process has just stored."""

    @classmethod
    def _address_from(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        address = read_url(config.get("CACHE_REDIS_URL") or "redis://")
        address.pop("host", None)
        address.pop("port", None)
        address["sentinels"] = config.get("CACHE_REDIS_SENTINELS") or [("127.0.0.1", 26379)]
        address["master"] = config.get("CACHE_REDIS_SENTINEL_MASTER") or "mymaster"
        return address

    def _connect(self) -> Any:
        address = dict(self._address)
        kind = address.pop("connection_class")
        master = address.pop("master")
        named = {key: value for key, value in self._options.items() if key.startswith("sentinel_")}
        ours = {key: value for key, value in self._options.items() if key not in named}
        asking = {**ours, **{key.removeprefix("sentinel_"): value for key, value in named.items()}}
        manager = _Sentinels([])  # type: ignore[no-untyped-call]  # redis-py's constructor
        manager.sentinels = [
            redis.Redis.from_pool(
                Pool(  # type: ignore[no-untyped-call]  # redis-py's constructor
                    timeout=self.call_seconds / 3,
                    connection_class=BoundedConnection,
                    host=host,
                    port=int(port),
                    **asking,
                )
            )
            for host, port in address.pop("sentinels")
        ]
        pool: Any = _MasterPool(  # type: ignore[no-untyped-call]  # redis-py's constructor
            master,
            manager,
            connection_class=TO_MASTER[kind],
            timeout=self.call_seconds / 3,
            **ours,
            **address,
        )
        return redis.Redis.from_pool(pool)

    def _disconnect(self, client: Any) -> None:
        client.close()
        client.connection_pool.sentinel_manager.close()


class _Sentinels(Sentinel):
    """Servers that know the master.

    redis-py moves the one that answered to the front of its list. Two threads that do so in the
    same list at once can lose a server for good, so each moves in a copy.
    """

    def discover_master(self, service_name: str) -> tuple[str, int]:
        """Its host and port; raises `MasterNotFoundError`."""
        own = copy(self)
        own.sentinels = list(self.sentinels)
        found: tuple[str, int] = Sentinel.discover_master(own, service_name)
        self.sentinels = own.sentinels
        return found


class _MasterPool(SentinelConnectionPool, Pool):
    """A bounded pool whose connections lead to the master of the moment."""


class BlockClusterCache(BlockRedisCache):
    """`RedisClusterCache`: a cluster, by nodes in `CACHE_REDIS_CLUSTER`; keys of one call may lie
    in any slots."""

    @classmethod
    def _address_from(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        address = read_url(config.get("CACHE_REDIS_URL") or "redis://")
        nodes = [name.strip() for name in str(config.get("CACHE_REDIS_CLUSTER") or "").split(",")]
        pairs = [read_host(name, "CACHE_REDIS_CLUSTER") for name in nodes if name]
        if not pairs and "host" in address:
            pairs = [(address["host"], address.get("port", 6379))]
        if not pairs:
            raise ConfigError(
                "PORTAL_CACHE_REDIS_CLUSTER is empty: name some nodes as HOST:PORT,HOST:PORT"
            )
        for name in ("host", "port", "db"):
            address.pop(name, None)
        return {**address, "nodes": pairs}

    def _connect(self) -> Any:
        address = dict(self._address)
        nodes = address.pop("nodes")
        options = {key: value for key, value in self._options.items() if key != "retry"}
        host, port = nodes[0]
        # The address as URL as well, or redis-py would make pools of its own kind for the nodes.
        return redis.RedisCluster(
            url=f"redis://{host}:{port}",
            startup_nodes=[ClusterNode(*node) for node in nodes],
            connection_pool_class=Pool,
            timeout=self.call_seconds / 3,
            retry=self._options["retry"],
            require_full_coverage=False,
            **options,
            **address,
        )

    def fetch(self, keys: Sequence[str]) -> list[bytes | None]:
        with within(self.call_seconds):
            values: list[bytes | None] = self._client.mget_nonatomic(keys)
            return values

    def _run(self, script: str, keys: Sequence[str], *values: bytes | int) -> list[Any]:
        with within(self.call_seconds):
            pipeline = self._client.pipeline()
            for key in keys:
                # The method of that name refuses to work in the pipeline of a cluster.
                pipeline.execute_command("EVAL", script, 1, key, *values)
            replies = _raise_first(pipeline.execute(raise_on_error=False))
            return [reply[0] if isinstance(reply, list) and reply else 0 for reply in replies]

    def drop(self, keys: Sequence[str]) -> int:
        with within(self.call_seconds):
            pipeline = self._client.pipeline()
            for key in keys:
                pipeline.unlink(key)
            return sum(_raise_first(pipeline.execute(raise_on_error=False)))

    def _disconnect(self, client: Any) -> None:
        # Closing the client leaves the pools alone that we have chosen the class of.
        for node in client.get_nodes():
            if node.redis_connection is not None:
                node.redis_connection.connection_pool.disconnect()

    def probe_keys(self, prefix: str) -> tuple[str, ...]:
        client = self._client
        nodes = len(client.get_primaries())
        found: dict[str, str] = {}
        for number in range(100 * nodes):
            key = f"{prefix}probe:{number}"
            found.setdefault(client.get_node_from_key(key).name, key)
            if len(found) == nodes:
                break
        return tuple(found.values())


def _raise_first(replies: list[Any]) -> list[Any]:
    for reply in replies:
        if isinstance(reply, Exception):
            raise reply
    return replies


def read_url(url: str) -> dict[str, Any]:
    """What an address says about connections. Raises `ConfigError` without printing a password."""
    try:
        address: dict[str, Any] = parse_url(url)
    except ValueError as problem:
        raise ConfigError(
            f"PORTAL_CACHE_REDIS_URL cannot be used: {problem}; write redis://HOST:PORT/DATABASE,"
            " rediss://USER:PASSWORD@HOST:PORT/DATABASE or unix:///PATH"
        ) from None
    address["connection_class"] = BOUNDED[address.get("connection_class", Connection)]
    return address
