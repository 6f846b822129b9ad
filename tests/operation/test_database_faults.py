"""What readers notice when PostgreSQL breaks under a deployed server: nothing."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import psycopg
import pytest

from tests.operation.load import REPEATS
from tests.operation.load import Stack
from tests.operation.load import bear
from tests.operation.load import run_portal
from tests.operation.running import RunningServer
from tests.operation.running import wait_until

MOST_REPEATS = min(REPEATS, 10)
DOWN_SECONDS = 1.0
"""How long something that is stopped stays away."""
LOCK_SECONDS = 3.0


@pytest.fixture(scope="module")
def server(stack: Stack) -> Iterator[RunningServer]:
    """Two workers, as `portal serve` starts them."""
    with run_portal(stack, DATABASE_PATIENCE="250ms") as server:
        yield server


def test_postgresql_restarts(stack: Stack, server: RunningServer):
    """All of its connections end; pages come from what is known."""

    def fault() -> None:
        stack.database.end(signal.SIGINT)
        time.sleep(DOWN_SECONDS)
        stack.database.start()

    load = bear("PostgreSQL restarted", server.port, fault, repeats=MOST_REPEATS)
    assert load.lost == []
    wait_until(lambda: server.ask("/-/health/ready").status == 200)


def test_tables_are_locked(stack: Stack, server: RunningServer):
    """As by a migration that does not follow the rules."""

    def fault() -> None:
        with psycopg.connect(
            host=str(stack.postgres.sockets),
            port=stack.postgres.port,
            user="portal",
            dbname="portal",
        ) as connection:
            connection.execute("LOCK TABLE article, section, cache_log IN ACCESS EXCLUSIVE MODE")
            time.sleep(LOCK_SECONDS)

    assert bear("tables locked", server.port, fault, repeats=MOST_REPEATS).lost == []
