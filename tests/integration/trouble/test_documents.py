"""Feeds while the database is away: processes share them, and the last one known stands in."""

from __future__ import annotations

import uuid
from datetime import timedelta

from tests.clocks import StandingClock
from tests.integration.trouble.newspaper import Newspaper
from tests.integration.trouble.newspaper import settle
from tests.servers import PostgreSQLServer
from tests.servers import RedisServer


def test_a_feed_that_any_process_knows_is_answered_by_all(
    paper_on_own_server: Newspaper,
    own_server: PostgreSQLServer,
    redis_server: RedisServer,
    clock: StandingClock,
):
    """Also one whose time is over, for as long as documents stand in."""
    settings = {
        "cache_redis_url": redis_server.url,
        "cache_key_prefix": f"{uuid.uuid4().hex}:",
        "cache_options": {"socket_timeout": 2.0, "socket_connect_timeout": 2.0},
    }
    paper = paper_on_own_server
    first, second = (paper.app(freshness="strict", **settings) for _ in range(2))
    for app in (first, second):
        assert app.test_client().get("/").status_code == 200
    known = first.test_client().get("/feed.xml")
    assert b"Story" in known.data
    settle(first)

    own_server.processes.stop()
    for app in (first, second):
        answer = app.test_client().get("/feed.xml")
        assert (answer.status_code, answer.data) == (200, known.data)
        assert app.test_client().get("/feed.json").status_code == 503

    clock.advance(seconds=timedelta(hours=2).total_seconds())
    assert first.test_client().get("/feed.xml").data == known.data
    clock.advance(seconds=timedelta(days=2).total_seconds())
    assert first.test_client().get("/feed.xml").status_code == 503
