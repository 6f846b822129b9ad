"""What changes by itself does so at its very second: in the front, through Redis, as fragments.

Renewing early or behind the readers' backs happens after a response, once, and never shows what
the log has ended. The clock moves only by hand.
"""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.block import CachePolicy
from portal.content import queries
from portal.content.values import SearchQuery
from tests.clocks import StandingClock
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import fragments
from tests.integration.composition.small_site import headlines
from tests.integration.trouble.newspaper import portal_of
from tests.integration.trouble.newspaper import settle
from tests.servers import RedisServer

LONG = CachePolicy(fresh="30d")

Ask = Callable[[str], str]
"""The text at an address, by one way of asking for it."""


@pytest.fixture
def site(tmp_path: Path, sqlite_url: str, clock: StandingClock) -> Iterator[SmallSite]:
    site = SmallSite(tmp_path / "site", sqlite_url, clock)
    site.sections()
    yield site
    site.close()


@pytest.fixture
def shared(redis_server: RedisServer) -> dict[str, Any]:
    """Settings of processes that share a part of Redis, which a busy machine may make slow."""
    return {
        "cache_redis_url": redis_server.url,
        "cache_key_prefix": f"{uuid.uuid4().hex}:",
        "cache_options": {"socket_timeout": 2.0, "socket_connect_timeout": 2.0},
    }


@pytest.fixture(params=["front", "redis", "fragment"])
def asking(
    request: pytest.FixtureRequest, site: SmallSite, shared: dict[str, Any]
) -> Callable[[], Ask]:
    """Ways to a page: from one process's memory, from another's entries, one block alone."""

    def from_memory() -> Ask:
        client = site.app().test_client()

        def ask(path: str) -> str:
            client.get(path)
            return client.get(path).text

        return ask

    def from_redis() -> Ask:
        writer = site.app(**shared)

        def ask(path: str) -> str:
            # First whoever knows the page of before, then a process that knows only Redis.
            writer.test_client().get(path)
            settle(writer)
            reader = site.app(**shared)
            answer = reader.test_client().get(path)
            assert portal_of(reader).composer.statistics()["shared_hits"] > 0
            return answer.text

        return ask

    def of_a_fragment() -> Ask:
        client = site.app().test_client()

        def ask(path: str) -> str:
            client.get(f"/-/fragments/list{path}")
            return client.get(f"/-/fragments/list{path}").text

        return ask

    ways = {"front": from_memory, "redis": from_redis, "fragment": of_a_fragment}
    return ways[request.param]


def shown(html: str) -> list[str]:
    return headlines(fragments(html).get("list", ""))


def test_an_article_comes_and_goes_at_its_seconds(
    site: SmallSite, clock: StandingClock, asking: Callable[[], Ask]
):
    site.news()
    site.lay_out("home", {"key": "list", "block": "news"})
    site.article("Always", days=3)
    coming = clock() + timedelta(hours=1)
    going = clock() + timedelta(hours=2)
    site.article("Passing", published=coming, expires=going)
    ask = asking()
    seen = []
    for moment in (coming, going):
        for seconds in (-1, 0):
            clock.moment = moment + timedelta(seconds=seconds)
            seen.append(shown(ask("/")))
    both = ["Passing", "Always"]
    assert seen == [["Always"], both, both, ["Always"]]


def test_a_day_ends_at_midnight_of_the_site(
    site: SmallSite, clock: StandingClock, asking: Callable[[], Ask]
):
    site.block("day", lambda ctx: {"words": ctx.clock.today()}, cache=LONG)
    site.lay_out("home", {"key": "list", "block": "day"})
    ask = asking()
    for moment, day in (("16:59:59", "2026-11-23"), ("17:00:00", "2026-11-24")):
        clock.moment = datetime.fromisoformat(f"2026-11-23T{moment}+00:00").astimezone(UTC)
        assert day in ask("/")


def test_a_window_of_days_opens_and_closes_at_midnight(
    site: SmallSite, clock: StandingClock, shared: dict[str, Any]
):
    """The page that is remembered without the block, or with it, ends with the day."""
    site.words("words", cache=LONG)
    window = {"between": ["2026-11-24", "2026-11-24"]}
    site.lay_out("home", {"key": "list", "block": "words", "show": window})
    client = site.app(**shared).test_client()
    seen = []
    for moment in ("23T16:59:59", "23T17:00:00", "24T16:59:59", "24T17:00:00"):
        clock.moment = datetime.fromisoformat(f"2026-11-{moment}+00:00")
        client.get("/")
        seen.append("list" in fragments(client.get("/").text))
    assert seen == [False, True, True, False]


def test_an_address_begins_to_lead_somewhere_at_its_second(
    site: SmallSite, clock: StandingClock, shared: dict[str, Any]
):
    """Asked for too early it is remembered as absent, until then."""
    coming = clock() + timedelta(hours=1)
    number = site.article("Coming", published=coming)
    client = site.app(**shared).test_client()
    path = f"/tin-tuc/coming-{number}"
    clock.moment = coming - timedelta(seconds=1)
    assert [client.get(path).status_code for _ in range(2)] == [404, 404]
    clock.moment = coming
    assert [client.get(path).status_code for _ in range(2)] == [200, 200]


# --- renewing -----------------------------------------------------------------------------------


class Telling:
    """A block that says how often it was rendered, kept ten minutes and then for an hour more."""

    def __init__(self, site: SmallSite) -> None:
        self.rendered = 0
        site.block("telling", self.render, cache=CachePolicy(fresh="10m", stale="1h"))
        site.lay_out("home", {"key": "list", "block": "telling"})

    def render(self, ctx: Any) -> dict[str, object]:
        self.rendered += 1
        return {"words": f"rendering {self.rendered}"}


def said(app: Flask) -> str:
    answer = app.test_client().get("/")
    assert answer.status_code == 200
    return fragments(answer.text)["list"]


def test_early_renewal_comes_after_the_response_and_once(site: SmallSite, clock: StandingClock):
    """From the drawn moment on: the first reader gets what there is, the renewal is for others."""
    random.seed(1)  # draws 0.13: early by twice the cost, not by less than a clock can tell
    block = Telling(site)
    app = site.app()
    assert "rendering 1" in said(app)
    [known] = portal_of(app).composition.pages._pages.values()
    early = known.early
    assert clock().timestamp() < early < known.until
    clock.moment = datetime.fromtimestamp(early, UTC) - timedelta(microseconds=50)
    assert "rendering 1" in said(app)
    settle(app)
    assert block.rendered == 1
    clock.moment = datetime.fromtimestamp(early, UTC) + timedelta(microseconds=1)
    assert clock().timestamp() < known.until
    assert "rendering 1" in said(app)
    settle(app)
    assert block.rendered == 2
    assert "rendering 2" in said(app)
    for _ in range(5):
        said(app)
        settle(app)
    assert block.rendered == 2


def test_what_only_grew_old_is_shown_while_one_renews_it(site: SmallSite, clock: StandingClock):
    """Many readers at once: all are answered from what there is, and it is rendered once more."""
    block = Telling(site)
    app = site.app()
    said(app)
    clock.advance(minutes=10)
    hold, begun = threading.Event(), threading.Event()
    portal_of(app).composition.afterwards.add(lambda: begun.set() or hold.wait(10))
    assert begun.wait(10)
    for _ in range(5):
        assert "rendering 1" in said(app)
    assert block.rendered == 1
    hold.set()
    settle(app)
    assert block.rendered == 2
    assert "rendering 2" in said(app)
    clock.advance(minutes=10 + 60)
    assert "rendering 3" in said(app)


def test_what_the_log_ended_is_not_shown_for_being_renewed(
    site: SmallSite, clock: StandingClock, shared: dict[str, Any]
):
    """Old as well as ended, in memory and in Redis: the reader waits for the new one."""
    site.news(cache=CachePolicy(fresh="10m", stale="1d"))
    site.lay_out("home", {"key": "list", "block": "news"})
    site.article("First", days=2)
    app = site.app(**shared)
    assert shown(app.test_client().get("/").text) == ["First"]
    settle(app)
    clock.advance(minutes=11)
    site.article("Second", days=1)
    for process in (app, site.app(**shared)):
        assert shown(process.test_client().get("/").text) == ["Second", "First"]


def test_what_ends_at_a_moment_is_not_shown_after_it_for_being_renewed(
    site: SmallSite, clock: StandingClock
):
    """An hour of grace ends where the content changes by itself."""
    site.news(cache=CachePolicy(fresh="10m", stale="1d"))
    site.lay_out("home", {"key": "list", "block": "news"})
    site.article("Now", days=1)
    site.article("Soon", published=clock() + timedelta(minutes=30))
    app = site.app()
    client = app.test_client()
    assert shown(client.get("/").text) == ["Now"]
    clock.advance(minutes=29, seconds=59)
    assert shown(client.get("/").text) == ["Now"]
    settle(app)
    clock.advance(seconds=1)
    assert shown(client.get("/").text) == ["Soon", "Now"]


SCHEDULED_PAGE = {"kind": "page", "section": None, "slug": "thu-tuc"}


@pytest.mark.parametrize("more", [{}, SCHEDULED_PAGE], ids=["article", "page"])
def test_a_search_finds_what_is_published_at_its_second(
    site: SmallSite, clock: StandingClock, more: dict[str, Any]
):
    """For programs and for readers; a static page too, which no list shows."""

    def find(ctx: Any) -> dict[str, object]:
        return {"words": f"found {queries.search(ctx.reader, ctx.search, 10).total}"}

    site.block("found", find, needs={"search": SearchQuery}, cache=LONG)
    site.lay_out("search", {"key": "found", "block": "found"})
    site.article("Thủ tục mới", published=clock() + timedelta(minutes=10), **more)
    client = site.app().test_client()
    found = []
    for _ in range(2):
        total = client.get("/api/v1/search?q=thu+tuc").json["total"]
        found.append((total, f"found {total}" in client.get("/tim-kiem?q=thu+tuc").text))
        clock.advance(minutes=10)
    assert found == [(0, True), (1, True)]


def test_a_map_of_sections_follows_a_publication_at_its_second(
    site: SmallSite, clock: StandingClock
):
    site.article("Old", days=3)
    site.article("Coming", published=clock() + timedelta(minutes=10))
    client = site.app().test_client()
    before = client.get("/sitemap-1.xml").text
    clock.advance(minutes=10)
    after = client.get("/sitemap-1.xml").text
    assert before != after == site.app().test_client().get("/sitemap-1.xml").text
