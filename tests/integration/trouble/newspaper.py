"""A home page and an article page with blocks that read and one that does not, and their checks."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from portal.app import Portal
from portal.block import CachePolicy
from portal.content.values import Article
from tests.clocks import StandingClock
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import fragments
from tests.integration.composition.small_site import headlines

LONG = CachePolicy(fresh="30d")
STORY = """<section data-block="{{ key }}"><h2>{{ article.headline }}</h2></section>"""
GRACE = {"use": "last_good", "for": "2h", "else": "hide"}


class Newspaper:
    """`/` shows the news and some words, the article's page the story and the news."""

    def __init__(self, site: SmallSite, clock: StandingClock) -> None:
        self.site = site
        self.clock = clock
        site.sections()
        site.news(cache=LONG)
        site.words("words", cache=LONG)
        site.block(
            "story",
            lambda ctx: {"article": ctx.article},
            STORY,
            needs={"article": Article},
            cache=LONG,
        )
        news = {"key": "news", "block": "news", "on_error": dict(GRACE)}
        words = {"key": "words", "block": "words"}
        story = {"key": "story", "block": "story", "on_error": dict(GRACE)}
        site.lay_out("home", news, words)
        site.lay_out("article", story, {**news, "on_error": dict(GRACE), "dedupe": False}, words)
        self.number = site.article("Story")
        self.paths = ("/", f"/tin-tuc/story-{self.number}")

    def app(self, **settings: Any) -> Flask:
        """Another process, as far as caches go, which soon takes a silent database for gone."""
        return self.site.app(cache_status=True, **{"database_patience": "250ms"} | settings)

    def publish(self, headline: str) -> int:
        """Store an article that is newer than all before."""
        self.clock.advance(seconds=1)
        return self.site.article(headline, days=0)

    def bodies(self) -> dict[str, bytes]:
        """The pages as they are now, made without any cache."""
        client = self.app(cache_bytes=0).test_client()
        answers = {path: client.get(path) for path in self.paths}
        assert {answer.status_code for answer in answers.values()} == {200}
        return {path: answer.data for path, answer in answers.items()}


def portal_of(app: Flask) -> Portal:
    """The parts of an application."""
    portal: Portal = app.extensions["portal"]
    return portal


def follow_virtually(app: Flask, clock: StandingClock) -> None:
    """Let the age of the log's proof be counted by the test's clock."""
    table = portal_of(app).composition.table
    table._clock = lambda: clock().timestamp()
    table._proved_at = -math.inf


def settle(app: Flask) -> None:
    """Wait for what is done after responses."""
    assert portal_of(app).composer.settle()


def listed(answer: TestResponse) -> list[str]:
    """The headlines that the news of a page show."""
    return headlines(fragments(answer.text)["news"])


def assert_sound(answer: TestResponse) -> None:
    """A page that shows everything as it is."""
    assert answer.status_code == 200
    assert "ETag" in answer.headers
    assert "fwd=stale" not in answer.headers["Cache-Status"]


def assert_marked(answer: TestResponse) -> None:
    """A page that shows something old or lacks something: nobody is to keep it."""
    assert answer.status_code == 200
    assert "ETag" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Cache-Status"].startswith("portal; hit; fwd=stale")


def assert_unavailable(answer: TestResponse) -> None:
    """The page for when nothing can be shown."""
    assert answer.status_code == 503
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Retry-After"] == "30"
    assert "Title 503" in answer.text


def assert_nothing_is_held(app: Flask) -> None:
    """No flight is in the air, no place in the queue taken, no snapshot open."""
    portal = portal_of(app)
    settle(app)
    composer = portal.composer
    assert len(composer._flights) == 0
    wait_until(lambda: pool_is_idle(portal))
    taken = [composer._queue.impatient.acquire(blocking=False) for _ in range(2)]
    for _ in taken:
        composer._queue.impatient.release()
    assert taken == [True, True]


def pool_is_idle(portal: Portal) -> bool:
    """Whether every connection that was lent has come back."""
    pool: Any = portal.engine().pool
    return bool(pool.checkedout() == 0)


def wait_until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    """Servers and background threads keep their own time."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """What is inside takes no longer; generous, since the machine may be busy."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds
