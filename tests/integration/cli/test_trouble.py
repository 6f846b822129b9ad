"""Trouble around a command is one message with a way out; faults of ours keep their trace."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from portal.cli.trouble import describe
from tests.integration.cli.conftest import RunCommand
from tests.servers import PostgreSQLServer

NOWHERE = "postgresql://portal:PASSWORD@127.0.0.1:1/portal"
NEEDING = [
    ("account", "list"),
    ("backup", "site.tar"),
    ("cache", "log"),
    ("db", "check"),
    ("db", "upgrade"),
    ("demo",),
    ("search", "rebuild"),
    ("snapshot", "copy"),
    ("token", "list"),
]


@pytest.mark.parametrize("command", NEEDING, ids=" ".join)
def test_a_database_that_is_away_is_named_without_its_password(
    portal: RunCommand, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
):
    monkeypatch.setenv("PORTAL_DATABASE_URL", NOWHERE)
    answer = portal(*command)
    assert answer.code == 1
    assert answer.errors.startswith("portal: the database cannot be used: ")
    assert "PORTAL_DATABASE_URL is postgresql://portal:********@127.0.0.1:1/portal" in answer.errors
    assert "PASSWORD" not in answer.errors
    assert answer.errors.count("\n") == 1


ELSEWHERE = "postgresql://other:PASSWORD@127.0.0.1:2/other"


@pytest.mark.parametrize("wrong_setting", [None, "PORTAL_DRAIN"])
@pytest.mark.parametrize("command", ["db copy {away} {there}", "db copy {there} {away}"])
def test_of_two_databases_the_one_that_is_away_is_named(
    portal: RunCommand,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    command: str,
    wrong_setting: str | None,
):
    portal("db", "upgrade")
    if wrong_setting is not None:
        monkeypatch.setenv(wrong_setting, "soon")
    there = f"sqlite:///{tmp_path / 'portal.sqlite3'}"
    answer = portal(*command.format(away=ELSEWHERE, there=there).split())
    assert answer.code == 1
    assert "; its address is postgresql://other:********@127.0.0.1:2/other\n" in answer.errors
    assert "sqlite" not in answer.errors
    assert "PASSWORD" not in answer.errors


@pytest.mark.parametrize("content", [b"root:x:0:0:root:/root:/bin/sh\n" * 40, b"SQLite format 3"])
def test_a_file_that_is_no_database_is_named(portal: RunCommand, tmp_path: Path, content: bytes):
    (tmp_path / "portal.sqlite3").write_bytes(content)
    for command in (("db", "upgrade"), ("db", "current"), ("backup", tmp_path / "site.tar")):
        answer = portal(*command)
        assert answer.code == 1
        assert answer.errors == (
            "portal: the database cannot be used: file is not a database;"
            f" PORTAL_DATABASE_URL is sqlite:///{tmp_path / 'portal.sqlite3'}\n"
        )


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nonsense", "the address of the database cannot be read"),
        ("postgresql://portal@host:port/portal", "the address of the database cannot be read"),
        ("mysql://portal@host/portal", "'mysql' is not a supported database"),
        ("sqlite://", "a database in memory is another one for each process"),
        ("sqlite:///:memory:", "a database in memory is another one for each process"),
    ],
)
@pytest.mark.parametrize(
    ("command", "code"),
    [("db current", 1), ("serve", 78), ("db copy {} sqlite:///copy", 1)],
)
def test_an_address_of_no_database_says_how_one_is_written(
    portal: RunCommand,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    code: int,
    address: str,
    words: str,
):
    monkeypatch.setenv("PORTAL_DATABASE_URL", address)
    answer = portal(*command.format(address).split())
    assert answer.code == code
    assert words in answer.errors
    assert (
        "in PORTAL_DATABASE_URL use sqlite:///FILE or postgresql://USER@HOST/NAME" in answer.errors
    )


def test_a_database_without_tables_is_to_be_upgraded(portal: RunCommand):
    answer = portal("token", "list")
    assert answer.code == 1
    assert "(no such table: operator_token); run: portal db upgrade" in answer.errors


def test_a_postgresql_database_without_tables_is_to_be_upgraded(
    portal: RunCommand, monkeypatch: pytest.MonkeyPatch, postgres_server: PostgreSQLServer
):
    monkeypatch.setenv("PORTAL_DATABASE_URL", postgres_server.create_database("without_tables"))
    answer = portal("token", "list")
    assert answer.code == 1
    assert "run: portal db upgrade" in answer.errors
    assert "operator_token" in answer.errors


def test_a_place_that_cannot_be_is_named(portal: RunCommand, tmp_path: Path):
    portal("db", "upgrade")
    (tmp_path / "file").write_bytes(b"")
    answer = portal("snapshot", tmp_path / "file" / "copy")
    assert answer.code == 1
    assert f"portal: {tmp_path}/file" in answer.errors
    assert "Not a directory; check the place, or name another one" in answer.errors
    answer = portal("backup", tmp_path / "file" / "site.tar")
    assert answer.code == 1
    assert answer.errors.startswith(f"portal: {tmp_path}/file: File exists; name another place")


def test_a_full_disk_is_named_and_nothing_is_left_on_it(portal: RunCommand, tmp_path: Path):
    """A real one of half a megabyte, in a namespace of its own."""
    portal("db", "upgrade")
    place = tmp_path / "disk"
    place.mkdir()
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "film").write_bytes(bytes(1_000_000))
    script = f'mount -t tmpfs -o size=512k none {place} && "$0" "$@"; echo $?; ls -A {place}'
    command = [sys.executable, "-m", "portal.cli", "backup", str(place / "site.tar")]
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", script, *command],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "portal: No space left on device; make room and run it again\n" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == "1\n"


class EndingInput(io.StringIO):
    """What an operator would type, had the machine not begun to shut down."""

    def readline(self, *_: object) -> str:
        """Comes with the signal that ends every process."""
        os.kill(os.getpid(), signal.SIGTERM)
        return ""


def test_a_command_that_is_told_to_end_ends_as_told(
    portal: RunCommand, monkeypatch: pytest.MonkeyPatch
):
    portal("db", "upgrade")
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("sys.stdin", EndingInput())
    answer = portal("account", "add", "an")
    assert (answer.code, answer.output, answer.errors) == (128 + signal.SIGTERM, "", "")
    assert signal.getsignal(signal.SIGTERM) == before


def test_what_only_a_trace_explains_is_not_made_a_message():
    assert describe(OSError(errno.ENOTSOCK, "no socket")) is None
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE one (id INTEGER PRIMARY KEY)"))
        with pytest.raises(IntegrityError) as broken:
            connection.execute(text("INSERT INTO one VALUES (1), (1)"))
    engine.dispose()
    assert describe(broken.value) is None
