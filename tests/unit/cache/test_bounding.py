"""Questions to the log in turns: one that is under way is no trouble, one that is late is."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.cache import BoundedSource
from portal.content.stamps import LogRows
from portal.errors import ContentUnavailable


class SlowLog:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.begun = threading.Event()
        self.may_answer = threading.Event()

    def head(self) -> LogRows:
        self.asked += 1
        self.begun.set()
        assert self.may_answer.wait(30)
        return LogRows("epoch", 0, self.asked)

    def rows(self, after: int) -> LogRows:
        return self.head()


def test_a_question_waits_for_its_turn_and_gets_an_answer_of_its_own():
    """What was asked before it began would prove nothing to it."""
    log = SlowLog()
    source = BoundedSource(log, patience=30)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(source.head)
        assert log.begun.wait(30)
        second = pool.submit(source.head)
        log.may_answer.set()
        assert {first.result().position, second.result().position} == {1, 2}


def test_while_an_answer_is_late_nothing_else_is_asked():
    log = SlowLog()
    source = BoundedSource(log, patience=0.01)
    log.may_answer.set()
    source.head()
    log.may_answer.clear()
    with pytest.raises(ContentUnavailable, match="gives no answer"):
        source.head()
    with pytest.raises(ContentUnavailable, match="has not answered an earlier question"):
        source.head()
    assert log.asked == 2
    log.may_answer.set()
