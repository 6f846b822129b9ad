"""What readers notice when Redis breaks under a deployed server: nothing.

Real processes: `portal serve` with two workers on a PostgreSQL and a Redis of the test's own, and
readers who ask all the time. Sized for the test run; `make prove` repeats each fault twenty times
under ten thousand requests (FAULT_REPEATS, FAULT_REQUESTS).
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import pytest
import redis

from tests.operation.load import Stack
from tests.operation.load import bear
from tests.operation.load import edit
from tests.operation.load import run_portal
from tests.operation.running import RunningServer
from tests.operation.running import wait_until
from tests.servers import RedisServer
from tests.servers import run_sentinel

DOWN_SECONDS = 1.0
"""How long something that is stopped stays away."""


@pytest.fixture(scope="module")
def server(stack: Stack) -> Iterator[RunningServer]:
    """Two workers, as `portal serve` starts them."""
    with run_portal(stack) as server:
        yield server


def test_redis_is_killed(stack: Stack, server: RunningServer):
    """And comes back empty."""

    def fault() -> None:
        stack.redis.end(signal.SIGKILL)
        time.sleep(DOWN_SECONDS)
        stack.redis.start()

    assert bear("Redis killed", server.port, fault).lost == []


def test_redis_stands_still(stack: Stack, server: RunningServer):
    """It keeps every connection and answers none."""

    def fault() -> None:
        stack.redis.freeze()
        time.sleep(DOWN_SECONDS)
        stack.redis.thaw()

    assert bear("Redis stopped", server.port, fault).lost == []


def test_redis_fails_over(stack: Stack):
    """The master hangs, its replica takes over, and the old one comes back as a replica of it."""
    with run_sentinel() as group:
        servers = [group.master, group.replica]

        def fault() -> None:
            old, new = servers
            old.process.send_signal(signal.SIGSTOP)
            try:
                wait_until(lambda: master_of(group.sentinel) == new.port)
                time.sleep(DOWN_SECONDS)
            finally:
                old.process.send_signal(signal.SIGCONT)
            wait_until(lambda: follows(old, new))
            servers.reverse()

        settings = {
            "CACHE_TYPE": "RedisSentinelCache",
            "CACHE_REDIS_URL": "",
            "CACHE_REDIS_SENTINELS": f"127.0.0.1:{group.sentinel.port}",
        }
        with run_portal(stack, **settings) as server:
            load = bear("Redis failed over", server.port, fault)
            assert load.lost == []
            # What is rendered from now on is shared by the new master.
            with redis.Redis(port=servers[0].port) as client:
                client.flushall()
                wait_until(lambda: is_shared(stack, server, client))


def master_of(sentinel: RedisServer) -> int:
    """The port of the server that is the master by now."""
    with redis.Redis(port=sentinel.port, decode_responses=True) as client:
        found = client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster")
        return int(found[1])


def follows(old: RedisServer, new: RedisServer) -> bool:
    """Whether a server has become a replica that is up to date."""
    with redis.Redis(port=old.port) as client:
        told = client.info("replication")
    return (
        told["role"] == "slave"
        and told["master_port"] == new.port
        and told["master_link_status"] == "up"
    )


def is_shared(stack: Stack, server: RunningServer, client: redis.Redis) -> bool:
    """Whether what a server renders after an edit is in Redis."""
    edit(stack, f"sửa {time.monotonic_ns()}")
    assert server.ask("/").status == 200
    return bool(client.dbsize())
