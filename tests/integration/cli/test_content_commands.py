"""What an operator types: db, demo, import, doctor."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from portal.content import schema
from tests.integration.cli.conftest import ROOT
from tests.integration.cli.conftest import RunCommand

BRIDGE = ROOT / "tests" / "data" / "dumps" / "cau-ban-ngan.txt"
NOTICE = """---
slug: lich-tiep-dan
group: lich-tiep-dan
kind: article
section: thong-bao
headline: Lịch tiếp dân tháng 12
lead: Chủ tịch tiếp dân vào thứ Năm.
published: 2026-11-20T08:00
---
<p>Từ 8 giờ đến 11 giờ.</p>
"""


@pytest.fixture
def small_demo(config: Path) -> Path:
    """Demo content of one article and no picture."""
    folder = config / "demo"
    (folder / "articles").mkdir(parents=True)
    (folder / "articles" / "001-lich-tiep-dan.vi.html").write_text(NOTICE, "utf-8")
    for name in ("pictures.yaml", "attachments.yaml"):
        (folder / name).write_text("[]\n", "utf-8")
    return folder


# --- db -----------------------------------------------------------------------------------------


def test_db_upgrade_brings_an_empty_database_to_the_newest_version(portal: RunCommand):
    before = portal("db", "current")
    assert before.code == 1
    assert "run: portal db upgrade" in before.output
    assert portal("db", "upgrade").output == f"the schema is at {schema.head()}\n"
    assert portal("db", "upgrade").code == 0
    after = portal("db", "current")
    assert (after.code, after.output) == (
        0,
        f"the schema is at {schema.head()}, the newest version\n",
    )


def test_db_check_finds_the_tables_of_a_new_database_healthy(portal: RunCommand):
    portal("db", "upgrade")
    answer = portal("db", "check")
    assert (answer.code, answer.output) == (0, f"the tables are those of {schema.head()}\n")


def test_going_back_tells_what_it_would_lose_and_does_it_only_when_that_is_confirmed(
    portal: RunCommand,
):
    portal("db", "upgrade")
    portal("token", "add", "monitor", "--scope", "metrics")
    lost = "operator_token (1 rows), operator_audit (1 rows)"
    told = portal("db", "downgrade", "0005")
    assert told.code == 2
    assert f"going back to 0005 would lose: {lost}; copy the database, then add" in told.errors
    assert portal("db", "current").code == 0
    done = portal("db", "downgrade", "0005", "--yes")
    assert (done.code, done.output) == (0, f"the schema is at 0005; lost: {lost}\n")
    assert portal("db", "downgrade", "0007", "--yes").errors == (
        "portal: the schema is at 0005, older than 0007; nothing was changed\n"
    )
    assert portal("db", "upgrade").output == f"the schema is at {schema.head()}\n"


def test_a_database_that_is_not_there_is_not_made_to_be_taken_back(
    portal: RunCommand, tmp_path: Path
):
    answer = portal("db", "downgrade", "0007", "--yes")
    assert answer.code == 1
    assert "the database of PORTAL_DATABASE_URL is empty or not there" in answer.errors
    assert not (tmp_path / "portal.sqlite3").exists()


@pytest.mark.parametrize("version", ["0000", "abc", "0099"])
def test_a_version_that_this_code_does_not_know_is_no_trace(
    portal: RunCommand, tmp_path: Path, version: str
):
    portal("db", "upgrade")
    with closing(sqlite3.connect(tmp_path / "portal.sqlite3")) as database, database:
        database.execute("UPDATE schema_version SET version_num = ?", (version,))
    taken = portal("db", "downgrade", "0007", "--yes")
    assert taken.code == 1
    assert f"the schema is at {version}, which this version does not know" in taken.errors
    upgraded = portal("db", "upgrade")
    assert upgraded.code == (0 if version == "0099" else 1)
    assert version in upgraded.output + upgraded.errors


def test_a_version_of_no_release_is_not_to_be_upgraded(portal: RunCommand, tmp_path: Path):
    portal("db", "upgrade")
    with closing(sqlite3.connect(tmp_path / "portal.sqlite3")) as database, database:
        database.execute("UPDATE schema_version SET version_num = 'abc'")
    for command in (("db", "current"), ("doctor",), ("backup", tmp_path / "a.tar"), ("demo",)):
        answer = portal(*command)
        told = answer.output + answer.errors
        assert answer.code == 1
        assert "no release has made that version; name another database" in told
        assert "portal db upgrade" not in told


def test_a_restore_says_what_search_finds_and_rebuilding_says_the_same(
    portal: RunCommand, small_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    portal("db", "upgrade")
    assert portal("demo").code == 0
    archive = tmp_path / "site-2026.tar.gz"
    assert portal("backup", archive).output.endswith("; verified\n")
    monkeypatch.setenv("PORTAL_DATABASE_URL", f"sqlite:///{tmp_path / 'new.sqlite3'}")
    restored = portal("restore", archive)
    assert restored.code == 0
    found = "search: 1 articles and pages can be found\n"
    assert restored.output.endswith("; verified\n" + found)
    assert portal("search", "rebuild").output == found


def test_db_current_speaks_json_to_programs(portal: RunCommand):
    answer = portal("db", "current", "--format", "json")
    assert answer.data == {"current": None, "head": schema.head()}


@pytest.mark.parametrize(
    "arguments",
    [("demo",), ("import", "dump", str(BRIDGE)), ("import", "dump", "--dry-run", BRIDGE)],
)
def test_a_command_that_needs_the_schema_says_how_to_get_it(
    portal: RunCommand, arguments: tuple[str, ...]
):
    answer = portal(*arguments)
    assert answer.code == 1
    assert answer.errors.endswith("run: portal db upgrade\n")
    assert "Traceback" not in answer.errors


def test_a_database_that_is_not_supported_is_a_message(
    portal: RunCommand, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PORTAL_DATABASE_URL", "mysql://portal@localhost/portal")
    answer = portal("db", "current")
    assert answer.code == 1
    assert "use sqlite:///FILE or postgresql://USER@HOST/NAME" in answer.errors
    assert "Traceback" not in answer.errors


# --- demo ---------------------------------------------------------------------------------------


def test_demo_loaded_twice_changes_nothing(portal: RunCommand, small_demo: Path):
    portal("db", "upgrade")
    first, second = portal("demo"), portal("demo")
    assert (first.code, second.code) == (0, 0)
    assert "1 created" in first.output
    assert "0 created, 0 updated, 1 unchanged" in second.output


def test_demo_without_its_files_says_what_is_missing(portal: RunCommand, config: Path):
    portal("db", "upgrade")
    answer = portal("demo")
    assert answer.code == 1
    assert answer.errors.startswith(f"portal: {config / 'demo'}: ")


def test_a_malformed_demo_article_is_named(portal: RunCommand, small_demo: Path):
    portal("db", "upgrade")
    file = small_demo / "articles" / "002-broken.vi.html"
    file.write_text("<p>No front matter.</p>", "utf-8")
    answer = portal("demo")
    assert answer.code == 1
    assert str(file) in answer.errors
    assert "Traceback" not in answer.errors


# --- import -------------------------------------------------------------------------------------


def outcomes(data: dict[str, object]) -> list[object]:
    """What happened to every file of a report."""
    return [item["outcome"] for item in data["files"]]


def test_a_dry_run_reports_and_writes_nothing(portal: RunCommand):
    portal("db", "upgrade")
    call = ("import", "dump", BRIDGE, "--section", "tin-tuc", "--format", "json")
    dry = portal(*call, "--dry-run")
    assert dry.code == 0
    real = portal(*call)
    assert real.code == 0
    assert outcomes(real.data) == outcomes(dry.data) == ["flagged"]
    assert outcomes(portal(*call).data) == ["unchanged"]


def test_a_file_that_is_no_dump_is_refused_with_its_name(portal: RunCommand, tmp_path: Path):
    portal("db", "upgrade")
    file = tmp_path / "letter.txt"
    file.write_text("Dear colleagues, this is a letter.\n", "utf-8")
    answer = portal("import", "dump", file, "--section", "tin-tuc")
    assert answer.code == 1
    assert "letter.txt" in answer.output + answer.errors
    assert "Traceback" not in answer.output + answer.errors


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("import", "dump"), "FILE"),
        (("import", "dump", "/no/such/file.txt"), "does not exist"),
        (("import", "dump", str(BRIDGE), "--section", "no-such-section"), "no-such-section"),
        (("import", "dump", str(BRIDGE), "--encoding", "no-such-encoding"), "no-such-encoding"),
        (("db", "downgrade", "9999"), "known: 0004"),
        (("db", "upgrade", "--now"), "--now"),
    ],
    ids=lambda value: " ".join(map(str, value[2:] or value)) if isinstance(value, tuple) else "",
)
def test_a_wrong_call_is_one_message(portal: RunCommand, arguments: tuple[str, ...], says: str):
    portal("db", "upgrade")
    answer = portal(*arguments)
    assert answer.code != 0
    assert says in answer.errors + answer.output
    assert "Traceback" not in answer.errors + answer.output


# --- doctor and settings ------------------------------------------------------------------------


def test_doctor_finds_nothing_to_say_about_a_sound_portal(portal: RunCommand):
    portal("db", "upgrade")
    answer = portal("doctor", "--format", "json")
    assert answer.code == 0
    assert all(finding["healthy"] for finding in answer.data)
    assert {"site files", "database", "migrations"} <= {item["subject"] for item in answer.data}


def test_doctor_names_what_is_not_well_and_what_to_do(
    portal: RunCommand, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("PORTAL_SECRET_KEY")
    answer = portal("doctor", "--format", "json")
    assert answer.code == 1
    advice = {item["subject"]: item["advice"] for item in answer.data if not item["healthy"]}
    assert set(advice) == {"secret key", "migrations"}
    assert advice["migrations"] == "run: portal db upgrade"
    assert "PORTAL_SECRET_KEY" in advice["secret key"]
    assert "!!\tmigrations" in portal("doctor").output


def test_doctor_says_that_a_file_is_no_place_for_media(
    portal: RunCommand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    portal("db", "upgrade")
    file = tmp_path / "file"
    file.touch()
    for place in (file, file / "media"):
        monkeypatch.setenv("PORTAL_MEDIA", str(place))
        answer = portal("doctor", "--format", "json")
        assert answer.code == 1
        (found,) = (item for item in answer.data if not item["healthy"])
        assert (found["subject"], found["seen"]) == ("media folder", f"{file} is a file")


def test_doctor_looks_for_the_copy_that_is_shown_without_the_database(
    portal: RunCommand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """A folder nobody writes to is noticed on a quiet day, and not when the database is gone."""
    portal("db", "upgrade")
    folder = tmp_path / "snapshot"
    monkeypatch.setenv("PORTAL_SNAPSHOT", str(folder))
    answer = portal("doctor", "--format", "json")
    assert answer.code == 1
    (found,) = (item for item in answer.data if not item["healthy"])
    assert (found["subject"], found["seen"]) == ("snapshot", f"{folder} holds no copy")
    assert f"portal snapshot {folder}" in found["advice"]

    assert portal("snapshot", folder).code == 0
    assert portal("doctor").code == 0
    manifest = folder / "current" / "manifest.json"
    manifest.write_text("[]")
    answer = portal("doctor")
    assert answer.code == 1
    assert "its copy cannot be used" in answer.output


def test_doctor_survives_a_server_that_is_not_there(
    portal: RunCommand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("PORTAL_DATABASE_URL", f"postgresql:///portal?host={tmp_path}")
    answer = portal("doctor")
    assert answer.code == 1
    assert "PORTAL_DATABASE_URL" in answer.output
    assert "Traceback" not in answer.output + answer.errors


@pytest.mark.parametrize("arguments", [("check",), ("db", "current"), ("blocks",), ("demo",)])
def test_an_unknown_setting_is_a_message_for_every_command(
    portal: RunCommand, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
):
    monkeypatch.setenv("PORTAL_DATABASE_ULR", "sqlite:///x")
    answer = portal(*arguments)
    assert answer.code == 78
    assert "did you mean PORTAL_DATABASE_URL?" in answer.errors
    assert "Traceback" not in answer.errors


def test_help_lists_every_command(portal: RunCommand):
    answer = portal("--help")
    assert answer.code == 0
    for name in ("serve", "demo", "import", "check", "layout", "schema", "blocks", "db", "doctor"):
        assert f"\n  {name}" in answer.output


# --- search -------------------------------------------------------------------------------------


def test_search_rebuild_makes_the_index_of_what_is_stored(portal: RunCommand, small_demo: Path):
    portal("db", "upgrade")
    portal("demo")
    answer = portal("search", "rebuild")
    assert (answer.code, answer.output) == (0, "search: 1 articles and pages can be found\n")
