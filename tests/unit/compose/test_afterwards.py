"""Work after a response: done in its order, by one thread that ends when nobody needs it."""

from __future__ import annotations

import threading

import pytest

from portal.compose.afterwards import MOST_WAITING
from portal.compose.afterwards import Afterwards


def test_tasks_are_done_in_their_order_whatever_one_of_them_raises():
    afterwards, done = Afterwards(), []
    afterwards.add(lambda: done.append(1))
    afterwards.add(lambda: done.append(1 // 0))
    afterwards.add(lambda: done.append(2))
    assert afterwards.settle()
    assert done == [1, 2]
    afterwards.close()


def test_what_does_not_fit_is_dropped_and_said_to_be():
    afterwards, busy, go_on = Afterwards(), threading.Event(), threading.Event()
    afterwards.add(lambda: (busy.set(), go_on.wait(10)))
    assert busy.wait(10)
    taken = [afterwards.add(lambda: None) for _ in range(MOST_WAITING + 1)]
    go_on.set()
    assert taken == [True] * MOST_WAITING + [False]
    afterwards.close()


def test_closing_does_what_is_left_and_ends_the_thread_until_there_is_more():
    afterwards, workers = Afterwards(), []

    def work() -> None:
        workers.append(threading.current_thread())

    for _ in range(2):
        afterwards.add(work)
        afterwards.add(work)
        afterwards.close()
        afterwards.close()
        workers[-1].join(10)
        assert not workers[-1].is_alive()
    assert [worker is workers[0] for worker in workers] == [True, True, False, False]


def test_without_a_thread_to_be_had_work_is_dropped_and_no_page_fails(
    monkeypatch: pytest.MonkeyPatch,
):
    afterwards, done = Afterwards(), []

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as without:
        without.setattr(threading.Thread, "start", refuse)
        assert not afterwards.add(lambda: done.append("dropped"))
    assert afterwards.add(lambda: done.append("done"))
    afterwards.close()
    assert done == ["done"]
