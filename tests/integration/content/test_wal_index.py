"""Whether anybody has committed to an SQLite file is seen without asking it, and never too late."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from portal.content.stamps import HeldConnectionLog
from portal.content.wal_index import map_index
from portal.extensions import make_engine
from tests.integration.content.conftest import Content

SAVE = "UPDATE article SET headline = headline || ' và nữa'"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Only SQLite."""
    return sqlite_url


@pytest.fixture
def file(content: Content, database_url: str) -> Path:
    """A database with an article."""
    content.save("Tin")
    return Path(str(make_url(database_url).database))


class Told:
    """The held connection, which tells of every statement that it runs."""

    def __init__(self, held: Any, tell: Callable[[], object]) -> None:
        self._held = held
        self._tell = tell

    def execute(self, *statement: Any) -> Any:
        done = self._held.execute(*statement).fetchall()
        self._tell()
        return Answered(done)

    def close(self) -> None:
        self._held.close()


class Answered:
    """The rows of a statement that is at its end."""

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    def fetchall(self) -> list[Any]:
        return self._rows


@pytest.fixture
def log(file: Path) -> Iterator[HeldConnectionLog]:
    """A log that has been read twice: the first statement is what makes SQLite map its index."""
    engine = make_engine(f"sqlite:///{file}")
    log = HeldConnectionLog(lambda: engine)
    log.head()
    log.head()
    yield log
    log.close()
    engine.dispose()


def save(file: Path) -> None:
    """Commit as another program does."""
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute(SAVE)
    other.close()


def test_while_nobody_commits_no_statement_is_run(
    file: Path, log: HeldConnectionLog, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("portal.content.stamps.LOOK_SECONDS", 3600)
    statements: list[None] = []
    log._held = Told(log._held, lambda: statements.append(None))
    before = log.head()
    assert [log.head() for _ in range(100)] == [before] * 100
    assert not statements
    save(file)
    assert log.head().position > before.position
    assert len(statements) == 1


@pytest.mark.parametrize(
    "statements",
    [
        [SAVE],
        ["BEGIN", SAVE, "SAVEPOINT one", SAVE, "ROLLBACK TO one", "COMMIT"],
        [SAVE, "PRAGMA wal_checkpoint(PASSIVE)"],
        [SAVE, "PRAGMA wal_checkpoint(RESTART)", SAVE],
        [SAVE, "PRAGMA wal_checkpoint(TRUNCATE)"],
        [SAVE, "PRAGMA wal_checkpoint(TRUNCATE)", SAVE],
        ["VACUUM", SAVE],
    ],
    ids=["saved", "in part", "passive", "begun anew", "truncated", "truncated and saved", "vacuum"],
)
@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "in another process"])
def test_every_commit_is_seen_at_once(
    file: Path, log: HeldConnectionLog, statements: list[str], elsewhere: bool
):
    """Twenty times: the log of commits is written round and round in the same place."""
    for _ in range(20 if not elsewhere else 2):
        before = log.head()
        assert log.head() == before
        if elsewhere:
            script = (
                "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
                " [c.execute(one).fetchall() for one in sys.argv[2:]]; c.close()"
            )
            subprocess.run([sys.executable, "-c", script, str(file), *statements], check=True)
        else:
            other = sqlite3.connect(file, isolation_level=None)
            for statement in statements:
                other.execute(statement).fetchall()
            other.close()
        assert log.head().position > before.position


def test_what_is_not_committed_is_not_seen(file: Path, log: HeldConnectionLog):
    """Not even when it is too much for memory and goes to the log of commits before."""
    before = log.head()
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("PRAGMA cache_size=1")
    other.execute("BEGIN")
    other.execute("CREATE TABLE large (words TEXT)")
    other.executemany("INSERT INTO large VALUES (?)", [("x" * 5000,)] * 500)
    other.execute(SAVE)
    assert log.head() == before
    other.execute("ROLLBACK")
    assert log.head() == before
    other.close()


def test_what_is_committed_while_the_head_is_read_is_not_missed(
    file: Path, log: HeldConnectionLog, monkeypatch: pytest.MonkeyPatch
):
    """The header that is compared is the one from before the statement."""
    monkeypatch.setattr("portal.content.stamps.LOOK_SECONDS", 3600)
    save(file)
    late = [save]
    log._held = Told(log._held, lambda: late and late.pop()(file))
    read = log.head()
    assert not late
    assert log.head().position > read.position


def test_a_log_whose_connection_was_given_back_is_read_over_another_one(
    file: Path, log: HeldConnectionLog
):
    before = log.head()
    log.close()
    save(file)
    for _ in range(3):
        assert log.head().position > before.position


def test_a_child_process_believes_nothing_of_what_its_parent_knew(
    file: Path, log: HeldConnectionLog
):
    before = log.head()
    log.after_fork()
    assert log._known is None
    assert log._index is None
    save(file)
    assert log.head().position > before.position


def test_locks_of_sqlite_outlive_a_mapping(file: Path):
    """A descriptor of our own would take them along when it is closed."""
    reader = sqlite3.connect(file, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM article").fetchall()
    index_file = file.with_name(f"{file.name}-shm")
    locks, mappings = locks_on(index_file), mappings_of(index_file)
    assert locks
    opened = len(os.listdir("/proc/self/fd"))
    index = map_index(str(file))
    assert index is not None
    assert len(index.header()) == 48
    assert len(os.listdir("/proc/self/fd")) == opened
    assert mappings_of(index_file) == mappings + 1
    del index
    assert mappings_of(index_file) == mappings
    assert locks_on(index_file) == locks
    reader.close()


def locks_on(file: Path) -> list[list[str]]:
    """What the system knows of locks that this process has on a file."""
    inode = file.stat().st_ino
    lines = [line.split()[1:] for line in Path("/proc/locks").read_text().splitlines()]
    mine = [line for line in lines if str(os.getpid()) in line]
    return [line for line in mine if any(part.endswith(f":{inode}") for part in line)]


def mappings_of(file: Path) -> int:
    """How often a file is mapped in this process."""
    return Path("/proc/self/maps").read_text().count(str(file))


def test_a_database_with_another_journal_has_none(tmp_path: Path):
    file = tmp_path / "plain.sqlite3"
    plain = sqlite3.connect(file)
    plain.execute("CREATE TABLE one (number)")
    assert map_index(str(file)) is None
    plain.close()


def test_a_database_that_nobody_here_has_opened_has_none(file: Path, tmp_path: Path):
    copy = tmp_path / "copy.sqlite3"
    copy.write_bytes(file.read_bytes())
    copy.with_name("copy.sqlite3-shm").write_bytes(bytes(32768))
    assert map_index(str(copy)) is None
