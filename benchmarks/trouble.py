"""What Redis adds to cold pages, alive and in trouble, against the same pages without Redis."""

from __future__ import annotations

import os
import signal
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import redis

from benchmarks.running import call
from portal.app import Portal
from portal.app import now
from portal.block import CachePolicy
from portal.compose.waiting import LEASE_MILLISECONDS
from portal.content import schema
from tests.integration.composition.small_site import SmallSite
from tests.proxies import TroubledProxy
from tests.proxies import run_proxy
from tests.servers import RedisServer
from tests.servers import run_redis

BLOCKS = 11
PREFIX = "trouble:"
LONG = CachePolicy(fresh="30d")

Prepare = Callable[[], object]


def measure_trouble(folder: Path, requests: int) -> dict[str, Any]:
    """Milliseconds of a page that a process without entries of its own is asked for.

    `without` is the page without Redis. Every other line is what the same takes with Redis in
    that state, less the median of `without`; pages of all states alternate in rounds, so that
    other work on the machine falls upon all of them. Trouble begins when the processes have used
    Redis before; the first pages find it out, and are the `max`.
    """
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        server = stack.enter_context(run_redis())
        stopped = stack.enter_context(run_redis())
        site = _make_site(folder)
        stack.callback(site.close)
        proxies = {state: _proxy(stack, server) for state in ("dead", "hanging", "slow_1_s")}

        def begin() -> None:
            proxies["dead"].refuse()
            proxies["hanging"].swallow()
            proxies["slow_1_s"].delay(1.0)
            os.kill(stopped.process.pid, signal.SIGSTOP)

        states = _states(stack, server) | {
            state: (url, lambda: None)
            for state, url in {
                "stopped": stopped.url,
                **{state: proxy.url for state, proxy in proxies.items()},
            }.items()
        }
        times = _measure(site, states, begin, requests)
        os.kill(stopped.process.pid, signal.SIGCONT)
    usual = statistics.median(times["without"])
    results = {"without": _summary(times.pop("without"), 0.0)}
    results |= {f"added_{state}": _summary(found, usual) for state, found in times.items()}
    return {"redis_ms": results | {"requests": requests, "load": round(os.getloadavg()[0], 1)}}


def _make_site(folder: Path) -> SmallSite:
    address = f"sqlite:///{folder / 'portal.sqlite3'}"
    schema.upgrade(address)
    site = SmallSite(folder / "site", address, now)
    site.sections()
    site.words("words", "Một đoạn văn. " * 40, cache=LONG)
    site.lay_out("home", *({"key": f"b{n}", "block": "words"} for n in range(BLOCKS)))
    return site


def _states(stack: ExitStack, server: RedisServer) -> dict[str, tuple[str, Prepare]]:
    """Without trouble, by name: the address of Redis, and what is done before every page."""
    client = stack.enter_context(redis.Redis(port=server.port, protocol=2))

    def plant(**life: int) -> None:
        # Packs and leases of what the page shows, found by their names.
        names = {name.removesuffix(b":l") for name in client.scan_iter(f"{PREFIX}*", count=1000)}
        for name in known.union(names):
            known.add(name)
            client.delete(name)
            client.set(name + b":l", b"x", **life)

    known: set[bytes] = set()
    return {
        "without": ("", lambda: None),
        "alive": (server.url, lambda: None),
        "alive_and_empty": (server.url, client.flushdb),
        "lease_planted": (server.url, lambda: plant(ex=3600)),
        "lease_left_over": (server.url, lambda: plant(px=LEASE_MILLISECONDS)),
    }


def _proxy(stack: ExitStack, server: RedisServer) -> TroubledProxy:
    return stack.enter_context(run_proxy(server.port))


def _measure(
    site: SmallSite, states: dict[str, tuple[str, Prepare]], begin: Prepare, requests: int
) -> dict[str, list[float]]:
    apps = {}
    for state, (address, _) in states.items():
        more = {"cache_redis_url": address, "cache_key_prefix": PREFIX} if address else {}
        apps[state] = site.app(**more)
    # What a process does once is nobody's trouble; nor is the first store of the names.
    for app in apps.values():
        call(app, "/")
        app.extensions["portal"].composer.settle()
    begin()
    times: dict[str, list[float]] = {state: [] for state in states}
    for _ in range(requests):
        for state, (_, prepare) in states.items():
            portal: Portal = apps[state].extensions["portal"]
            portal.composer.forget()
            prepare()
            started = time.perf_counter()
            body = call(apps[state], "/")
            times[state].append((time.perf_counter() - started) * 1000)
            assert body.count(b'data-block="b') == BLOCKS
            portal.composer.settle()
    return times


def _summary(found: list[float], usual: float) -> dict[str, float]:
    ordered = sorted(found)
    return {
        "p50": round(statistics.median(ordered) - usual, 2),
        "p99": round(ordered[len(ordered) * 99 // 100] - usual, 2),
        "max": round(ordered[-1] - usual, 2),
    }
