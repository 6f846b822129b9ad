"""What pages and saves cost, counted: commands of Redis, statements of SQL, renderings.

Counts have no noise, so they are tests; times are measured in `benchmarks`.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.test import EnvironBuilder

from portal.app import Portal
from portal.block import CachePolicy
from portal.content.stamps import LogRows
from portal.content.stamps import LogSource
from tests.clocks import StandingClock
from tests.integration.cache.conftest import PATIENT
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose
from tests.proxies import TroubledProxy
from tests.servers import RedisServer

LONG = CachePolicy(fresh="30d")


class CountedLog:
    """Stands before a log and notes what the test's own thread asks; the follower asks beside."""

    def __init__(self, source: LogSource) -> None:
        self._source = source
        self._thread = threading.current_thread()
        self.asked: list[str] = []

    def head(self) -> LogRows:
        self._note("head")
        return self._source.head()

    def rows(self, after: int) -> LogRows:
        self._note("rows")
        return self._source.rows(after)

    def _note(self, question: str) -> None:
        if threading.current_thread() is self._thread:
            self.asked.append(question)


@pytest.fixture
def site(tmp_path: Path, database_url: str, clock: StandingClock) -> Iterator[SmallSite]:
    site = SmallSite(tmp_path / "site", database_url, clock)
    site.sections()
    # Sees that the database is a copy of the template, which ends all entries once.
    compose(site.portal())
    yield site
    site.close()


def process(site: SmallSite, url: str, **settings: Any) -> Flask:
    """A process as in production: on PostgreSQL it follows the log.

    The beat by which a page that takes longer keeps its leases is not counted: on a busy machine
    every page takes longer.
    """
    app = site.app(
        cache_redis_url=url,
        cache_key_prefix=settings.pop("prefix", f"{uuid.uuid4().hex}:"),
        cache_options=PATIENT,
        freshness="follow",
        **settings,
    )
    app.extensions["portal"].composition.shared._heart._interval = 60
    return app


def get(app: Flask, path: str) -> bytes:
    """A reader's request, through everything that stands before Flask."""
    environ = EnvironBuilder(path=path).get_environ()
    pieces = app(environ, lambda status, headers, info=None: None)
    try:
        return b"".join(pieces)
    finally:
        getattr(pieces, "close", lambda: None)()


def page_with(site: SmallSite, *blocks: dict[str, Any]) -> str:
    """An article page with these blocks; returns its path."""
    site.lay_out("article", *blocks)
    return f"/tin-tuc/story-{site.article('Story')}"


def settled(app: Flask, path: str) -> bytes:
    body = get(app, path)
    app.extensions["portal"].composer.settle()
    return body


def test_a_warm_page_asks_redis_nothing_and_the_database_at_most_where_its_log_stands(
    site: SmallSite, redis_server: RedisServer, commands: Callable[[], dict[str, int]]
):
    """SQLite is asked for the head of the log over the held connection, PostgreSQL nothing."""
    site.news()
    path = page_with(site, *({"key": f"list_{n}", "block": "news"} for n in range(10)))
    app = process(site, redis_server.url)
    portal: Portal = app.extensions["portal"]
    settled(app, path)
    log = CountedLog(portal.composition.table._source)
    portal.composition.table._source = log
    statements: list[str] = []

    def note(*call: Any) -> None:
        # The follower of this process may only just have begun, which asks more than pages do.
        if threading.current_thread().name != "follower":
            statements.append(call[2])

    event.listen(portal.engine(), "before_cursor_execute", note)
    commands()
    portal.composition.table.ensure()
    log.asked.clear()
    bodies = {get(app, path) for _ in range(5)}
    assert len(bodies) == 1
    assert log.asked == ([] if portal.composition.table.follow else ["head"] * 5)
    assert statements == []
    assert commands() == {}


@pytest.mark.parametrize("number", [1, 10, 40])
def test_a_page_goes_to_redis_four_times_however_many_blocks_are_missing(
    site: SmallSite, proxy: TroubledProxy, number: int
):
    """One batch to read, one to store; one to claim leases, one to give them back."""
    site.words("words", cache=LONG)
    path = page_with(site, *({"key": f"words_{n}", "block": "words"} for n in range(number)))
    prefix = f"{uuid.uuid4().hex}:"
    cold, warm = (process(site, proxy.url, prefix=prefix) for _ in range(2))
    for app in (cold, warm):
        # A connection with its greeting is not the page's.
        settled(app, "/")
    before, sent = proxy.chunks, proxy.sent_bytes
    settled(cold, path)
    # redis-py hands a long pipeline over in pieces of 6,000 bytes.
    assert 4 <= proxy.chunks - before <= 4 + 2 * ((proxy.sent_bytes - sent) // 6_000)
    before = proxy.chunks
    settled(warm, path)
    assert proxy.chunks - before == 1


def test_the_first_page_that_does_not_come_whole_costs_no_more(
    site: SmallSite, proxy: TroubledProxy
):
    """The ones before it came whole, so it was asked for alone."""
    site.words("words", cache=LONG)
    known = page_with(site, {"key": "a", "block": "words"}, {"key": "b", "block": "words"})
    unknown = f"/tin-tuc/other-{site.article('Other')}"
    prefix = f"{uuid.uuid4().hex}:"
    settled(process(site, proxy.url, prefix=prefix), known)
    new = process(site, proxy.url, prefix=prefix)
    before = proxy.chunks
    settled(new, known)
    assert proxy.chunks - before == 1
    before = proxy.chunks
    assert settled(new, unknown).count(b"<p>words</p>") == 2
    assert proxy.chunks - before == 4


def test_a_save_asks_redis_nothing(
    site: SmallSite, redis_server: RedisServer, commands: Callable[[], dict[str, int]]
):
    site.news()
    path = page_with(site, {"key": "a", "block": "news"})
    app = process(site, redis_server.url)
    settled(app, path)
    commands()
    site.article("Newest", days=0.1)
    assert commands() == {}


def test_an_edit_renders_only_blocks_that_show_it_and_once_for_all_processes(
    site: SmallSite, redis_server: RedisServer
):
    listed, words = site.news(), site.words("words", cache=LONG)
    site.lay_out(
        "home",
        {"key": "news", "block": "news", "settings": {"sections": ["tin-tuc"]}},
        {"key": "notices", "block": "news", "settings": {"sections": ["thong-bao"]}},
        {"key": "words", "block": "words"},
    )
    number = site.article("Story")
    site.article("Notice", section="thong-bao")
    prefix = f"{uuid.uuid4().hex}:"
    processes = [process(site, redis_server.url, prefix=prefix) for _ in range(3)]
    for app in processes:
        settled(app, "/")
    assert len(words) == 1
    listed.clear()
    site.article("Story with another headline", id=number)
    for app in processes:
        app.extensions["portal"].composition.table.ensure()
        assert b"another headline" in settled(app, "/")
    assert [key for key, _ in listed] == ["news"]
    assert len(words) == 1


def test_what_is_counted_is_what_pages_ask(site: SmallSite, redis_server: RedisServer):
    """A page that misses asks for rows of the log, so the counter can count."""
    site.news()
    path = page_with(site, {"key": "a", "block": "news"})
    app = process(site, redis_server.url)
    portal: Portal = app.extensions["portal"]
    log = CountedLog(portal.composition.table._source)
    portal.composition.table._source = log
    compose(portal, path)
    portal.composer.settle()
    assert log.asked == ["head", "rows"]
