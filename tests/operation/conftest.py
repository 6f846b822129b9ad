"""Sites to look after: a database with content, its media, its config; on either database."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import NullPool
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.archive import restore_archive
from portal.archive import write_archive
from portal.content.transfer import TableDigest
from portal.content.transfer import digest_table
from portal.content.transfer import open_source
from portal.content.transfer import site_tables
from portal.extensions import make_engine
from portal.testing.samples import load_samples
from tests.operation.load import Stack
from tests.operation.load import run_stack
from tests.servers import PostgreSQLServer

SITE = "mau"
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StoredSite:
    """Where a site is kept."""

    url: str
    media: Path
    config: Path

    def digests(self) -> dict[str, TableDigest]:
        """Rows and SHA-256 of every table."""
        with open_source(self.url) as connection:
            return {table.name: digest_table(connection, table) for table in site_tables()}

    def files(self) -> dict[str, bytes]:
        """Every stored file by its path in the media folder."""
        return {
            file.relative_to(self.media).as_posix(): file.read_bytes()
            for file in self.media.rglob("*")
            if file.is_file()
        }

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement in a transaction of its own; the rows it gives, if any."""
        engine = make_engine(self.url, poolclass=NullPool)
        with engine.begin() as connection:
            found = connection.execute(text(statement))
            return [tuple(row) for row in found] if found.returns_rows else []

    @property
    def epoch(self) -> str:
        """The epoch of the change log."""
        return str(self.execute("SELECT epoch FROM cache_meta")[0][0])


def silence() -> None:
    """Nobody watches the progress."""


def back_up(site: StoredSite, file: Path) -> Path:
    """An archive of a site."""
    write_archive(
        file, database_url=site.url, media=site.media, config=site.config, now=NOW, step=silence
    )
    return file


def bring_back(file: Path, site: StoredSite, *, force: bool = False) -> None:
    """Restore an archive, without its search index."""
    restore_archive(
        file,
        database_url=site.url,
        media=site.media,
        config=site.config,
        force=force,
        step=silence,
    )


@pytest.fixture
def stored(database_url: str, tmp_path: Path) -> StoredSite:
    """The sample articles; the first one is followed by the last, so that a row refers ahead."""
    site = StoredSite(database_url, tmp_path / "media", tmp_path / "config")
    (site.config / "layouts").mkdir(parents=True)
    (site.config / "site.yaml").write_text("key: mau\n", "utf-8")
    (site.config / "layouts" / "home.yaml").write_text("layout: home\n", "utf-8")
    engine = make_engine(database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        load_samples(session, SITE, site.media)
    site.execute("UPDATE article SET successor_id = (SELECT max(id) FROM article) WHERE id = 1")
    return site


@pytest.fixture(params=["to sqlite", "to postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> StoredSite:
    """A place without a site, on either database; on SQLite not even the file exists."""
    folder = tmp_path / "empty"
    folder.mkdir()
    url = f"sqlite:///{folder / 'portal.sqlite3'}"
    if request.param == "to postgresql":
        url = request.getfixturevalue("empty_postgres_url")
    return StoredSite(url, folder / "media", folder / "config")


@pytest.fixture
def empty_postgres_url(postgres_server: PostgreSQLServer) -> Iterator[str]:
    """A PostgreSQL database without tables."""
    name = f"portal_{uuid.uuid4().hex}"
    yield postgres_server.create_database(name)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """PostgreSQL with the sample articles, and Redis; who breaks them leaves them running."""
    with run_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack
