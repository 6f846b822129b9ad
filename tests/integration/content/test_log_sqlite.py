"""What only SQLite does: rows that REPLACE takes away, connections that check nothing."""

from __future__ import annotations

import sqlite3

import pytest

from portal.content import log
from tests.integration.content.conftest import Content
from tests.integration.content.conftest import run
from tests.integration.content.test_log_tags import AUTOMATIC
from tests.integration.content.test_log_tags import BESIDE
from tests.integration.content.test_log_tags import LISTS


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Only SQLite."""
    return sqlite_url


@pytest.fixture
def sqlite_filled(filled: Content) -> Content:
    """The same with two more rows to replace."""
    run(
        filled,
        "INSERT INTO tag (site, slug, name) VALUES ('bach_tra', 'rieng', '{}')",
        "INSERT INTO pin (id, site, scope, article_id, position)"
        " VALUES (7, 'bach_tra', 'section:1', 1, 0)",
        "DELETE FROM pin WHERE id <> 7 AND article_id <> 1",
    )
    return filled


REPLACING: dict[str, tuple[str, set[str]]] = {
    "insert_by_id": (
        "INSERT OR REPLACE INTO pin (id, site, scope, article_id, position)"
        " VALUES (1, 'bach_tra', 'section:4', 2, 0)",
        {"pins:home", "pins:section:4"},
    ),
    "insert_by_unique_key": (
        "INSERT OR REPLACE INTO tag (id, site, slug, name) VALUES (9, 'bach_tra', 'rieng', '{}')",
        {"tag:rieng", "list:tag:rieng", "list:terms"},
    ),
    "insert_by_partial_index": (
        "INSERT OR REPLACE INTO article SELECT 30, site, section_id, kind, slug, locale,"
        " translation_group, headline, sanitiser_version, source_name, source_url, topic_id,"
        " status, first_published_at, first_published_precision, time_zone, updated_at,"
        " expires_at, end_mark, hero_id, legacy_system, legacy_id, legacy_url, content_hash,"
        " withdrawn_reason, successor_id, created_at, modified_at, revision, lead, authors,"
        " corrections, body, body_text, provenance, review_flags FROM article WHERE id = 3",
        {
            *("article:3", "article:30", "page:gioi-thieu", "list:pages"),
            *("list:terms", "list:updates", "search"),
        },
    ),
    "update": (
        "UPDATE OR REPLACE pin SET article_id = 2, scope = 'home' WHERE scope = 'section:1'",
        {"pins:home", "pins:section:1"},
    ),
    "cascade": (
        "REPLACE INTO article SELECT * FROM article WHERE id = 1",
        {
            *("article:1", "group:cau", "pins:section:1", "list:terms", "list:updates", "search"),
            *(*LISTS, *BESIDE),
        },
    ),
}


@pytest.mark.parametrize(("statement", "expected"), REPLACING.values(), ids=REPLACING.keys())
def test_rows_that_sqlite_replaces_are_ended_too(
    sqlite_filled: Content, statement: str, expected: set[str]
) -> None:
    tags = run(sqlite_filled, statement)
    assert tags - AUTOMATIC == expected


def test_other_programs_are_noticed_even_without_references(
    filled: Content, sqlite_url: str
) -> None:
    """The command line of SQLite checks no foreign keys, so nothing cascades."""

    (newest,) = log.read_log(filled.engine, limit=1)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    with other:
        other.execute("DELETE FROM article WHERE id = 1")
    other.close()
    ended = {entry.tag for entry in log.read_log(filled.engine, after=newest.position)}
    assert ended >= {"article:1", *LISTS, *BESIDE}
