"""Documents that are slow to make: built once, few at a time, and never in the way of pages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import QueuePool
from sqlalchemy import event

from portal.app import Portal
from portal.cache import Flight
from portal.cache import Flights
from portal.snapshots import MOST_BESIDE_PAGES
from tests.integration.composition.small_site import SmallSite

FEEDS = [
    f"{place}/feed.{form}"
    for place in ("", "/tin-tuc", "/tin-tuc/hoat-dong", "/tu-khoa/mot-cua")
    for form in ("xml", "atom", "json")
]


class Count:
    """How often something happened; who waits for a number is woken."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self._changed = threading.Condition()

    def add(self, number: int = 1) -> None:
        with self._changed:
            self.now += number
            self.most = max(self.most, self.now)
            self._changed.notify_all()

    def wait_for(self, number: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.now >= number, 20), f"{self.now} of {number}"


class Turns:
    """The line in which documents stand: who came to it, who was let in and is not out again."""

    def __init__(self, turns: threading.BoundedSemaphore) -> None:
        self._turns = turns
        self.came = Count()
        self.inside = Count()

    def acquire(self, timeout: float) -> bool:
        self.came.add()
        if not self._turns.acquire(timeout=timeout):
            return False
        self.inside.add()
        return True

    def release(self) -> None:
        self.inside.add(-1)
        self._turns.release()


class Slowness:
    """Holds every statement that reads articles, as a database does that has much to do."""

    def __init__(self, portal: Portal) -> None:
        pool = portal.engine().pool
        assert isinstance(pool, QueuePool)
        snapshots: Any = portal.engine.__self__  # type: ignore[attr-defined]  # a bound method
        self.pool = pool
        self.held = Count()
        self.turns = snapshots._turns = Turns(snapshots._turns)
        self.goes_on = threading.Event()
        event.listen(portal.engine(), "before_cursor_execute", self.hold)

    def hold(self, *call: Any) -> None:
        if "FROM article" in call[2] and not self.goes_on.is_set():
            self.held.add()
            self.goes_on.wait(20)


@pytest.fixture
def app(site_on_each: SmallSite) -> Flask:
    """A home page that reads no article; nobody has asked for anything yet."""
    site_on_each.words("words")
    site_on_each.lay_out("home", {"key": "a", "block": "words"})
    return site_on_each.app()


@pytest.fixture
def slowness(app: Flask) -> Iterator[Slowness]:
    slowness = Slowness(app.extensions["portal"])
    yield slowness
    slowness.goes_on.set()


@pytest.fixture
def ask(app: Flask) -> Iterator[Callable[[str], Future[Any]]]:
    """Asks for an address in a thread of its own."""
    with ThreadPoolExecutor(len(FEEDS)) as pool:
        yield lambda path: pool.submit(lambda: app.test_client().get(path))


def test_many_slow_feeds_hold_few_snapshots_and_a_page_still_answers(
    app: Flask, slowness: Slowness, ask: Callable[[str], Future[Any]]
):
    feeds = [ask(path) for path in FEEDS]
    slowness.turns.came.wait_for(len(FEEDS))
    slowness.held.wait_for(MOST_BESIDE_PAGES)
    assert slowness.pool.checkedout() == MOST_BESIDE_PAGES
    answer = app.test_client().get("/")
    assert (answer.status_code, "words" in answer.text) == (200, True)
    assert not any(feed.done() for feed in feeds)
    slowness.goes_on.set()
    assert [feed.result(20).status_code for feed in feeds] == [200] * len(FEEDS)
    assert slowness.turns.inside.most == MOST_BESIDE_PAGES


def test_articles_saved_as_text_stand_in_the_same_line(
    site_on_each: SmallSite, app: Flask, slowness: Slowness, ask: Callable[[str], Future[Any]]
):
    numbers = [site_on_each.article(f"Story {count}") for count in range(6)]
    articles = [f"/tin-tuc/story-{count}-{number}" for count, number in enumerate(numbers)]
    saved = [ask(f"{path}/luu.txt") for path in articles]
    slowness.turns.came.wait_for(len(articles))
    slowness.held.wait_for(MOST_BESIDE_PAGES)
    assert slowness.pool.checkedout() == MOST_BESIDE_PAGES
    assert app.test_client().get("/").status_code == 200
    slowness.goes_on.set()
    for answer in (one.result(20) for one in saved):
        assert answer.status_code == 200
        assert answer.mimetype == "text/plain"
    assert slowness.turns.inside.most == MOST_BESIDE_PAGES


def test_who_asks_for_the_same_feed_waits_for_the_first_one(
    slowness: Slowness, ask: Callable[[str], Future[Any]], monkeypatch: pytest.MonkeyPatch
):
    came, take_off = Count(), Flights.take_off

    def counted(flights: Flights, keys: Iterable[str]) -> Flight:
        flight = take_off(flights, keys)
        came.add()
        return flight

    monkeypatch.setattr(Flights, "take_off", counted)
    feeds = [ask("/feed.xml") for _ in range(8)]
    came.wait_for(len(feeds))
    slowness.held.wait_for(1)
    assert slowness.pool.checkedout() == 1
    slowness.goes_on.set()
    answers = [feed.result(20) for feed in feeds]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.headers["ETag"] for answer in answers}) == 1
    assert slowness.turns.came.now == 1


def test_a_feed_that_hangs_is_given_up_and_leaves_the_others_alone(site_on_each: SmallSite):
    site_on_each.words("words")
    site_on_each.lay_out("home", {"key": "a", "block": "words"})
    app = site_on_each.app(render_budget="2s")
    slowness = Slowness(app.extensions["portal"])
    client = app.test_client()
    answer = client.get("/feed.xml")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert client.get("/").status_code == 200
    slowness.goes_on.set()
    assert client.get("/feed.xml").status_code == 200
    assert client.get("/tin-tuc/feed.xml").status_code == 200
