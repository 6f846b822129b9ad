"""Redis in every kind of trouble: no exception, a bounded delay, and back again afterwards.

Time is bounded by design (four calls of 60 ms for a page); `LIMIT` is what a busy machine may add.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from portal.cache.breaker import FAILURES
from portal.cache.entry import Entry
from portal.cache.redis_tier import BlockCache
from portal.cache.redis_tier import SharedTier
from portal.cache.redis_tier.servers import BlockClusterCache
from portal.cache.redis_tier.servers import BlockSentinelCache
from portal.cache.sealing import Sealer
from portal.content.stamps import Stamp
from tests.integration.cache.conftest import PATIENT
from tests.integration.cache.conftest import backend_at
from tests.proxies import TroubledProxy
from tests.servers import RedisServer
from tests.servers import run_cluster
from tests.servers import run_redis
from tests.servers import run_sentinel

ENTRY = Entry(Stamp("e", 4), frozenset({"article:7"}), 0.0, 60.0, 86_400.0, "d", b"<p>" * 400)
KEYS = [f"k{number}" for number in range(11)]
LIMIT = 4.0
"""Seconds for everything that one page asks of a Redis that does not answer; 0.25 when idle."""


@contextmanager
def tier_over(backend: BlockCache) -> Iterator[SharedTier]:
    tier = SharedTier(backend, Sealer("s" * 32), prefix="site:")
    try:
        yield tier
    finally:
        tier.close()


def view_page(tier: SharedTier) -> int:
    """What a page of eleven misses asks of the tier; how many packs it got."""
    found = tier.get_many("e", KEYS)
    missing = [key for key in KEYS if key not in found]
    if missing:
        claimed = tier.claim("e", missing, 3000)
        tier.set_many("e", {key: [ENTRY] for key in missing}, 0.0)
        tier.release("e", sorted(claimed))
    return len(found)


def view_in_time(tier: SharedTier) -> int:
    started = time.monotonic()
    found = view_page(tier)
    assert time.monotonic() - started < LIMIT
    return found


def errors(tier: SharedTier) -> dict[str, int]:
    return {name: count for name, count in tier.statistics().items() if name.startswith("error_")}


def wait_until(is_so: Callable[[], bool], seconds: float = 15) -> None:
    """Servers and the probe's thread keep their own time."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end


def recovers(tier: SharedTier) -> None:
    """The background probe closes the breakers, and pages hit again."""
    wait_until(lambda: tier.is_available)
    wait_until(lambda: view_page(tier) == len(KEYS))


Trouble = Callable[[TroubledProxy], None]


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (lambda proxy: proxy.refuse(), "connection"),
        (lambda proxy: proxy.swallow(), "timeout"),
        (lambda proxy: proxy.delay(0.5), "timeout"),
        (lambda proxy: proxy.drip(0.02), "timeout"),
        (lambda proxy: proxy.end_after(0), "connection"),
        (lambda proxy: proxy.end_after(700), "connection"),
        (lambda proxy: proxy.stall_after(700), "timeout"),
        (lambda proxy: proxy.answer(b"-LOADING Redis is loading the dataset\r\n"), "loading"),
        (lambda proxy: proxy.answer(b"-BUSY a script is running\r\n"), "busy"),
        (lambda proxy: proxy.answer(b"-NOAUTH Authentication required.\r\n"), "refused_login"),
        (lambda proxy: proxy.answer(b"-MASTERDOWN Link is down\r\n"), "cluster"),
        (lambda proxy: proxy.answer(b"-ERR max number of clients reached\r\n"), "connection"),
        (lambda proxy: proxy.answer(b":7\r\n"), "protocol"),
        (lambda proxy: proxy.answer(b"*1\r\n$1\r\nx\r\n"), "protocol"),
        (lambda proxy: proxy.answer(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "protocol"),
    ],
    ids=[
        "reset",
        "half-open",
        "slow",
        "dripping",
        "ended",
        "ended-within",
        "stalled-within",
        "loading",
        "busy",
        "no-auth",
        "master-down",
        "too-many-clients",
        "number",
        "short-list",
        "not-redis",
    ],
)
def test_pages_go_on_in_time_without_a_troubled_redis(
    proxy: TroubledProxy, trouble: Trouble, kind: str
):
    """Three failures at most, then nothing reaches the network until a probe gets through."""
    options = {} if kind == "timeout" else PATIENT
    with tier_over(backend_at(proxy.url, **options)) as tier:
        wait_until(lambda: view_page(tier) == len(KEYS))
        before = tier.statistics()
        trouble(proxy)
        for _ in range(3):
            assert view_in_time(tier) == 0
        name = f"error_{kind}"
        assert set(errors(tier)) == {name}
        assert 1 <= errors(tier)[name] - before.get(name, 0) <= FAILURES
        assert tier.statistics()["breaker_opened"] == before["breaker_opened"] + 1
        proxy.behave()
        recovers(tier)


def test_an_open_breaker_asks_nothing_and_claims_everything(proxy: TroubledProxy):
    """Everybody renders; a page costs microseconds."""
    with tier_over(backend_at(proxy.url)) as tier:
        proxy.swallow()
        wait_until(lambda: view_page(tier) == 0 and not tier.is_available)
        before = tier.statistics()["skipped"]
        assert tier.claim("e", KEYS, 1000) == set(KEYS)
        costs = []
        for _ in range(1000):
            started = time.perf_counter()
            assert tier.get_many("e", KEYS) == {}
            costs.append(time.perf_counter() - started)
        assert min(costs) < 50e-6
        assert tier.statistics()["skipped"] == before + 1001
        assert sum(errors(tier).values()) <= FAILURES


def test_a_redis_that_was_never_there_is_noticed_once():
    """Refused connections, from the first page on."""
    with run_redis() as server:
        url = server.url
    with tier_over(backend_at(url, **PATIENT)) as tier:
        assert [view_in_time(tier) for _ in range(5)] == [0] * 5
        assert errors(tier) == {"error_connection": FAILURES}
        assert not tier.probe_once()


def test_a_stopped_redis_is_left_alone_until_it_goes_on():
    """SIGSTOP: the kernel still accepts connections and data; nothing answers."""
    with run_redis() as server, tier_over(backend_at(server.url)) as tier:
        wait_until(lambda: view_page(tier) == len(KEYS))
        os.kill(server.process.pid, signal.SIGSTOP)
        try:
            for _ in range(3):
                assert view_in_time(tier) == 0
            assert set(errors(tier)) == {"error_timeout"}
            assert not tier.is_available
        finally:
            os.kill(server.process.pid, signal.SIGCONT)
        recovers(tier)


def test_a_killed_redis_opens_the_breaker_with_the_first_page():
    """Connections that the kernel has already closed fail at once."""
    with run_redis() as server, tier_over(backend_at(server.url, **PATIENT)) as tier:
        view_page(tier)
        server.process.kill()
        server.process.wait()
        assert view_in_time(tier) == 0
        assert errors(tier) == {"error_connection": FAILURES}
        assert not tier.is_available


def test_a_wrong_password_opens_the_breaker():
    """Not one login per page."""
    with run_redis("--requirepass", "right") as server:
        for url, right in (("wrong", False), ("right", True)):
            address = f"redis://:{url}@127.0.0.1:{server.port}/0"
            with tier_over(backend_at(address, **PATIENT)) as tier:
                view_in_time(tier)
                assert view_in_time(tier) == (len(KEYS) if right else 0)
                assert errors(tier) == ({} if right else {"error_refused_login": FAILURES})


def test_a_user_that_may_only_touch_the_portals_keys_is_enough(
    redis_server: RedisServer, client: redis.Redis
):
    """The least rights an operator can grant: our prefix, our five commands."""
    client.execute_command(
        *"ACL SETUSER portal on >pass ~site:* +mget +set +eval +get +del +unlink".split()
    )
    address = f"redis://portal:pass@127.0.0.1:{redis_server.port}/0"
    try:
        with tier_over(backend_at(address, **PATIENT)) as tier:
            assert [view_page(tier), view_page(tier)] == [0, len(KEYS)]
            assert tier.probe_once()
            assert errors(tier) == {}
    finally:
        client.execute_command("ACL", "DELUSER", "portal")


def refuse_memory(server: RedisServer, client: redis.Redis) -> None:
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", "1")


def refuse_as_replica(server: RedisServer, client: redis.Redis) -> None:
    client.replicaof("127.0.0.1", 1)


def refuse_unsaved(server: RedisServer, client: redis.Redis) -> None:
    # Saving fails because a folder has the name of the file, for root as well.
    folder = Path(client.config_get("dir")["dir"]) / "taken"
    folder.mkdir()
    (folder / "inside").touch()
    client.config_set("save", "1 1")
    client.bgsave()
    wait_until(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err")


def mend(client: redis.Redis) -> None:
    client.config_set("maxmemory", "0")
    client.config_set("stop-writes-on-bgsave-error", "no")
    client.replicaof("NO", "ONE")


@pytest.mark.parametrize(
    ("refuse", "kind"),
    [
        (refuse_memory, "out_of_memory"),
        (refuse_as_replica, "read_only"),
        (refuse_unsaved, "not_saving"),
    ],
    ids=["out-of-memory", "read-only-replica", "cannot-save"],
)
def test_a_redis_that_refuses_writes_is_still_read_from(
    refuse: Callable[[RedisServer, redis.Redis], None], kind: str
):
    """Only writing is given up, and taken up again when the server takes something."""
    with (
        run_redis("--dbfilename", "taken") as server,
        redis.Redis(port=server.port) as client,
        tier_over(backend_at(server.url, **PATIENT)) as tier,
    ):
        view_page(tier)
        refuse(server, client)
        for _ in range(FAILURES + 2):
            assert tier.claim("e", ["new"], 1000) == {"new"}
            tier.set_many("e", {"new": [ENTRY]}, 0.0)
            assert len(tier.get_many("e", KEYS)) == len(KEYS)
        assert errors(tier) == {f"error_{kind}": FAILURES}
        counts = tier.statistics()
        assert (counts["breaker_opened"], counts["write_breaker_opened"]) == (0, 1)
        assert tier.is_available
        mend(client)
        wait_until(tier.probe_once)
        tier.set_many("e", {"new": [ENTRY]}, 0.0)
        assert tier.get_many("e", ["new"]) == {"new": (ENTRY,)}


def test_a_long_script_makes_redis_busy_and_pages_do_without(
    redis_server: RedisServer, client: redis.Redis
):
    """First it does not answer at all, then it answers BUSY."""
    client.config_set("busy-reply-threshold", "1")
    endless = threading.Thread(target=run_endless_script, args=(redis_server.port,))
    with tier_over(backend_at(redis_server.url)) as tier:
        view_page(tier)
        endless.start()
        try:
            wait_until(lambda: bool(view_in_time(tier) == 0 and not tier.is_available))
            assert set(errors(tier)) <= {"error_busy", "error_timeout"}
        finally:
            wait_until(lambda: killed(client))
            endless.join(10)
        recovers(tier)


def run_endless_script(port: int) -> None:
    with redis.Redis(port=port) as client, pytest.raises(redis.ResponseError, match="killed"):
        client.eval("while true do end", 0)


def killed(client: redis.Redis) -> bool:
    try:
        return bool(client.script_kill())
    except redis.ResponseError:
        return False


def test_planted_values_are_misses_and_no_failures(client: redis.Redis, redis_server: RedisServer):
    """Other types, other programs' values, pickles, damaged and swapped packs."""
    with tier_over(backend_at(redis_server.url, **PATIENT)) as tier:
        view_page(tier)
        names = sorted(client.keys("site:*"))
        assert len(names) == len(KEYS)
        client.delete(names[0])
        client.hset(names[0], "a", "b")
        client.set(names[1], b"!\x80\x04K\x01.")
        client.setrange(names[2], 700, b"XX")
        client.set(names[3], client.get(names[4]))
        client.set(names[5], client.getrange(names[5], 0, 500))
        client.set(names[6], bytes(5_000_000))
        assert view_page(tier) == len(KEYS) - 6
        counts = tier.statistics()
        assert (counts["forged"], counts["foreign"], counts["truncated"]) == (2, 2, 1)
        assert errors(tier) == {}
        assert view_page(tier) == len(KEYS)


def test_replies_that_belong_to_other_requests_show_nothing_foreign(proxy: TroubledProxy):
    """Everything that comes out is what was stored under that very key, at some time."""
    with tier_over(backend_at(proxy.url)) as tier:
        stored = {}
        for number in range(20):
            key = f"key{number}"
            stored[key] = Entry(Stamp("e", number), frozenset(), 0.0, 1.0, 9e4, key, b"x")
            tier.set_many("e", {key: [stored[key]]}, 0.0)
            tier.get_many("e", [key])
        proxy.replay()
        for key in [*stored] * 2:
            for found, entries in tier.get_many("e", [key]).items():
                assert entries == (stored[found],)
            tier.probe_once()
        proxy.behave()
        proxy.reset()
        wait_until(lambda: tier.get_many("e", [*stored]) == {k: (v,) for k, v in stored.items()})


def test_many_threads_lose_no_more_than_one_wait_each(proxy: TroubledProxy):
    """Calls that are under way when Redis hangs each end in time; the breaker opens once."""
    with tier_over(backend_at(proxy.url)) as tier:
        view_page(tier)
        proxy.swallow()
        worst: list[float] = []
        begin = threading.Barrier(16)

        def read() -> None:
            begin.wait()
            started = time.monotonic()
            view_page(tier)
            worst.append(time.monotonic() - started)

        threads = [threading.Thread(target=read) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(worst) == 16
        assert max(worst) < LIMIT
        assert tier.statistics()["breaker_opened"] == 1


def test_a_forked_process_begins_with_a_closed_breaker(proxy: TroubledProxy):
    """Threads do not survive a fork; a child with an open breaker would never close it."""
    with tier_over(backend_at(proxy.url)) as tier:
        proxy.swallow()
        view_page(tier)
        assert not tier.is_available
        proxy.behave()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = 0 if tier.is_available and view_page(tier) >= 0 else 2
                code = code or (0 if view_page(tier) == len(KEYS) else 3)
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_failover_by_sentinel_is_followed():
    """The master is killed; pages go on, and meet the new master when Sentinel has chosen it."""
    with run_sentinel() as group:
        config = {"CACHE_REDIS_SENTINELS": [("127.0.0.1", group.sentinel.port)]}
        with tier_over(BlockSentinelCache.factory(None, config, [], {})) as tier:
            wait_until(lambda: view_page(tier) == len(KEYS))
            group.master.process.kill()
            group.master.process.wait()
            for _ in range(3):
                view_in_time(tier)
            assert not tier.is_available
            recovers(tier)
            with redis.Redis(port=group.replica.port) as replica:
                assert replica.info("replication")["role"] == "master"


def test_a_cluster_that_loses_a_third_is_left_alone_in_time():
    """Keys lie on all masters, so a page needs all of them."""
    with run_cluster() as servers:
        config = {"CACHE_REDIS_CLUSTER": f"127.0.0.1:{servers[0].port}"}
        with tier_over(BlockClusterCache.factory(None, config, [], {})) as tier:
            wait_until(lambda: view_page(tier) == len(KEYS))
            os.kill(servers[2].process.pid, signal.SIGSTOP)
            try:
                for _ in range(3):
                    view_in_time(tier)
                assert not tier.is_available
            finally:
                os.kill(servers[2].process.pid, signal.SIGCONT)
            recovers(tier)
