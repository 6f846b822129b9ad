"""Pages while Redis is in trouble: the right bytes, in time, and Redis in use again afterwards.

Bound: 250 ms for all that a reader waits because of Redis, its answers and leases of nobody
(`tests/unit/compose/test_waiting.py` counts it by a clock).
`SLACK` is what a busy machine may add to it.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import contextmanager
from typing import Any

import pytest
import redis
from flask import Flask

from portal.cache.redis_tier.connections import CALL_SECONDS
from portal.cache.sealing import Sealer
from portal.compose import PageRequest
from portal.compose.waiting import LEASE_MILLISECONDS
from portal.compose.waiting import PATIENCE_SECONDS
from tests.integration.trouble.newspaper import Newspaper
from tests.integration.trouble.newspaper import assert_nothing_is_held
from tests.integration.trouble.newspaper import at_most
from tests.integration.trouble.newspaper import listed
from tests.integration.trouble.newspaper import portal_of
from tests.integration.trouble.newspaper import settle
from tests.integration.trouble.newspaper import wait_until
from tests.integration.trouble.tier import Tier
from tests.proxies import TroubledProxy
from tests.servers import run_redis

BOUND = 0.25
SLACK = 15.0


Trouble = Callable[[Tier], AbstractContextManager[None]]


def by_proxy(order: Callable[[TroubledProxy], None]) -> Trouble:
    @contextmanager
    def trouble(tier: Tier) -> Iterator[None]:
        order(tier.proxy)
        yield
        tier.proxy.behave()

    return trouble


@contextmanager
def stopped(tier: Tier) -> Iterator[None]:
    os.kill(tier.server.process.pid, signal.SIGSTOP)
    yield
    os.kill(tier.server.process.pid, signal.SIGCONT)


@contextmanager
def out_of_memory(tier: Tier) -> Iterator[None]:
    tier.client.config_set("maxmemory-policy", "noeviction")
    tier.client.config_set("maxmemory", "1")
    yield
    tier.client.config_set("maxmemory", "0")


@contextmanager
def read_only(tier: Tier) -> Iterator[None]:
    tier.client.replicaof("127.0.0.1", 1)
    yield
    tier.client.replicaof("NO", "ONE")


@contextmanager
def another_password(tier: Tier) -> Iterator[None]:
    tier.client.config_set("requirepass", "another")
    tier.client.client_kill_filter(_type="normal", skipme=True)
    yield
    tier.client.config_set("requirepass", "")


TROUBLES = {
    "dead": by_proxy(lambda proxy: proxy.refuse()),
    "half-open": by_proxy(lambda proxy: proxy.swallow()),
    "slow": by_proxy(lambda proxy: proxy.delay(0.5)),
    "dripping": by_proxy(lambda proxy: proxy.drip(0.02)),
    "cut-within": by_proxy(lambda proxy: proxy.end_after(700)),
    "replaying": by_proxy(lambda proxy: proxy.replay()),
    "garbled": by_proxy(lambda proxy: proxy.alter(lambda data: data.replace(b"<", b"("))),
    "cannot-save": by_proxy(
        lambda proxy: proxy.answer(b"-MISCONF Redis is configured to save RDB snapshots\r\n")
    ),
    "stopped": stopped,
    "out-of-memory": out_of_memory,
    "read-only": read_only,
    "wrong-password": another_password,
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_pages_are_right_and_in_time_while_redis_is_in_trouble(
    paper: Newspaper, tier: Tier, trouble: Trouble
):
    """Warm, cold and after an edit; afterwards a new process finds everything there again."""
    warm, cold, later = (tier.app(paper) for _ in range(3))
    for path in paper.paths:
        warm.test_client().get(path)
    settle(warm)
    with trouble(tier):
        for headline in ("", "Newest"):
            if headline:
                paper.publish(headline)
            right = paper.bodies()
            for app in (warm, cold):
                for path in paper.paths:
                    with at_most(BOUND + SLACK):
                        answer = app.test_client().get(path)
                    assert (answer.status_code, answer.data) == (200, right[path])
            for app in (warm, cold):
                settle(app)
    for app in (warm, cold):
        wait_until(lambda app=app: is_available(app))
        assert_nothing_is_held(app)
    paper.publish("Afterwards")
    wait_until(lambda: is_shared(paper, tier, cold, later))
    wait_until(lambda: not list(tier.client.scan_iter(f"{tier.prefix}*:l")))


def is_available(app: Flask) -> bool:
    shared: Any = portal_of(app).composition.shared
    return bool(shared.is_available and shared._writes.is_closed)


def is_shared(paper: Newspaper, tier: Tier, one: Flask, other: Flask) -> bool:
    """Whether `other`, which knows nothing, gets from Redis what `one` renders."""
    portal_of(one).composer.forget()
    portal_of(other).composer.forget()
    before = portal_of(other).composer.statistics()["shared_hits"]
    right = paper.bodies()
    for app in (one, other):
        answer = app.test_client().get("/")
        assert (answer.status_code, answer.data) == (200, right["/"])
        settle(app)
    return portal_of(other).composer.statistics()["shared_hits"] > before


def test_a_reader_waits_for_three_calls_each_with_its_deadline(paper: Newspaper, tier: Tier):
    """A cold page with production options: read, claim, release; storing is behind."""
    app = tier.app(paper)
    backend: Any = portal_of(app).composition.shared._backend  # type: ignore[attr-defined]  # ours
    assert backend.call_seconds == CALL_SECONDS
    # Which calls there are is counted; a busy machine must not look like a Redis in trouble.
    backend.call_seconds = 5.0
    waited: list[str] = []
    reader = threading.current_thread()
    for name in ("fetch", "claim", "store", "release"):
        note_calls(backend, name, reader, waited)
    for path in (paper.paths[1], "/nothing-here-1"):
        waited.clear()
        app.test_client().get(path)
        settle(app)
        assert len(waited) * CALL_SECONDS <= BOUND
    waited.clear()
    portal_of(app).composer.forget()
    app.test_client().get(paper.paths[1])
    settle(app)
    assert waited == ["fetch"]
    app.test_client().get(paper.paths[1])
    assert waited == ["fetch"]


def note_calls(backend: Any, name: str, reader: threading.Thread, waited: list[str]) -> None:
    """Note when `reader` itself calls a method of the backend."""
    method = getattr(backend, name)

    def call(*arguments: Any) -> Any:
        if threading.current_thread() is reader:
            waited.append(name)
        return method(*arguments)

    setattr(backend, name, call)


def test_a_restarted_redis_is_filled_again(paper: Newspaper):
    """What it held is gone; connections of before are replaced without any page noticing."""
    with run_redis() as server:
        port = server.port
        app = paper.app(cache_redis_url=server.url, cache_key_prefix="p:")
        app.test_client().get("/")
        settle(app)
    right = paper.bodies()
    portal_of(app).composer.forget()
    with at_most(BOUND + SLACK):
        assert app.test_client().get("/").data == right["/"]
    settle(app)
    with run_redis(port=port) as server, redis.Redis(port=server.port, protocol=2) as client:
        wait_until(lambda: is_available(app))
        portal_of(app).composer.forget()
        assert app.test_client().get("/").data == right["/"]
        settle(app)
        assert len(client.keys("p:*")) > 2


def replant(tier: Tier, change: Callable[[bytes, bytes], bytes | None]) -> None:
    """Change every stored pack; None plants a hash in its place."""
    for name in tier.names():
        value = tier.client.get(name)
        assert isinstance(value, bytes)
        changed = change(name, value)
        tier.client.delete(name)
        if changed is None:
            tier.client.hset(name, "a", "b")
        else:
            tier.client.set(name, changed)


def forge(name: bytes, value: bytes) -> bytes:
    """What somebody with access to Redis but without the secret can make."""
    return Sealer("t" * 32).seal(name.decode(), ()) + value[-16:]


LIES: dict[str, Callable[[bytes, bytes], bytes | None]] = {
    "truncated": lambda name, value: value[: len(value) // 2],
    "altered": lambda name, value: value.replace(b"Story", b"Wrong"),
    "forged": forge,
    "foreign": lambda name, value: b"!\x80\x04K\x01.",
    "empty": lambda name, value: b"",
    "of-another-type": lambda name, value: None,
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_values_planted_in_redis_are_never_shown(
    paper: Newspaper, tier: Tier, lie: Callable[[bytes, bytes], bytes | None]
):
    """Every one is a miss: rendered anew and replaced, so that the next process has them again."""
    first, cold, last = (tier.app(paper) for _ in range(3))
    for path in paper.paths:
        first.test_client().get(path)
    settle(first)
    right = paper.bodies()
    replant(tier, lie)
    for path in paper.paths:
        answer = cold.test_client().get(path)
        assert (answer.status_code, answer.data) == (200, right[path])
    settle(cold)
    for path in paper.paths:
        assert last.test_client().get(path).data == right[path]
    assert portal_of(last).composer.statistics()["shared_hits"] > 0
    assert_nothing_is_held(cold)


def test_old_values_put_back_are_never_shown(paper: Newspaper, tier: Tier):
    """The stamps of a replayed pack say that the log has ended it."""
    first = tier.app(paper)
    first.test_client().get("/")
    settle(first)
    old = {name: tier.client.get(name) for name in tier.names()}
    paper.publish("Newest")
    first.test_client().get("/")
    settle(first)
    for name, value in old.items():
        tier.client.set(name, value)
    cold = tier.app(paper)
    assert listed(cold.test_client().get("/"))[0] == "Newest"


def emptied(paper: Newspaper, tier: Tier) -> list[bytes]:
    """The names of leases of what a page would have to render, since Redis lost it."""
    first = tier.app(paper)
    first.test_client().get("/")
    settle(first)
    names = tier.names()
    tier.client.delete(*names)
    # Nobody renders the page as a whole.
    portal = portal_of(first)
    key = portal.composer._exchange._passes.whole_key(PageRequest("/", "vi"))
    whole = portal.composition.shared._name(portal.composition.table.view.epoch, key)
    return [name + b":l" for name in names if name != whole.encode()]


def pauses(app: Flask) -> list[float]:
    """Grows by the seconds of every pause in which a page waits for another process."""
    found: list[float] = []
    queue = portal_of(app).composer._queue
    sleep = queue.sleep

    def note(seconds: float) -> None:
        found.append(seconds)
        sleep(seconds)

    queue.sleep = note
    return found


@pytest.mark.parametrize("kind", ["hash", "without-end", "for-an-hour"])
def test_leases_planted_in_redis_delay_nobody_and_are_replaced(
    paper: Newspaper, tier: Tier, kind: str
):
    """No process holds a lease for so long, so there is nobody to wait for."""
    planted = emptied(paper, tier)
    for name in planted:
        if kind == "hash":
            tier.client.hset(name, "a", "b")
        else:
            tier.client.set(name, b"x", ex=3600 if kind == "for-an-hour" else None)
    cold = tier.app(paper)
    waited = pauses(cold)
    assert cold.test_client().get("/").data == paper.bodies()["/"]
    assert waited == []
    settle(cold)
    assert not tier.client.exists(*planted)
    assert_nothing_is_held(cold)


def test_leases_of_a_process_that_was_killed_run_out_while_a_page_waits(
    paper: Newspaper, tier: Tier
):
    """Nobody renews them; the page waits for that long, and takes them over."""
    left_over = emptied(paper, tier)
    for name in left_over:
        tier.client.set(name, b"x", px=LEASE_MILLISECONDS)
    cold = tier.app(paper)
    waited = pauses(cold)
    assert cold.test_client().get("/").data == paper.bodies()["/"]
    assert sum(waited) <= PATIENCE_SECONDS
    settle(cold)
    assert not tier.client.exists(*left_over)
    assert_nothing_is_held(cold)


@pytest.mark.parametrize("trouble", ["dead", "half-open", "slow", "dripping", "stopped"])
def test_when_redis_fails_while_a_page_waits_it_stops_waiting(
    paper: Newspaper, tier: Tier, trouble: str
):
    """Nobody can say any more when the others are done."""
    for name in emptied(paper, tier):
        tier.client.set(name, b"x", px=LEASE_MILLISECONDS)
    cold, right = tier.app(paper), paper.bodies()["/"]
    queue = portal_of(cold).composer._queue
    ending: list[AbstractContextManager[None]] = []
    waited: list[float] = []

    def fail(seconds: float) -> None:
        waited.append(seconds)
        if not ending:
            ending.append(TROUBLES[trouble](tier))
            ending[0].__enter__()

    queue.sleep = fail
    with at_most(BOUND + SLACK):
        assert cold.test_client().get("/").data == right
    for context in ending:
        context.__exit__(None, None, None)
    assert len(waited) <= 1
    settle(cold)
    assert_nothing_is_held(cold)
