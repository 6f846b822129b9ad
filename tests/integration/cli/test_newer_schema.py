"""Code that was rolled back looks after a database that the newer release has upgraded."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import NullPool
from sqlalchemy import text

from portal.content import schema
from portal.extensions import make_engine
from tests.integration.cli.conftest import RunCommand

LATER = "0099"
MAINTENANCE = [
    "cache compact",
    "cache explain /",
    "cache log",
    "cache purge --all",
    "cache stats",
    "cache verify",
    "demo",
    "media rebuild",
    "search rebuild",
    "snapshot {}/copy",
]


@pytest.fixture
def newer(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The portal's database, with a table of a release that this code does not know."""
    monkeypatch.setenv("PORTAL_DATABASE_URL", database_url)
    engine = make_engine(database_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE mood (id integer PRIMARY KEY)"))
        connection.execute(text(f"UPDATE schema_version SET version_num = '{LATER}'"))  # noqa: S608 - ours
    return database_url


def test_upgrade_and_current_have_nothing_to_do_and_say_why(portal: RunCommand, newer: str):
    for command in ("upgrade", "current"):
        answer = portal("db", command)
        assert (answer.code, answer.errors) == (0, "")
        assert answer.output == (
            f"the schema is at {LATER}, newer than this version's {schema.head()}, which works"
            " with it; nothing to do\n"
        )
    assert schema.current(newer) == LATER


@pytest.mark.parametrize("command", MAINTENANCE)
def test_maintenance_goes_on(
    portal: RunCommand, newer: str, config: Path, tmp_path: Path, command: str
):
    demo = config / "demo"
    (demo / "articles").mkdir(parents=True)
    for name in ("pictures.yaml", "attachments.yaml"):
        (demo / name).write_text("[]\n", "utf-8")
    answer = portal(*command.format(tmp_path).split())
    assert (answer.code, answer.errors) == (0, "")


def test_doctor_finds_the_migrations_healthy(portal: RunCommand, newer: str):
    answer = portal("doctor", "--format", "json")
    found = {item["subject"]: item for item in answer.data}
    assert found["migrations"]["healthy"]
    assert found["migrations"]["seen"] == f"at {LATER}"


def test_check_names_what_the_newer_release_has_added(portal: RunCommand, newer: str):
    answer = portal("db", "check")
    assert answer.code == 1
    assert f"the schema is at {LATER}; this version's is {schema.head()}\n" in answer.output
    assert "mood" in answer.output


def test_no_archive_and_no_copy_is_made_that_would_lack_something(
    portal: RunCommand, newer: str, tmp_path: Path
):
    for command in (
        ("backup", tmp_path / "site.tar"),
        ("db", "copy", newer, f"sqlite:///{tmp_path / 'copy.sqlite3'}"),
    ):
        answer = portal(*command)
        assert answer.code == 1
        assert f"newer than this version's {schema.head()}: what the newer" in answer.errors
        assert "nothing was written; do it with that release\n" in answer.errors
    assert not (tmp_path / "site.tar").exists()
    assert not (tmp_path / "copy.sqlite3").exists()


def test_nothing_is_received_beside_what_this_code_would_not_replace(
    portal: RunCommand, newer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    other = f"sqlite:///{tmp_path / 'other.sqlite3'}"
    (tmp_path / "media").mkdir()
    monkeypatch.setenv("PORTAL_DATABASE_URL", other)
    portal("db", "upgrade")
    assert portal("backup", tmp_path / "site.tar").code == 0
    copied = portal("db", "copy", other, newer, "--force")
    monkeypatch.setenv("PORTAL_DATABASE_URL", newer)
    restored = portal("restore", tmp_path / "site.tar", "--force")
    for answer in (copied, restored):
        assert answer.code == 1
        assert f"has schema {LATER}, newer than this version's {schema.head()}" in answer.errors
        assert "name an empty database, or do it with that release\n" in answer.errors
