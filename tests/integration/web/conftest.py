"""The sample site with its sample articles, as readers reach it over HTTP."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool
from sqlalchemy.orm import Session

from portal.content import queries
from portal.content.reader import Reader
from portal.content.values import Article
from portal.extensions import make_engine
from portal.testing.harness import sample
from portal.testing.samples import load_samples
from tests.clocks import StandingClock
from tests.integration.composition.small_site import KEY
from tests.integration.composition.small_site import SmallSite
from tests.servers import PostgreSQLServer

_TEMPLATE = "portal_samples"


@pytest.fixture
def sample_sqlite_url(sqlite_url: str, tmp_path: Path) -> str:
    """The address of a SQLite file with the sample articles, loaded once per process."""
    shutil.copyfile(sample().folder / "portal.sqlite3", tmp_path / "portal.sqlite3")
    return sqlite_url


@pytest.fixture(scope="session")
def postgres_samples(postgres_server: PostgreSQLServer, postgres_template: str) -> str:
    """The name of a PostgreSQL database with the sample articles, to copy."""
    url = postgres_server.create_database(_TEMPLATE, postgres_template)
    load_into(url, sample().folder / "media")
    return _TEMPLATE


@pytest.fixture
def sample_postgres_url(postgres_server: PostgreSQLServer, postgres_samples: str) -> Iterator[str]:
    """The address of a copy of that database."""
    name = f"portal_{uuid.uuid4().hex}"
    yield postgres_server.create_database(name, postgres_samples)
    postgres_server.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def sample_url(request: pytest.FixtureRequest) -> str:
    """The address of either; the test runs on both."""
    name = {"sqlite": "sample_sqlite_url", "postgresql": "sample_postgres_url"}[request.param]
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def site(tmp_path: Path, sample_sqlite_url: str, clock: StandingClock) -> Iterator[SmallSite]:
    """A site with a title on every page and the sample articles."""
    site = make_site(tmp_path / "site", sample_sqlite_url, clock)
    yield site
    site.close()


@pytest.fixture
def site_on_each(tmp_path: Path, sample_url: str, clock: StandingClock) -> Iterator[SmallSite]:
    """The same on SQLite and on PostgreSQL."""
    site = make_site(tmp_path / "site", sample_url, clock)
    yield site
    site.close()


@pytest.fixture
def paths(site: SmallSite) -> dict[str, str]:
    """The addresses of the sample articles by name."""
    engine, found = make_engine(site.database_url, poolclass=NullPool), {}
    for name, number in site.numbers.items():
        with Session(engine) as session:
            locale = "en" if name == "english" else "vi"
            reader = Reader(session, KEY, locale, "vi", "Asia/Ho_Chi_Minh", site.clock())
            article = queries.find_article(reader, number)
        if isinstance(article, Article):
            found[name] = article.path
    return found


def make_site(folder: Path, url: str, clock: StandingClock) -> SmallSite:
    """A site whose database holds the sample articles already, with their pictures."""
    site = SmallSite(folder, url, clock, numbers=dict(sample().articles))
    shutil.copytree(sample().folder / "media", site.folder / "media")
    return site


def load_into(url: str, media: Path) -> None:
    """Store the sample articles in a database, as `sample` has them."""
    engine = make_engine(url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        assert load_samples(session, KEY, media) == sample().articles
