"""What every cache backend keeps to: one class of tests, run on each kind of server."""

from __future__ import annotations

import gc
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import UnsupportedOperation

import pytest
import redis
from redis.connection import AbstractConnection
from redis.connection import ConnectionPool

from portal.cache.redis_tier import BlockCache
from portal.cache.redis_tier import BlockNullCache
from portal.cache.redis_tier import BlockSimpleCache
from portal.cache.redis_tier.connections import BoundedConnection
from portal.cache.redis_tier.connections import BoundedMasterConnection
from portal.cache.redis_tier.connections import BoundedPlain
from portal.cache.redis_tier.connections import BoundedUnixConnection
from portal.cache.redis_tier.connections import Pool
from portal.cache.redis_tier.servers import BlockClusterCache
from portal.cache.redis_tier.servers import BlockSentinelCache
from tests.integration.cache.conftest import PATIENT
from tests.integration.cache.conftest import backend_at
from tests.servers import RedisServer
from tests.servers import SentinelGroup

BINARY = (b"", b"\x00\r\n$-1\r\n*0\r\n", bytes(range(256)), b"\xff" * 100_000, b"!cos\nsystem\n")
KEYS = tuple(f"key:{number}" for number in range(len(BINARY)))


class Contract:
    """Any backend that keeps what it is given; each class below has one as its `backend`."""

    reconnections = 100

    def test_bytes_come_back_as_they_were(self, backend: BlockCache):
        """Nothing is added, decoded or unpickled; the order is that of the keys."""
        backend.store(dict(zip(KEYS, ((value, 10_000) for value in BINARY), strict=True)))
        assert backend.fetch(KEYS) == list(BINARY)
        assert backend.fetch([*reversed(KEYS), "none"]) == [*reversed(BINARY), None]

    def test_a_later_value_replaces_an_earlier_one(self, backend: BlockCache):
        """Of any kind."""
        backend.store({"k": (b"one", 10_000)})
        backend.store({"k": (b"two", 10_000)})
        assert backend.fetch(["k"]) == [b"two"]

    def test_values_are_gone_after_their_milliseconds(self, backend: BlockCache):
        """Each for its own time, below a second too."""
        backend.store({"short": (b"x", 1), "long": (b"y", 60_000)})
        wait_until(lambda: backend.fetch(["short", "long"]) == [None, b"y"])

    def test_one_claim_wins_and_only_its_token_releases(self, backend: BlockCache):
        """Compare and delete."""
        assert backend.claim(["a", "b"], b"one", 60_000) == [True, True]
        assert backend.claim(["b", "c"], b"two", 60_000) == [False, True]
        backend.release(["a", "b", "c"], b"two")
        assert backend.fetch(["a", "b", "c"]) == [b"one", b"one", None]
        backend.release(["a", "b"], b"one")
        assert backend.claim(["a", "b"], b"three", 60_000) == [True, True]

    def test_a_claim_lives_on_while_its_holder_renews_it(self, backend: BlockCache):
        """Only by its own token: compare and prolong."""
        backend.claim(["a", "b"], b"one", 200)
        backend.renew(["a"], b"one", 60_000)
        backend.renew(["b"], b"two", 60_000)
        wait_until(lambda: backend.fetch(["a", "b"]) == [b"one", None])

    def test_what_lives_longer_than_any_lease_is_none(self, backend: BlockCache):
        """Left or planted there: nobody is behind it, so nobody waits for it."""
        backend.store({"planted": (b"x", 60_000)})
        assert backend.claim(["planted"], b"one", 1000) == [True]
        assert backend.claim(["planted"], b"two", 1000) == [False]

    def test_a_claim_runs_out(self, backend: BlockCache):
        """A holder that died does not hold for ever."""
        backend.claim(["a"], b"one", 1)
        wait_until(lambda: backend.claim(["a"], b"two", 60_000) == [True])

    def test_flask_cachings_interface_takes_the_prefix_and_bytes_only(self, backend: BlockCache):
        """What an installed block may use through `Cache`."""
        backend.key_prefix = "site:"
        assert backend.set("k", b"v", timeout=60)
        assert backend.fetch(["site:k", "k"]) == [b"v", None]
        assert backend.get("k") == b"v"
        assert backend.has("k")
        assert backend.add("k", b"w") is False
        assert backend.add("l", b"w") is True
        assert backend.set_many({"m": b"1", "n": b"2"}) == ["m", "n"]
        assert backend.get_many("k", "l", "m", "none") == [b"v", b"w", b"1", None]
        assert backend.get_many() == []
        assert backend.get_dict("k") == {"k": b"v"}
        assert backend.delete("k") is True
        assert backend.delete("k") is False
        assert backend.delete_many("l", "m") == ["l", "m"]
        assert backend.get_many("k", "l", "m", "n") == [None, None, None, b"2"]
        with pytest.raises(TypeError, match="stores bytes, not str"):
            backend.set("k", "text")
        with pytest.raises(ValueError, match="lifetime"):
            backend.set("k", b"v", timeout=0)

    def test_making_connections_anew_breaks_off_nobodys_reading(self, backend: BlockCache):
        """Not that of other threads either, however often."""
        done = threading.Event()
        backend.store({"k": (b"v", 60_000)})

        def read() -> set[bytes | None]:
            found: set[bytes | None] = set()
            while not done.is_set():
                found.update(backend.fetch(["k"]))
            return found

        with ThreadPoolExecutor(3) as pool:
            readers = [pool.submit(read) for _ in range(3)]
            try:
                for _ in range(self.reconnections):
                    backend.reconnect()
                    backend.fetch(["k"])
            finally:
                done.set()
            assert [reader.result() for reader in readers] == [{b"v"}] * 3

    def test_closing_ends_what_was_left_behind_by_making_connections_anew(
        self, backend: BlockCache
    ):
        """Whoever still holds an old client holds no socket by it."""
        gc.collect()
        before = sockets()
        clients = []
        for _ in range(5):
            backend.store({"k": (b"v", 60_000)})
            assert backend.fetch(["k"]) == [b"v"]
            clients.append(getattr(backend, "_made", None))
            backend.reconnect()
        backend.close()
        assert sockets() <= before

    def test_nothing_clears_a_shared_server(self, backend: BlockCache):
        """The error names the command that does what is wanted."""
        with pytest.raises(UnsupportedOperation, match="portal cache purge --all"):
            backend.clear()


def sockets() -> int:
    """How many this process has open."""
    opened = (os.path.join("/proc/self/fd", name) for name in os.listdir("/proc/self/fd"))
    return sum(os.readlink(name).startswith("socket") for name in opened if os.path.islink(name))


def wait_until(is_so: Callable[[], bool]) -> None:
    """Redis keeps its own time."""
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end


class TestSimple(Contract):
    """A dictionary of the process."""

    @pytest.fixture
    def backend(self) -> BlockCache:
        return BlockSimpleCache()

    def test_it_holds_no_more_than_its_threshold(self):
        """The values stored longest ago leave."""
        backend = BlockSimpleCache(threshold=2)
        for key in "abc":
            backend.store({key: (b"x", 1000)})
        assert backend.fetch(["a", "b", "c"]) == [None, b"x", b"x"]


class TestRedis(Contract):
    """One server."""

    @pytest.fixture
    def backend(self, redis_server: RedisServer, client: redis.Redis) -> Iterator[BlockCache]:
        backend = backend_at(redis_server.url, **PATIENT)
        yield backend
        backend.close()

    def test_a_page_costs_one_command_to_read_and_one_trip_to_write(
        self, backend: BlockCache, client: redis.Redis
    ):
        """Counted by the server: one MGET, a SET per pack, no MULTI, no introduction."""
        backend.fetch(["warm"])
        client.config_resetstat()
        backend.fetch([f"k{number}" for number in range(11)])
        backend.store({f"k{number}": (b"x", 1000) for number in range(11)})
        backend.claim(["l1", "l2"], b"t", 1000)
        backend.release(["l1", "l2"], b"t")
        calls = {
            name.removeprefix("cmdstat_"): row["calls"]
            for name, row in client.info("commandstats").items()
        }
        calls.pop("config|resetstat", None)
        assert calls == {"mget": 1, "set": 13, "eval": 2, "get": 2, "del": 2}

    def test_connecting_takes_no_further_commands(self, backend: BlockCache, client: redis.Redis):
        """No HELLO, no CLIENT SETINFO, no SELECT of the first database."""
        client.config_resetstat()
        backend.fetch(["k"])
        assert set(client.info("commandstats")) <= {
            "cmdstat_mget",
            "cmdstat_config|resetstat",
        }

    def test_keys_of_other_types_read_as_missing(self, backend: BlockCache, client: redis.Redis):
        """Planted hashes, lists, sets and streams; a store or a lease replaces them."""
        client.hset("hash", "a", "b")
        client.rpush("list", "a")
        client.sadd("set", "a")
        client.xadd("stream", {"a": "b"})
        backend.store({"k": (b"v", 10_000)})
        assert (
            backend.fetch(["hash", "list", "k", "set", "stream"]) == [None, None, b"v"] + [None] * 2
        )
        backend.renew(["list", "hash"], b"t", 1000)
        backend.release(["list", "hash"], b"t")
        assert client.type("list") == b"list"
        assert backend.claim(["list"], b"t", 1000) == [True]
        assert client.get("list") == b"t"
        backend.store({"hash": (b"v", 10_000)})
        assert backend.fetch(["hash"]) == [b"v"]

    def test_a_child_process_makes_connections_of_its_own(
        self, backend: BlockCache, client: redis.Redis
    ):
        """Parent and child talk to the server at the same time and never share a socket."""
        backend.store({"k": (b"parent", 60_000)})
        assert backend.fetch(["k"]) == [b"parent"]
        addresses = {row["addr"] for row in client.client_list()}
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                backend.store({"child": (b"child", 60_000)})
                os.write(writer, b",".join(backend.fetch(["k", "child"])))
                code = 0
            finally:
                os._exit(code)
        assert backend.fetch(["k"]) == [b"parent"]
        assert os.read(reader, 100) == b"parent,child"
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        os.close(reader)
        os.close(writer)
        assert backend.fetch(["child"]) == [b"child"]
        assert {row["addr"] for row in client.client_list()} == addresses

    def test_each_thread_reads_over_a_connection_of_its_own(
        self, backend: BlockCache, client: redis.Redis
    ):
        """It ends with the thread, and with the backend."""
        backend.store({"k": (b"value", 60_000)})
        before = len(client.client_list())
        both = threading.Barrier(3)

        def read() -> None:
            assert backend.fetch(["k"]) == [b"value"]
            both.wait(30)
            both.wait(30)

        with ThreadPoolExecutor(2) as pool:
            readers = [pool.submit(read) for _ in range(2)]
            both.wait(30)
            assert len(client.client_list()) == before + 2
            both.wait(30)
            for reader in readers:
                reader.result()
        await_clients(client, before)
        assert backend.fetch(["k"]) == [b"value"]
        backend.close()
        await_clients(client, 1)

    def test_an_answer_that_nobody_waited_for_is_given_to_nobody(
        self, backend: BlockCache, client: redis.Redis
    ):
        """Nor is one whose call had no time left."""
        backend.store({"k": (b"value", 60_000), "other": (b"other", 60_000)})
        assert backend.fetch(["k"]) == [b"value"]
        reading = backend._threads.known[1]
        reading._sock._socket.sendall(b"GET other\r\n")
        await_answer(reading._sock._socket)
        assert backend.fetch(["k"]) == [b"value"]

    def test_an_answer_that_came_along_with_another_one_is_given_to_nobody(
        self, backend: BlockCache, client: redis.Redis
    ):
        """It waits in the reader's buffer, and nothing on the socket tells of it."""
        backend.store({"k": (b"value", 60_000), "other": (b"other", 60_000)})
        assert backend.fetch(["k"]) == [b"value"]
        reading = backend._threads.known[1]
        reading.send_packed_command([b"MGET k\r\nGET other\r\n"])
        await_answer(reading._sock._socket)
        await_bytes(reading._sock._socket, len(b"*1\r\n$5\r\nvalue\r\n$5\r\nother\r\n"))
        assert reading.read_response() == [b"value"]
        assert backend.fetch(["k"]) == [b"value"]

    def test_a_connection_that_the_server_ended_is_made_anew(
        self, backend: BlockCache, client: redis.Redis
    ):
        backend.store({"k": (b"value", 60_000)})
        assert backend.fetch(["k"]) == [b"value"]
        for row in client.client_list():
            if row["id"] != str(client.client_id()):
                client.client_kill_filter(_id=row["id"])
        await_answer(backend._threads.known[1]._sock._socket)
        assert backend.fetch(["k"]) == [b"value"]


def test_the_pool_replaces_a_method_that_redis_py_has():
    """Otherwise it would only seem to save the calls."""
    assert "_checkpid" in vars(ConnectionPool)
    assert Pool._checkpid is not ConnectionPool._checkpid


def test_connections_replace_a_method_that_redis_py_has():
    """Otherwise the question before each read would only seem to be the short one."""
    assert "can_read" in vars(AbstractConnection)
    for kind in (BoundedConnection, BoundedUnixConnection, BoundedMasterConnection):
        assert kind.can_read is BoundedPlain.can_read


def await_clients(client: redis.Redis, number: int) -> None:
    """Until the server has so many clients."""
    end = time.monotonic() + 20
    while len(client.client_list()) != number:
        assert time.monotonic() < end, client.client_list()
        time.sleep(0.01)


def await_answer(connected: socket.socket) -> None:
    """Until something has come from the server, or its end."""
    answers = select.poll()
    answers.register(connected, select.POLLIN)
    assert answers.poll(20_000)


def await_bytes(connected: socket.socket, number: int) -> None:
    """Until so many bytes have come from the server; they stay where they are."""
    end = time.monotonic() + 20
    while len(connected.recv(number + 1, socket.MSG_PEEK)) < number:
        assert time.monotonic() < end
        time.sleep(0.001)


class TestUnixSocket(Contract):
    """One server by its socket."""

    @pytest.fixture
    def backend(self, redis_server: RedisServer, client: redis.Redis) -> Iterator[BlockCache]:
        backend = backend_at(f"unix://{redis_server.socket}", **PATIENT)
        yield backend
        backend.close()


class TestSentinel(Contract):
    """The master that a Sentinel names."""

    @pytest.fixture
    def backend(self, redis_sentinel: SentinelGroup) -> Iterator[BlockCache]:
        with redis.Redis(port=redis_sentinel.master.port) as master:
            master.flushall()
        sentinels = [("127.0.0.1", 1), ("127.0.0.1", redis_sentinel.sentinel.port)]
        config = {"CACHE_REDIS_SENTINELS": sentinels, "CACHE_OPTIONS": PATIENT}
        backend = BlockSentinelCache.factory(None, config, [], {})
        yield backend
        backend.close()

    def test_values_are_read_from_the_master(
        self, backend: BlockCache, redis_sentinel: SentinelGroup
    ):
        """A replica may be behind what this process has just stored."""
        with redis.Redis(port=redis_sentinel.replica.port) as replica:
            replica.config_resetstat()
            backend.store({"k": (b"v", 10_000)})
            assert backend.fetch(["k"]) == [b"v"]
            assert "cmdstat_mget" not in replica.info("commandstats")


class TestValkey(Contract):
    """Valkey instead of Redis: the same commands, the same answers."""

    @pytest.fixture
    def backend(self, valkey_server: RedisServer) -> Iterator[BlockCache]:
        with redis.Redis(port=valkey_server.port) as client:
            client.flushall()
        backend = backend_at(valkey_server.url, **PATIENT)
        yield backend
        backend.close()


class TestCluster(Contract):
    """Three masters; the keys of a page lie anywhere."""

    reconnections = 5  # each new client asks every node for its slots

    @pytest.fixture
    def backend(self, redis_cluster: tuple[RedisServer, ...]) -> Iterator[BlockCache]:
        for server in redis_cluster:
            with redis.Redis(port=server.port) as client:
                client.flushall()
        nodes = ",".join(f"127.0.0.1:{server.port}" for server in redis_cluster)
        config = {"CACHE_REDIS_CLUSTER": nodes, "CACHE_OPTIONS": PATIENT}
        backend = BlockClusterCache.factory(None, config, [], {})
        yield backend
        backend.close()

    def test_a_probe_reaches_every_master(
        self, backend: BlockCache, redis_cluster: tuple[RedisServer, ...]
    ):
        """Or a dead third of the keys would go unnoticed."""
        keys = backend.probe_keys("site:")
        assert len(keys) == 3
        backend.store({key: (b"x", 10_000) for key in keys})
        for server in redis_cluster:
            with redis.Redis(port=server.port) as client:
                assert client.dbsize() == 1


def test_null_keeps_nothing_and_lets_everybody_claim():
    """`NullCache` stores nothing and stands in nobody's way."""
    backend = BlockNullCache()
    backend.store({"k": (b"v", 1000)})
    assert backend.fetch(["k", "l"]) == [None, None]
    assert backend.claim(["k"], b"t", 1000) == [True]
    assert backend.claim(["k"], b"t", 1000) == [True]
    backend.release(["k"], b"t")
    assert backend.delete("k") is False
