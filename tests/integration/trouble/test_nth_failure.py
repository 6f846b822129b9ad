"""The first, second, third … call of a request fails, until one request has them all.

Whatever fails: every fragment shows what is, or the last good copy of it on a page that says so,
or is left out there; or the page is the 503 page. Afterwards the same process shows what is.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import redis
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from portal.content.stamps import LogRows
from portal.errors import ContentUnavailable
from tests.clocks import StandingClock
from tests.integration.composition.small_site import fragments
from tests.integration.trouble.newspaper import Newspaper
from tests.integration.trouble.newspaper import assert_marked
from tests.integration.trouble.newspaper import assert_nothing_is_held
from tests.integration.trouble.newspaper import assert_sound
from tests.integration.trouble.newspaper import assert_unavailable
from tests.integration.trouble.newspaper import portal_of
from tests.integration.trouble.newspaper import settle
from tests.integration.trouble.newspaper import wait_until
from tests.servers import RedisServer

MOST_CALLS = 60


class Failing:
    """Lets the n-th call fail; counts from when it is armed."""

    def __init__(self, problem: Callable[[], Exception]) -> None:
        self.problem = problem
        self.number = 0
        self.seen = 0

    def arm(self, number: int) -> None:
        """The call of this number fails from now on; 0 lets all pass."""
        self.number, self.seen = number, 0

    def __call__(self, *_: object) -> None:
        self.seen += 1
        if self.seen == self.number:
            raise self.problem()

    @property
    def has_failed(self) -> bool:
        return 0 < self.number <= self.seen


class FailingSource:
    """The log, of which questions fail."""

    def __init__(self, source: Any, failing: Failing) -> None:
        self._source = source
        self._failing = failing

    def head(self) -> LogRows:
        self._fail()
        rows: LogRows = self._source.head()
        return rows

    def rows(self, after: int) -> LogRows:
        self._fail()
        rows: LogRows = self._source.rows(after)
        return rows

    def _fail(self) -> None:
        try:
            self._failing()
        except OperationalError as problem:
            # As the held connection says it.
            raise ContentUnavailable(str(problem)) from problem


def broken_disk() -> Exception:
    cause = sqlite3.OperationalError("disk I/O error")
    cause.sqlite_errorcode = sqlite3.SQLITE_IOERR
    return OperationalError("SELECT", {}, cause)


def wrong_statement() -> Exception:
    return OperationalError("SELECT", {}, sqlite3.OperationalError("no such column: x"))


def fail_statements(app: Flask, failing: Failing) -> None:
    portal = portal_of(app)
    event.listen(portal.engine(), "before_cursor_execute", failing)
    table = portal.composition.table
    table._source = FailingSource(table._source, failing)


def fail_commands(app: Flask, failing: Failing) -> None:
    shared: Any = portal_of(app).composition.shared
    backend = shared._backend
    for name in ("fetch", "claim", "store", "renew", "release"):
        setattr(backend, name, failing_method(getattr(backend, name), failing))


def failing_method(method: Callable[..., Any], failing: Failing) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        failing()
        return method(*arguments)

    return call


States = Callable[[Newspaper, Flask], None]


def cold(paper: Newspaper, app: Flask) -> None:
    """Nothing is known."""


def half_warm(paper: Newspaper, app: Flask) -> None:
    """The page is known and then partly ended."""
    for path in paper.paths:
        app.test_client().get(path)
    settle(app)
    paper.publish(f"Newest {uuid.uuid4().hex[:6]}")


def warm(paper: Newspaper, app: Flask) -> None:
    """The page is known."""
    for path in paper.paths:
        app.test_client().get(path)
    settle(app)


STATES = {"cold": cold, "half-warm": half_warm, "warm": warm}


def assert_allowed(answer: TestResponse, right: bytes, old: set[str]) -> None:
    """Right, or marked with what was right a while ago, or nothing at all."""
    if answer.status_code == 503:
        assert_unavailable(answer)
    elif "ETag" in answer.headers:
        assert_sound(answer)
        assert answer.data == right
    else:
        assert_marked(answer)
        new = set(fragments(right.decode()).values())
        assert set(fragments(answer.text).values()) <= new | old


def known_fragments(app: Flask, path: str) -> set[str]:
    """What a process could show of a page before it gets into trouble."""
    answer = app.test_client().get(path)
    return set(fragments(answer.text).values())


@pytest.mark.parametrize("problem", [broken_disk, wrong_statement])
@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_any_one_statement_may_fail(
    paper: Newspaper, clock: StandingClock, state: States, problem: Callable[[], Exception]
):
    path = paper.paths[1]
    for number in range(1, MOST_CALLS):
        app = paper.app()
        old = known_fragments(app, path) if state is not cold else set()
        state(paper, app)
        right = paper.bodies()[path]
        failing = Failing(problem)
        fail_statements(app, failing)
        failing.arm(number)
        answer = app.test_client().get(path)
        settle(app)
        has_failed = failing.has_failed
        failing.arm(0)
        assert_allowed(answer, right, old)
        clock.advance(milliseconds=1)
        again = app.test_client().get(path)
        assert_sound(again)
        assert again.data == right
        assert_nothing_is_held(app)
        portal_of(app).close()
        if not has_failed:
            assert number > (3 if state is not warm else 1)
            assert_sound(answer)
            return
    pytest.fail(f"a request of more than {MOST_CALLS} statements")


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_any_one_command_to_redis_may_fail(
    paper: Newspaper, redis_server: RedisServer, state: States
):
    """No reader notices: every page is sound, and no lease is left behind."""
    path = paper.paths[1]
    for number in range(1, MOST_CALLS):
        prefix = f"{uuid.uuid4().hex}:"
        options = {"socket_timeout": 2.0, "socket_connect_timeout": 2.0}
        app = paper.app(
            cache_redis_url=redis_server.url, cache_key_prefix=prefix, cache_options=options
        )
        state(paper, app)
        right = paper.bodies()[path]
        failing = Failing(lambda: redis.ConnectionError("cut"))
        fail_commands(app, failing)
        failing.arm(number)
        answer = app.test_client().get(path)
        settle(app)
        assert_sound(answer)
        assert answer.data == right
        has_failed = failing.has_failed
        failing.arm(0)
        assert app.test_client().get(path).data == right
        assert_nothing_is_held(app)
        with redis.Redis(port=redis_server.port) as client:
            wait_until(lambda: not client.keys(f"{prefix}*:l"))  # noqa: B023 - called at once
        portal_of(app).close()
        if not has_failed:
            assert number > (2 if state is not warm else 0)
            return
    pytest.fail(f"a request of more than {MOST_CALLS} commands")
