"""What a process knows of the log stays complete up to its position."""

from __future__ import annotations

import threading

import pytest

from portal.cache import LogTable
from portal.content.stamps import LogRows
from portal.errors import ContentUnavailable


class ListedLog:
    """A log that a test writes to by hand."""

    def __init__(self) -> None:
        self.epoch = "a"
        self.floor = 0
        self.written: list[tuple[str, int]] = []
        self.loads: list[int] = []

    def append(self, *tags: str) -> None:
        for tag in tags:
            self.written.append((tag, len(self.written) + 1))

    def head(self) -> LogRows:
        return LogRows(self.epoch, self.floor, max((at for _, at in self.written), default=0))

    def rows(self, after: int) -> LogRows:
        self.loads.append(after)
        rows = tuple(row for row in self.written if row[1] > after)
        return LogRows(self.epoch, self.floor, self.head().position, rows, after)


@pytest.fixture
def log() -> ListedLog:
    return ListedLog()


@pytest.fixture
def table(log: ListedLog) -> LogTable:
    return LogTable(log)


def test_the_first_question_loads_the_whole_log(log, table):
    log.append("article:1", "article:2")
    view = table.ensure()
    assert (view.position, dict(view.last)) == (2, {"article:1": 1, "article:2": 2})
    assert log.loads == [-1]


def test_an_unmoved_log_is_not_read_again(log, table):
    log.append("article:1")
    table.ensure()
    table.ensure()
    assert log.loads == [-1]


def test_only_new_rows_are_read_when_the_log_moved(log, table):
    log.append("article:1")
    table.ensure()
    log.append("article:1", "sections")
    view = table.ensure()
    assert log.loads == [-1, 1]
    assert dict(view.last) == {"article:1": 2, "sections": 3}


def test_a_new_epoch_replaces_everything(log, table):
    log.append("article:1", "article:2")
    table.ensure()
    log.epoch, log.written = "b", [("article:9", 1)]
    view = table.ensure()
    assert (view.epoch, view.position, dict(view.last)) == ("b", 1, {"article:9": 1})


def test_a_log_that_went_back_is_loaded_anew(log, table):
    log.append("article:1", "article:2", "article:3")
    table.ensure()
    log.written = log.written[:1]
    view = table.ensure()
    assert (view.position, dict(view.last)) == (1, {"article:1": 1})


def test_rows_of_a_snapshot_never_move_the_position_back(log, table):
    log.append("article:1", "article:2")
    table.ensure()
    view = table.merge(LogRows("a", 0, 1, (("article:1", 1),), after=0))
    assert view.position == 2


def test_rows_that_would_leave_a_gap_are_dropped(log, table):
    log.append("article:1")
    table.ensure()
    view = table.merge(LogRows("a", 0, 9, (("article:2", 9),), after=5))
    assert (view.position, dict(view.last)) == (1, {"article:1": 1})


def test_part_of_another_epoch_is_dropped(log, table):
    log.append("article:1")
    table.ensure()
    assert table.merge(LogRows("b", 0, 9, (("article:2", 9),), after=5)).epoch == "a"


def test_a_view_in_use_does_not_change_under_its_page(log, table):
    log.append("article:1")
    before = table.ensure()
    log.append("article:1")
    table.ensure()
    assert dict(before.last) == {"article:1": 1}


def test_a_database_that_goes_back_between_head_and_rows_is_asked_again(log, table, monkeypatch):
    log.append("article:1")
    table.ensure()
    log.append("article:1")
    head = log.head()

    def go_back() -> LogRows:
        log.epoch = "b"
        monkeypatch.undo()
        return head

    monkeypatch.setattr(log, "head", go_back)
    view = table.ensure()
    assert (view.epoch, view.position) == ("b", 2)


def test_a_log_that_never_holds_still_is_no_proof(log, table, monkeypatch):
    log.append("article:1")
    table.ensure()
    monkeypatch.setattr(log, "head", lambda: LogRows("gone", 0, 7))
    with pytest.raises(ContentUnavailable, match="changes its epoch"):
        table.ensure()


def test_an_answer_to_an_earlier_question_does_not_hide_the_own_commit(log, monkeypatch):
    """It comes after the commit, while the log cannot be read."""
    asked, go_on, away = (threading.Event() for _ in range(3))
    head = log.head

    def answer() -> LogRows:
        if away.is_set():
            raise ContentUnavailable("away")
        found = head()
        if threading.current_thread() is follower:
            asked.set()
            go_on.wait(10)
        return found

    log.append("article:1")
    table = LogTable(log, follow=True)
    follower = threading.Thread(target=table.ensure)
    table.ensure()
    monkeypatch.setattr(log, "head", answer)
    follower.start()
    assert asked.wait(10)
    log.append("article:1")
    away.set()
    table.notice()
    go_on.set()
    follower.join()
    away.clear()
    assert table.current().position == 2
