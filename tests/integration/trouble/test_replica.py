"""Pages from a hot standby: only while it has reached what the process knows of the primary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy import event

from portal.content.epoch import check_epoch
from portal.extensions import make_engine
from tests.integration.trouble.newspaper import Newspaper
from tests.integration.trouble.newspaper import assert_nothing_is_held
from tests.integration.trouble.newspaper import assert_sound
from tests.integration.trouble.newspaper import at_most
from tests.integration.trouble.newspaper import listed
from tests.integration.trouble.newspaper import portal_of
from tests.integration.trouble.newspaper import settle
from tests.integration.trouble.newspaper import wait_until
from tests.servers import PostgreSQLServer
from tests.servers import run_standby


@pytest.fixture
def standby(
    paper_on_own_server: Newspaper, own_server: PostgreSQLServer
) -> Iterator[PostgreSQLServer]:
    with run_standby(own_server) as server:
        yield server


@pytest.fixture
def app(paper_on_own_server: Newspaper, standby: PostgreSQLServer) -> Iterator[Flask]:
    """A process that asks its log strictly and may read from the standby."""
    app = paper_on_own_server.app(freshness="strict", database_replica_url=standby.url("portal"))
    yield app
    portal_of(app).close()


class Counted:
    """How many statements of blocks each server has done since the last question."""

    def __init__(self, app: Flask) -> None:
        self.primary = self._count(portal_of(app).engine())
        self.replica = self._count(replica_of(app)._engine)

    @staticmethod
    def _count(engine: Engine) -> list[str]:
        seen: list[str] = []
        event.listen(engine, "before_cursor_execute", lambda *call: seen.append(call[2]))
        return seen

    def __call__(self) -> tuple[bool, bool]:
        """Whether each was read from, the primary first."""
        read = tuple(
            any("article" in statement for statement in seen)
            for seen in (self.primary, self.replica)
        )
        self.primary.clear()
        self.replica.clear()
        return read[0], read[1]


def replica_of(app: Flask) -> Any:
    """The standby as the portal keeps it."""
    opener: Any = portal_of(app).composition.snapshots
    return opener.__self__._replica


def execute(url: str, statement: str) -> Any:
    engine = make_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        result = connection.exec_driver_sql(statement)
        found = result.scalar() if result.returns_rows else None
    engine.dispose()
    return found


def caught_up(app: Flask, standby: PostgreSQLServer) -> bool:
    """Whether the standby has all that the log of the primary has."""
    head = portal_of(app).composition.table.ensure().position
    return bool(execute(standby.url("portal"), "SELECT max(position) FROM cache_log") >= head)


def test_pages_are_rendered_from_a_standby_that_keeps_up(
    paper_on_own_server: Newspaper, app: Flask, standby: PostgreSQLServer
):
    assert_sound(app.test_client().get("/"))
    counted = Counted(app)
    for headline in ("First", "Second"):
        paper_on_own_server.publish(headline)
        wait_until(lambda: caught_up(app, standby))
        answer = app.test_client().get("/")
        assert_sound(answer)
        assert listed(answer)[0] == headline
        assert counted() == (False, True)
    settle(app)
    assert_nothing_is_held(app)


def test_a_standby_that_lags_behind_is_passed_over_and_used_again(
    paper_on_own_server: Newspaper, app: Flask, standby: PostgreSQLServer
):
    """Replay is paused: what it shows is old, though it answers every question."""
    paper = paper_on_own_server
    wait_until(lambda: caught_up(app, standby))
    assert_sound(app.test_client().get("/"))
    counted = Counted(app)
    execute(standby.url("portal"), "SELECT pg_wal_replay_pause()")
    for headline in ("First", "Second"):
        paper.publish(headline)
        answer = app.test_client().get("/")
        assert_sound(answer)
        assert listed(answer)[0] == headline
        assert counted()[0]
    execute(standby.url("portal"), "SELECT pg_wal_replay_resume()")
    paper.publish("Third")
    wait_until(lambda: caught_up(app, standby))
    assert listed(app.test_client().get("/"))[0] == "Third"
    assert counted() == (False, True)


@pytest.mark.parametrize("trouble", ["stopped", "hanging"])
def test_a_standby_in_trouble_costs_a_quarter_of_a_second_and_then_rests(
    paper_on_own_server: Newspaper, app: Flask, standby: PostgreSQLServer, trouble: str
):
    wait_until(lambda: caught_up(app, standby))
    assert_sound(app.test_client().get("/"))
    if trouble == "stopped":
        standby.processes.stop()
        read_from_primary(paper_on_own_server, app)
        standby.start()
    else:
        with standby.processes.held():
            read_from_primary(paper_on_own_server, app)
    replica_of(app)._rests_until = 0.0
    paper_on_own_server.publish("Back")
    wait_until(lambda: caught_up(app, standby))
    counted = Counted(app)
    assert listed(app.test_client().get("/"))[0] == "Back"
    wait_until(lambda: used_again(paper_on_own_server, app, standby, counted))
    assert_nothing_is_held(app)


def read_from_primary(paper: Newspaper, app: Flask) -> None:
    for headline in ("First", "Second"):
        paper.publish(headline)
        with at_most(0.25 + 4.0):
            answer = app.test_client().get("/")
        assert_sound(answer)
        assert listed(answer)[0] == headline


def used_again(paper: Newspaper, app: Flask, standby: PostgreSQLServer, counted: Counted) -> bool:
    replica_of(app)._rests_until = 0.0
    paper.publish("Again")
    wait_until(lambda: caught_up(app, standby))
    counted()
    app.test_client().get("/")
    return counted()[1]


def test_a_standby_that_was_promoted_serves_nothing_of_its_own_history(
    paper_on_own_server: Newspaper, app: Flask, standby: PostgreSQLServer
):
    """It goes on from the same epoch and positions, so only its role betrays it."""
    paper = paper_on_own_server
    wait_until(lambda: caught_up(app, standby))
    assert_sound(app.test_client().get("/"))
    url = standby.url("portal")
    execute(url, "SELECT pg_promote()")
    wait_until(lambda: not execute(url, "SELECT pg_is_in_recovery()"))
    for _ in range(5):
        execute(url, "UPDATE article SET headline = 'Of another history'")
    paper.publish("Newest")
    answer = app.test_client().get("/")
    assert_sound(answer)
    assert listed(answer) == ["Newest", "Story"]


def test_a_promotion_begins_a_new_epoch(
    paper_on_own_server: Newspaper, own_server: PostgreSQLServer, standby: PostgreSQLServer
):
    """Whoever takes the new primary for the old one believes nothing of before."""
    paper = paper_on_own_server
    app = paper.app(freshness="strict")
    assert_sound(app.test_client().get("/"))
    wait_until(lambda: caught_up(app, standby))
    own_server.processes.stop()
    url = standby.url("portal")
    before = execute(url, "SELECT epoch FROM cache_meta")
    engine = make_engine(url)
    assert not check_epoch(engine)
    execute(url, "SELECT pg_promote()")
    wait_until(lambda: not execute(url, "SELECT pg_is_in_recovery()"))
    assert check_epoch(engine)
    engine.dispose()
    assert execute(url, "SELECT epoch FROM cache_meta") != before
    own_server.start()
