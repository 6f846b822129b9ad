"""Accounts and tokens by the command line; a password never stands in an argument."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from portal.content import schema
from tests.integration.cli.conftest import RunCommand

PASSWORD = "bốn con trâu qua cầu"  # noqa: S105 - of these tests alone


@pytest.fixture(autouse=True)
def migrated(tmp_path: Path) -> None:
    schema.upgrade(f"sqlite:///{tmp_path / 'portal.sqlite3'}")


def typed(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))


def test_an_account_is_made_listed_closed_and_opened(
    portal: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, PASSWORD)
    made = portal("account", "add", "lan", "--role", "builder")
    assert made.code == 0
    assert PASSWORD not in made.output + made.errors
    assert portal("account", "list", "--format", "json").data == [
        {"name": "lan", "role": "builder", "state": "open"}
    ]
    assert portal("account", "disable", "lan").code == 0
    assert portal("account", "list", "--format", "json").data[0]["state"] == "disabled"
    assert portal("account", "disable", "lan", "--undo").code == 0
    typed(monkeypatch, PASSWORD + "!")
    assert portal("account", "password", "lan").code == 0


def test_a_weak_password_changes_nothing_and_is_not_repeated(
    portal: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "hunter22")
    refused = portal("account", "add", "lan")
    assert refused.code == 1
    assert "shorter than 14" in refused.errors
    assert "hunter22" not in refused.errors
    assert portal("account", "list", "--format", "json").data == []


def test_no_command_takes_a_password_as_an_argument(portal: RunCommand) -> None:
    assert portal("account", "add", "lan", PASSWORD).code == 2
    assert portal("account", "add", "lan", "--password", PASSWORD).code == 2


def test_a_token_is_shown_once_and_revoked(portal: RunCommand) -> None:
    written = portal("token", "add", "prometheus", "--scope", "metrics").output.strip()
    number = written.split("_")[1]
    listed = portal("token", "list")
    assert written not in listed.output
    assert number in listed.output
    assert portal("token", "revoke", number).code == 0
    assert portal("token", "list", "--format", "json").data[0]["state"] == "revoked"
    assert portal("token", "revoke", "none").code == 1


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "\udcff", "x" * 81])
def test_a_token_that_could_not_be_told_from_others_is_not_made(
    portal: RunCommand, name: str
) -> None:
    answer = portal("token", "add", name, "--scope", "metrics")
    assert answer.code == 1
    assert answer.errors == (
        f"portal: {name!r} is no name of a token: write 1 to 80 visible characters that say which"
        " program has it, such as prometheus\n"
    )
    assert portal("token", "list", "--format", "json").data == []


@pytest.mark.parametrize(
    "command",
    ["token revoke {}", "account disable {}", "account password {}", "cache log --tag {}"],
)
def test_bytes_that_are_no_text_are_no_name_on_either_database(
    portal: RunCommand, monkeypatch: pytest.MonkeyPatch, database_url: str, command: str
) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", database_url)
    typed(monkeypatch, PASSWORD)
    answer = portal(*command.format("\udcff").split())
    assert answer.code in {1, 2}
    assert "'\\udcff'" in answer.errors
