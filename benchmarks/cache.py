"""The block cache: ratios to bare Flask, what one block more costs, and what a save costs."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import statistics
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from benchmarks.running import ROUNDS
from benchmarks.running import call
from benchmarks.running import cpu_seconds
from benchmarks.sample import fill
from benchmarks.server import compare
from benchmarks.server import serving
from portal.app import Portal
from portal.app import create_app
from portal.app import now
from portal.block import CachePolicy
from portal.compose import PageRequest
from portal.content import commands
from portal.content import schema
from portal.content.drafts import ArticleDraft
from portal.settings import Settings
from tests.integration.composition.small_site import KEY
from tests.integration.composition.small_site import SmallSite
from tests.servers import PostgreSQLServer
from tests.servers import RedisServer
from tests.servers import run_postgresql
from tests.servers import run_redis

FEW, MANY = 10, 40
SECRET = "0123456789abcdef" * 2
ARTICLES = 500
EDITS = 30
"""Saves of one article, of which the fastest counts: the disk disturbs most of them."""
LONG = CachePolicy(fresh="30d")
PATIENT = {"socket_timeout": 2.0, "socket_connect_timeout": 2.0}
"""Options of connections to Redis: a busy machine must not look like trouble."""


def measure_cache(folder: Path, few_pages: int, many_pages: int, saves: int) -> dict[str, Any]:
    """Everything about the cache, on both databases and a Redis of its own."""
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        postgres = stack.enter_context(run_postgresql())
        redis = stack.enter_context(run_redis())
        results = measure_ratios(folder, postgres, redis)
        results |= measure_blocks(folder / "blocks", redis)
        results |= measure_saves(folder / "saves", few_pages, many_pages)
        results |= measure_lateness(folder, postgres, saves)
    return results


def measure_ratios(
    folder: Path, postgres: PostgreSQLServer, redis: RedisServer
) -> dict[str, float]:
    """The shipped article page against bare Flask: warm on both databases, and in a new worker."""
    results: dict[str, float] = {}
    addresses = {
        "sqlite": f"sqlite:///{folder / 'portal.sqlite3'}",
        "postgresql": postgres.create_database("ratios"),
    }
    for name, address in addresses.items():
        environ, path = make_site(folder, address)
        results[f"warm_to_bare_flask_{name}"] = compare(
            "benchmarks.bare:app", "wsgi:app", path, environ
        )
        if name == "postgresql":
            shared = environ | {
                "BENCHMARK_BODY": str(_compress(Path(environ["BENCHMARK_BODY"]))),
                "PORTAL_CACHE_REDIS_URL": redis.url,
                "PORTAL_CACHE_OPTIONS": json.dumps(PATIENT),
            }
            # As browsers ask: both sides send the same compressed bytes.
            results["new_worker_to_bare_flask"] = compare(
                "benchmarks.bare:app",
                "benchmarks.forgetful:app",
                path,
                shared,
                coding="gzip",
                threads=1,
            )
    return results


def _compress(file: Path) -> Path:
    compressed = file.with_name(f"{file.name}.gz")
    compressed.write_bytes(gzip.compress(file.read_bytes(), 6, mtime=0))
    return compressed


def make_site(folder: Path, address: str) -> tuple[dict[str, str], str]:
    """A filled site: the environment of its servers, and the path of an article."""
    schema.upgrade(address)
    settings = Settings(database_url=address, media=folder / "media", secret_key=SECRET)
    app = create_app(settings)
    portal: Portal = app.extensions["portal"]
    path = fill(portal, ARTICLES)
    body = folder / "body.html"
    body.write_bytes(call(app, path))
    portal.close()
    environ = {
        "BENCHMARK_BODY": str(body),
        "PORTAL_DATABASE_URL": address,
        "PORTAL_LOG_LEVEL": "WARNING",
        "PORTAL_MEDIA": str(settings.media),
        "PORTAL_SECRET_KEY": SECRET,
    }
    return environ, path


def measure_blocks(folder: Path, redis: RedisServer) -> dict[str, float]:
    """Microseconds of CPU for one block more on a page, between ten blocks and forty."""
    costs = {number: _costs(folder / str(number), redis, number) for number in (FEW, MANY)}
    return {
        f"block_more_us_{way}": round((costs[MANY][way] - costs[FEW][way]) / (MANY - FEW) * 1e6, 2)
        for way in costs[FEW]
    }


def _costs(folder: Path, redis: RedisServer, number: int) -> dict[str, float]:
    folder.mkdir(parents=True)
    address = f"sqlite:///{folder / 'portal.sqlite3'}"
    schema.upgrade(address)
    site = SmallSite(folder / "site", address, now)
    site.sections()
    site.words("words", "Một đoạn văn. " * 40, cache=LONG)
    site.lay_out("article", *({"key": f"b{n}", "block": "words"} for n in range(number)))
    path = f"/tin-tuc/story-{site.article('Story')}"
    portal = site.portal(
        cache_redis_url=redis.url, cache_key_prefix=f"{number}:", cache_options=PATIENT
    )
    request = PageRequest(path, "vi")
    composer, parts = portal.composer, portal.composition
    composer.compose(request)
    composer.settle()
    known = parts.table.view
    # Two views later than every entry: each of them is judged by its tags, every time.
    views = [replace(known, position=known.position + more) for more in (1, 2)]
    turn = [0]

    def judge() -> None:
        turn[0] ^= 1
        assert parts.pages.find(request, views[turn[0]], portal.clock().timestamp()) is not None

    def put_together() -> None:
        parts.pages.clear()
        composer.compose(request)

    def fetch() -> None:
        composer.forget()
        composer.compose(request)

    ways = {
        "warm": lambda: composer.recall(request),
        "judged_again": judge,
        "put_together": put_together,
        "from_redis": fetch,
    }
    found = {way: min(cpu_seconds(ask, 200) for _ in range(ROUNDS)) for way, ask in ways.items()}
    assert composer.compose(request).states["b0"] == "fresh"
    site.close()
    return found


def measure_saves(folder: Path, few: int, many: int) -> dict[str, float]:
    """What saving an article costs when it ends `many` pages of this process against `few`."""
    folder.mkdir(parents=True)
    address = f"sqlite:///{folder / 'portal.sqlite3'}"
    schema.upgrade(address)
    site = SmallSite(folder / "site", address, now)
    site.sections()
    site.news()
    site.lay_out("article", {"key": "news", "block": "news"})
    drafts = [_draft(number) for number in range(many)]
    saved = site.edit(commands.save_articles, drafts, now=now(), similar=False)
    paths = [f"/tin-tuc/bai-{n}-{changed.article_id}" for n, changed in enumerate(saved)]
    newest = replace(drafts[0], id=saved[0].article_id)
    costs = {}
    for number in (few, many):
        portal = site.portal(cache_bytes=1_000_000_000)
        for path in paths[:number]:
            assert portal.composer.compose(PageRequest(path, "vi")).status == 200
        costs[number] = min(_save(portal, newest, turn) for turn in range(EDITS))
        # It did end them: the list on the page shows the last headline.
        page = portal.composer.compose(PageRequest(paths[1], "vi"))
        assert f"lần {EDITS - 1}".encode() in page.body
    site.close()
    return {
        "save_ms": round(costs[few] * 1000, 2),
        "save_many_to_few_pages": round(costs[many] / costs[few], 2),
    }


def _draft(number: int) -> ArticleDraft:
    return ArticleDraft(
        locale="vi",
        headline=f"Bài {number}",
        section="tin-tuc",
        status="published",
        published=now() - timedelta(minutes=number + 1),
    )


def _save(portal: Portal, draft: ArticleDraft, turn: int) -> float:
    """Seconds from the command's beginning until this process shows nothing old any more."""
    changed = replace(draft, headline=f"{draft.headline} lần {turn}")
    started = time.perf_counter()
    with Session(portal.engine()) as session, session.begin():
        commands.save_article(session, KEY, changed, now=portal.clock())
    portal.composition.table.ensure()
    return time.perf_counter() - started


def measure_lateness(folder: Path, postgres: PostgreSQLServer, saves: int) -> dict[str, Any]:
    """Milliseconds after an acknowledgement at which the last page began that was still old."""
    environ, path = make_site(folder, postgres.create_database("lateness"))
    settings = Settings(
        database_url=environ["PORTAL_DATABASE_URL"], media=folder / "media", secret_key=SECRET
    )
    portal: Portal = create_app(settings).extensions["portal"]
    site, number = portal.folder.site.key, int(path.rpartition("-")[2])
    late = []
    with serving("wsgi:app", environ) as (_, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        for turn in range(saves):
            words = f"lan-luu-{turn}."
            with Session(portal.engine()) as session, session.begin():
                draft = commands.read_draft(session, site, number)
                changed = replace(draft, headline=f"Bản tin {words}")
                commands.save_article(session, site, changed, now=portal.clock())
            acknowledged = time.perf_counter()
            late.append(_old_until(connection, path, words.encode(), acknowledged))
        connection.close()
    portal.close()
    late.sort()
    return {
        "save_seen_elsewhere_ms": {
            "saves": saves,
            "p50": round(statistics.median(late) * 1000, 2),
            "p99": round(late[len(late) * 99 // 100] * 1000, 2),
            "worst": round(late[-1] * 1000, 2),
            "load": round(os.getloadavg()[0], 1),
        }
    }


def _old_until(
    connection: http.client.HTTPConnection, path: str, words: bytes, acknowledged: float
) -> float:
    last = 0.0
    while True:
        asked = time.perf_counter()
        connection.request("GET", path)
        if words in connection.getresponse().read():
            return last
        last = asked - acknowledged
