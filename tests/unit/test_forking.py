"""What is told to begin anew in a forked process, and when."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest

from portal.compose.afterwards import Afterwards
from portal.forking import begin_anew_after_fork

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*multi-threaded, use of fork:DeprecationWarning"  # here the children only look
)


class Holder:
    def __init__(self) -> None:
        self.tellings = 0
        begin_anew_after_fork(self)

    def after_fork(self) -> None:
        self.tellings += 1


def in_child(look: Callable[[], int]) -> int:
    """What `look` says in a forked process: a number of at most one byte."""
    child = os.fork()
    if child == 0:
        code = 255
        try:
            code = look()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_child_is_told_and_its_parent_is_not():
    holder = Holder()
    assert in_child(lambda: holder.tellings) == 1
    assert holder.tellings == 0


def test_a_child_of_a_child_is_told_again():
    holder = Holder()
    assert in_child(lambda: in_child(lambda: holder.tellings)) == 2


def test_what_nobody_holds_any_more_is_not_told():
    told: list[Holder] = []

    class Telling(Holder):
        def after_fork(self) -> None:
            told.append(self)

    kept, left = Telling(), Telling()
    del left
    assert in_child(lambda: 10 * len(told) + (told == [kept])) == 11


def test_a_child_does_its_own_work_after_a_response_and_none_of_its_parents():
    afterwards, begun, go_on, done = Afterwards(), threading.Event(), threading.Event(), []
    afterwards.add(lambda: (begun.set(), go_on.wait()))
    afterwards.add(lambda: done.append("parent's"))
    begun.wait()

    def work() -> int:
        afterwards.add(lambda: done.append("child's"))
        return 1 if afterwards.settle() and done == ["child's"] else 2

    assert in_child(work) == 1
    go_on.set()
    assert afterwards.settle()
    assert done == ["parent's"]
