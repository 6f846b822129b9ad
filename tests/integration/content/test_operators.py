"""Accounts, sessions, failed logins, tokens and the audit log, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.content import operators
from portal.content.operators import attempts
from portal.content.operators.sessions import IDLE
from portal.content.operators.sessions import LONGEST
from portal.content.operators.tables import AttemptRow
from portal.content.operators.tables import SessionRow
from portal.content.operators.tables import TokenRow
from portal.content.transfer import clear
from portal.content.transfer import site_tables
from portal.errors import ContentError
from tests.integration.content.conftest import Content

Result = TypeVar("Result")


def add(content: Content, name: str = "lan") -> operators.Account:
    """Store an account and return it."""

    def store(session: Session) -> operators.Account | None:
        operators.add_account(session, name, "operator", "hash", now=content.now)
        return operators.find_account(session, name)

    account = content.write(store)
    assert account is not None
    return account


def at(content: Content, ask: Callable[..., Result], *arguments: object) -> Result:
    """Run a function of a session at the clock's moment."""
    return content.write(lambda session: ask(session, *arguments, now=content.now))


def test_no_change_of_operators_ends_a_cache_entry(content: Content) -> None:
    account = add(content)

    def change(session: Session) -> None:
        number = operators.start_session(session, account, now=content.now)
        operators.keep_session(session, number, now=content.now)
        operators.add_token(session, "monitor", "metrics", now=content.now)
        operators.note(session, "lan", "login", now=content.now)
        operators.note_failure(session, ["a"], now=content.now)
        operators.set_password(session, "lan", "other")

    assert content.logged(change) == set()


def test_no_archive_holds_them_and_no_restore_takes_them_away(content: Content) -> None:
    add(content)
    assert not [table.name for table in site_tables() if table.name.startswith("operator_")]
    content.write(lambda session: clear(session.connection()))
    assert [account.name for account in content.write(operators.list_accounts)] == ["lan"]


@pytest.mark.parametrize("name", ["", "a", "Lan", "lan anh", "-lan", "lân", "a" * 41, "a\nb"])
def test_a_name_that_is_none_is_refused(content: Content, name: str) -> None:
    with pytest.raises(ContentError, match="is no account name"):
        add(content, name)


def test_a_name_stands_for_one_account(content: Content) -> None:
    add(content)
    with pytest.raises(ContentError, match="already"):
        add(content)
    with pytest.raises(ContentError, match=r"no account 'lam' \(known: lan\)"):
        content.write(lambda session: operators.set_password(session, "lam", "x"))


def test_a_session_is_kept_hashed_and_ends_by_silence_and_by_age(content: Content) -> None:
    account = add(content)
    number = at(content, operators.start_session, account)
    stored = content.write(
        lambda session: session.execute(select(SessionRow.digest)).scalars().all()
    )
    assert len(stored) == 1
    assert number not in stored[0]
    assert at(content, operators.find_session, number) == (account, False)
    content.clock.advance(minutes=29)
    assert at(content, operators.find_session, number) == (account, True)
    content.clock.advance(minutes=1)
    assert at(content, operators.find_session, number) is None
    number = at(content, operators.start_session, account)
    for _ in range(int(LONGEST / IDLE) * 2 - 1):
        content.clock.advance(seconds=IDLE.total_seconds() / 2)
        assert at(content, operators.find_session, number) is not None
        at(content, operators.keep_session, number)
    content.clock.advance(seconds=IDLE.total_seconds() / 2)
    assert at(content, operators.find_session, number) is None


def test_sessions_end_with_logout_a_new_password_and_a_closed_account(content: Content) -> None:
    account = add(content)
    endings: list[Callable[[Session, str], None]] = [
        operators.end_session,
        lambda session, _: operators.set_password(session, "lan", "other"),
        lambda session, _: operators.set_disabled(session, "lan", True, now=content.now),
    ]
    for end in endings:
        number = at(content, operators.start_session, account)
        content.write(lambda session, end=end, number=number: end(session, number))
        assert at(content, operators.find_session, number) is None


def test_each_further_failure_doubles_the_wait_up_to_a_bound(content: Content) -> None:
    waits = []
    for _ in range(18):
        at(content, operators.note_failure, ["name", "address"])
        until = at(content, operators.locked_until, ["name"])
        waits.append(round((until - content.now).total_seconds()) if until else 0)
    assert waits[:9] == [0, 0, 0, 0, 2, 4, 8, 16, 32]
    assert waits[-1] == attempts.LONGEST_WAIT.total_seconds()
    assert at(content, operators.locked_until, ["other", "address"]) is not None
    content.write(lambda session: operators.forget_failures(session, ["name", "address"]))
    assert at(content, operators.locked_until, ["name", "address"]) is None


def failures(content: Content) -> dict[str, int]:
    rows = content.write(
        lambda session: session.execute(select(AttemptRow.digest, AttemptRow.failures)).all()
    )
    return {row.digest: row.failures for row in rows}


def test_failures_at_the_same_time_are_all_counted(content: Content) -> None:
    with ThreadPoolExecutor(8) as pool:
        tasks = [
            pool.submit(at, content, operators.note_failure, order)
            for order in [["name", "address"], ["address", "name"]] * 16
        ]
        for task in tasks:
            task.result(60)
    assert failures(content) == {"name": 32, "address": 32}


def test_attempts_at_the_same_time_cost_as_much_as_one_after_the_other(content: Content) -> None:
    with ThreadPoolExecutor(8) as pool:
        tasks = [
            pool.submit(at, content, operators.begin_attempt, ["name", "address"])
            for _ in range(32)
        ]
        refused = [task.result(60) for task in tasks]
    assert refused.count(None) == attempts.FREE + 1
    assert failures(content) == {"name": attempts.FREE + 1, "address": attempts.FREE + 1}


def test_an_attempt_that_succeeds_costs_nothing(content: Content) -> None:
    for _ in range(attempts.FREE):
        at(content, operators.note_failure, ["address"])
    for _ in range(3):
        assert at(content, operators.begin_attempt, ["address"]) is None
        assert at(content, operators.locked_until, ["address"]) is not None
        at(content, operators.take_back, ["address"])
        assert at(content, operators.locked_until, ["address"]) is None
    began = content.now
    assert at(content, operators.begin_attempt, ["address"]) is None
    content.clock.advance(seconds=3)
    # Somebody else fails at the same address meanwhile.
    at(content, operators.note_failure, ["address"])
    content.write(lambda session: operators.take_back(session, ["address"], now=began))
    assert at(content, operators.locked_until, ["address"]) is not None
    assert failures(content) == {"address": attempts.FREE + 1}


def test_failures_are_forgotten_and_bounded(
    content: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "MOST", 3)
    for number in range(6):
        at(content, operators.note_failure, [f"address {number}"])
        content.clock.advance(seconds=1)
    kept = content.write(lambda session: session.execute(select(AttemptRow.digest)).scalars().all())
    assert sorted(kept) == ["address 3", "address 4", "address 5"]
    content.clock.advance(seconds=timedelta(days=1).total_seconds())
    at(content, operators.note_failure, ["new"])
    kept = content.write(lambda session: session.execute(select(AttemptRow.digest)).scalars().all())
    assert kept == ["new"]


def test_a_token_is_for_its_scope_until_it_is_revoked(content: Content) -> None:
    written = content.write(
        lambda session: operators.add_token(session, "monitor", "metrics", now=content.now)
    )
    number = written.split("_")[1]

    def allows(token: str, scope: str = "metrics") -> str | None:
        return content.write(lambda session: operators.token_allows(session, token, scope))

    assert allows(written) == number
    assert allows(written, "purge") is None
    last = "0" if written[-1] != "0" else "1"
    for other in (
        written[:-1] + last,
        written + "0",
        f"pt_{number}_",
        "",
        f"pt_{'0' * 12}_{'0' * 64}",
    ):
        assert allows(other) is None
    stored = content.write(lambda session: session.execute(select(TokenRow.digest)).scalar_one())
    assert written.split("_")[2] not in stored
    at(content, operators.revoke_token, number)
    assert allows(written) is None
    with pytest.raises(ContentError, match="no scope"):
        content.write(lambda session: operators.add_token(session, "x", "all", now=content.now))


@pytest.mark.parametrize(
    "statement", ["DELETE FROM operator_audit", "UPDATE operator_audit SET actor = 'nobody'"]
)
def test_the_audit_log_is_only_added_to(content: Content, statement: str) -> None:
    for number in range(3):
        at(content, lambda session, now, n=number: operators.note(session, "lan", f"a{n}", now=now))
    with pytest.raises(DBAPIError, match="only ever added to"):
        content.write(lambda session: session.execute(text(statement)))
    entries = content.write(operators.recent)
    assert [entry.action for entry in entries] == ["a2", "a1", "a0"]


def test_an_audit_entry_is_one_line(content: Content) -> None:
    at(
        content,
        lambda session, now: operators.note(session, "lan", "purge", "a\r\nb" * 400, now=now),
    )
    (entry,) = content.write(operators.recent)
    assert "\n" not in entry.detail
    assert len(entry.detail) <= 500
