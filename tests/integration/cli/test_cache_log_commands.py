"""`portal cache log`, `compact`, `verify`, and what the doctor says of the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.cli.conftest import RunCommand


@contextmanager
def database(folder: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(folder / "portal.sqlite3")) as connection, connection:
        yield connection


@pytest.fixture
def migrated(portal: RunCommand, tmp_path: Path) -> RunCommand:
    """A database with a site and three redirects, of which one was changed."""
    assert portal("db", "upgrade").code == 0
    with database(tmp_path) as connection:
        connection.execute("INSERT INTO site (key) VALUES ('x')")
        for path in "abc":
            connection.execute(
                "INSERT INTO redirect (site, host, path, query, target, code)"
                " VALUES ('x', '', ?, '{}', '/', 301)",
                (path,),
            )
        connection.execute(
            "INSERT INTO pin (site, scope, article_id, position) VALUES ('x', 'home', 1, 0)"
        )
    return portal


@pytest.mark.parametrize("option", ["--limit", "--after"])
@pytest.mark.parametrize("number", ["-5", "9" * 20])
def test_a_number_that_no_database_counts_to_is_refused(
    portal: RunCommand,
    monkeypatch: pytest.MonkeyPatch,
    database_url: str,
    option: str,
    number: str,
) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", database_url)
    answer = portal("cache", "log", option, number)
    assert answer.code == 2
    assert f"Invalid value for '{option}': {number} is not in the range" in answer.errors


def test_log_shows_the_newest_rows_first(migrated: RunCommand) -> None:
    rows = migrated("cache", "log", "--format", "json").data
    assert [row["tag"] for row in rows] == ["pins:home", *["redirects"] * 3, "*"]
    assert [row["position"] for row in rows] == sorted(
        (row["position"] for row in rows), reverse=True
    )
    assert rows[0]["at"].endswith("+00:00")
    assert migrated("cache", "log", "--limit", "1", "--format", "json").data == rows[:1]
    after = str(rows[1]["position"])
    assert migrated("cache", "log", "--after", after, "--format", "json").data == rows[:1]
    assert migrated("cache", "log", "--tag", "redirects", "--format", "json").data == rows[1:4]
    lines = migrated("cache", "log").output.splitlines()
    assert lines[0].split("\t") == ["position", "tag", "at"]
    assert lines[1].split("\t")[:2] == [str(rows[0]["position"]), "pins:home"]


def test_compaction_says_what_it_deleted(migrated: RunCommand) -> None:
    answer = migrated("cache", "compact", "--format", "json")
    assert answer.data == {"compacted": 2, "trimmed": 0, "left": 3}
    answer = migrated("cache", "compact", "--keep", "1")
    assert answer.output == "0 rows compacted, 2 dropped, 1 left\n"
    assert migrated("cache", "compact", "--keep", "0").code == 2


def test_tampered_trigger_is_named_and_mended(migrated: RunCommand, tmp_path: Path) -> None:
    assert migrated("cache", "verify").output == "the triggers are those of this version\n"
    with database(tmp_path) as connection:
        connection.execute("DROP TRIGGER cache_log_of_pin_update")
    answer = migrated("cache", "verify")
    assert answer.code == 1
    assert answer.output.splitlines() == [
        "trigger cache_log_of_pin_update is missing",
        "run: portal cache verify --mend",
    ]
    finding = next(
        item
        for item in migrated("doctor", "--format", "json").data
        if item["subject"] == "change log"
    )
    assert finding["healthy"] is False
    assert finding["advice"] == "run: portal cache verify --mend"
    assert migrated("cache", "verify", "--mend").code == 0
    assert migrated("cache", "log", "--limit", "1", "--format", "json").data[0]["tag"] == "*"
    assert migrated("cache", "verify", "--format", "json").data["differences"] == []


def test_doctor_renews_the_epoch_of_a_file_that_was_put_in_place_of_another(
    migrated: RunCommand, tmp_path: Path
) -> None:
    def epoch() -> str:
        findings = migrated("doctor", "--format", "json").data
        return str(next(item["seen"] for item in findings if item["subject"] == "epoch"))

    assert epoch() == "is of this database"
    file = tmp_path / "portal.sqlite3"
    saved = file.read_bytes()
    file.rename(tmp_path / "old.sqlite3")
    file.write_bytes(saved)
    assert epoch() == "renewed: the database is not the one it was"
    assert epoch() == "is of this database"


def test_log_of_a_database_that_is_not_migrated_is_refused(portal: RunCommand) -> None:
    answer = portal("cache", "log")
    assert answer.code == 1
    assert "run: portal db upgrade" in answer.errors
