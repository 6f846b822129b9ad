"""What was restored or copied is found at once, from either database into either."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import NullPool
from sqlalchemy.orm import Session

from portal.cli.running import run_command
from portal.content import commands
from portal.content import queries
from portal.content import schema
from portal.content.drafts import ArticleDraft
from portal.content.engine import open_snapshot
from portal.content.reader import Reader
from portal.content.values import SearchQuery
from portal.extensions import make_engine
from tests.operation.conftest import NOW
from tests.operation.conftest import SITE
from tests.operation.conftest import StoredSite
from tests.operation.conftest import back_up
from tests.operation.conftest import bring_back

OTHER = "na-lay"
LATER = "search finds nothing yet; run there: portal search rebuild"


@pytest.fixture
def two_sites(stored: StoredSite) -> StoredSite:
    """A second site in the same database, with one article."""
    draft = ArticleDraft(
        locale="vi",
        headline="Chợ phiên Nà Lay họp lại",
        status="published",
        published=NOW,
        section=None,
        kind="page",
    )
    engine = make_engine(stored.url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        commands.save_site(session, OTHER)
        commands.save_article(session, OTHER, draft, now=NOW)
    return stored


@pytest.fixture
def archive(two_sites: StoredSite, tmp_path: Path) -> Path:
    """A backup of both sites."""
    return back_up(two_sites, tmp_path / "site.tar.gz")


@pytest.fixture
def there(empty: StoredSite, monkeypatch: pytest.MonkeyPatch) -> StoredSite:
    """The empty place, as the one that commands work on."""
    monkeypatch.setenv("PORTAL_ENVIRONMENT", "development")
    monkeypatch.setenv("PORTAL_DATABASE_URL", empty.url)
    monkeypatch.setenv("PORTAL_MEDIA", str(empty.media))
    return empty


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        run_command([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


def count_found(site: StoredSite, key: str, words: str) -> int:
    engine = make_engine(site.url, poolclass=NullPool)
    with open_snapshot(engine) as (session, _):
        reader = Reader(session, key, "vi", "vi", "Asia/Ho_Chi_Minh", NOW)
        return queries.search(reader, SearchQuery(words), 10).total


def index_of(site: StoredSite) -> list[list[tuple[object, ...]]]:
    return [
        [tuple(map(str, row)) for row in site.execute(statement)]
        for statement in (
            "SELECT number, article_id, site, locale, kind, section_id, year, title_exact"
            " FROM search_document ORDER BY number",
            "SELECT * FROM search_word ORDER BY site, locale, word",
        )
    ]


def test_a_restored_site_is_found_without_a_further_command(
    two_sites: StoredSite,
    archive: Path,
    there: StoredSite,
    capsys: pytest.CaptureFixture[str],
):
    """Every site of the archive, whatever its key; replaced by force as well."""
    assert run("restore", archive) == 0
    *_, restored, last = capsys.readouterr().out.splitlines()
    count = len(two_sites.execute("SELECT 1 FROM search_document"))
    assert restored.endswith("; verified")
    assert last == f"search: {count} articles and pages can be found"
    assert count_found(there, SITE, "thủ tục") == count_found(two_sites, SITE, "thủ tục") > 0
    assert count_found(there, OTHER, "cho phien na lay") == 1
    assert count_found(there, SITE, "cho phien na lay") == 0
    assert index_of(there) == index_of(two_sites)

    assert run("restore", "--force", archive) == 0
    assert index_of(there) == index_of(two_sites)
    assert count_found(there, OTHER, "cho phien na lay") == 1


def test_a_copied_site_is_found_without_a_further_command(
    two_sites: StoredSite, empty: StoredSite, capsys: pytest.CaptureFixture[str]
):
    assert run("db", "copy", two_sites.url, empty.url) == 0
    count = len(two_sites.execute("SELECT 1 FROM search_document"))
    said = capsys.readouterr().out
    assert said.endswith(f"; verified\nsearch: {count} articles and pages can be found\n")
    assert index_of(empty) == index_of(two_sites)
    assert count_found(empty, OTHER, "cho phien na lay") == 1


@pytest.mark.parametrize("command", ["restore", "copy"])
def test_search_can_be_left_for_later(
    two_sites: StoredSite,
    archive: Path,
    there: StoredSite,
    capsys: pytest.CaptureFixture[str],
    command: str,
):
    arguments = {
        "restore": ("restore", "--no-search", archive),
        "copy": ("db", "copy", "--no-search", two_sites.url, there.url),
    }[command]
    assert run(*arguments) == 0
    assert capsys.readouterr().out.splitlines()[-1] == LATER
    assert there.digests() == two_sites.digests()
    assert index_of(there) == [[], []]


def test_content_stays_where_its_index_cannot_be_made(
    two_sites: StoredSite,
    archive: Path,
    there: StoredSite,
    capsys: pytest.CaptureFixture[str],
):
    """The operator is told that the content is there, and what to run."""
    schema.upgrade(there.url)
    there.execute("DROP TABLE search_text")
    assert run("restore", archive) == 1
    said = capsys.readouterr()
    assert said.out.endswith("; verified\n")
    assert said.err.startswith(
        "portal: the content is there and verified, but its search index could not be made: "
    )
    assert said.err.endswith("; " + LATER + "\n")
    assert "search_text" in said.err
    assert said.err.count("\n") == 1
    assert there.digests() == two_sites.digests()
    assert index_of(there) == [[], []]


def test_postgresql_knows_at_once_how_large_the_restored_tables_are(
    archive: Path, empty_postgres_url: str, tmp_path: Path
):
    """Without that it reads the whole of a table for a few of its rows until it finds the time."""
    site = StoredSite(empty_postgres_url, tmp_path / "restored", tmp_path / "files")
    bring_back(archive, site)
    [(known, rows)] = site.execute(
        "SELECT (SELECT reltuples FROM pg_class WHERE relname = 'article'),"
        " (SELECT count(*) FROM article)"
    )
    assert known == rows
    assert rows != 0
