"""Fixtures of every test: real servers, a fresh database each time, a clock that stands still."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest

from portal.cache import bounding
from portal.content import schema
from tests.clocks import StandingClock
from tests.servers import PostgreSQLServer
from tests.servers import RedisServer
from tests.servers import run_postgresql
from tests.servers import run_redis

pytest_plugins = ["tests.standstill"]

_TEMPLATE = "portal_template"
_HERE = Path(__file__).parent
_BY_THE_WATCH = (
    "browser",
    "integration/cache",
    "integration/trouble",
    "integration/web",
    "operation",
    "proofs/processes/test_single_flight.py",
)
"""Where tests measure real time. Not where they look for a page that is wrong: one is too many."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests are by the watch."""
    for item in items:
        if any(item.path.is_relative_to(_HERE / place) for place in _BY_THE_WATCH):
            item.add_marker(pytest.mark.by_the_watch)


@pytest.fixture
def clock() -> StandingClock:
    """23 November 2026, 09:30 in Vietnam."""
    return StandingClock(datetime(2026, 11, 23, 2, 30, tzinfo=UTC))


@pytest.fixture(autouse=True)
def patient_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers who wait for a database that begins, and for a long log, as long as it takes.

    A busy machine may stand still for seconds. Where tests say how long readers wait, a fixture
    of this name takes its place.
    """
    for name in ("START_PATIENCE_SECONDS", "ROWS_PATIENCE_SECONDS"):
        monkeypatch.setattr(bounding, name, 60.0)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgreSQLServer]:
    """A PostgreSQL server of this test run."""
    with run_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis server of this test run; empty it before use."""
    with run_redis() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    file = tmp_path_factory.mktemp("template") / "portal.sqlite3"
    schema.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgreSQLServer) -> str:
    """The name of a migrated PostgreSQL database to copy."""
    schema.upgrade(postgres_server.create_database(_TEMPLATE))
    return _TEMPLATE


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh, migrated SQLite file."""
    file = tmp_path / "portal.sqlite3"
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgres_url(postgres_server: PostgreSQLServer, postgres_template: str) -> Iterator[str]:
    """The address of a fresh, migrated PostgreSQL database."""
    name = f"portal_{uuid.uuid4().hex}"
    yield postgres_server.create_database(name, postgres_template)
    postgres_server.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh, migrated database; the test runs on both kinds."""
    name = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    url: str = request.getfixturevalue(name)
    return url
