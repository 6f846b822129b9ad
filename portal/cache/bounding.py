"""Asks the database without waiting for one that gives no answer.

A server that is down refuses at once; one that hangs, or a network that swallows packets, would
hold every reader. So a question is asked in a thread of its own, and while one is late no second
one is asked.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic
from typing import Generic
from typing import TypeVar

from portal.content.stamps import LogRows
from portal.content.stamps import LogSource
from portal.errors import ContentUnavailable
from portal.forking import begin_anew_after_fork

log = logging.getLogger(__name__)

START_PATIENCE_SECONDS = 5.0
"""Longest wait for anything of a process that knows nothing yet, so has nothing to show instead."""
ROWS_PATIENCE_SECONDS = 5.0
"""Longest wait for rows: a long log takes a while to read."""

Answer = TypeVar("Answer")


class _Question(Generic[Answer]):
    """One question that is being asked in a thread."""

    def __init__(self, ask: Callable[[], Answer], name: str) -> None:
        self.asked_at = monotonic()
        self.answer: Future[Answer] = Future()
        threading.Thread(target=self._run, args=(ask,), name=name, daemon=True).start()

    def _run(self, ask: Callable[[], Answer]) -> None:
        try:
            self.answer.set_result(ask())
        except Exception as problem:  # noqa: BLE001 - handed to who asked, who handles it
            self.answer.set_exception(problem)


class BoundedSource:
    """A log source whose answers come in time, or `ContentUnavailable`. Safe for threads.

    `patience` is the longest wait for where the log stands, in seconds, once it has answered.
    Readers take turns. An answer to somebody else's earlier question proves nothing to a page
    that began after that question, so nobody shares one.
    """

    def __init__(self, source: LogSource, patience: float) -> None:
        self._source = source
        self._patience = patience
        self.after_fork()
        begin_anew_after_fork(self)

    def after_fork(self) -> None:
        """Forget what another process asked: it will never be answered in this one."""
        self._turn = threading.Lock()
        self._late: _Question[LogRows] | None = None
        self._has_answered = False

    def head(self) -> LogRows:
        """Epoch, floor and position, without rows."""
        return self._ask(
            self._source.head, self._patience if self._has_answered else START_PATIENCE_SECONDS
        )

    def rows(self, after: int) -> LogRows:
        """The same with every row above `after`."""
        return self._ask(lambda: self._source.rows(after), ROWS_PATIENCE_SECONDS)

    def _ask(self, ask: Callable[[], LogRows], patience: float) -> LogRows:
        turn = self._turn
        if not turn.acquire(timeout=ROWS_PATIENCE_SECONDS):
            raise ContentUnavailable("too many wait for the database")
        try:
            if self._late is not None and not self._late.answer.done():
                raise ContentUnavailable("the database has not answered an earlier question yet")
            self._late = question = _Question(ask, "log reader")
            rows = question.answer.result(timeout=patience)
            self._has_answered = True
            return rows
        except TimeoutError as late:
            raise ContentUnavailable("the database gives no answer") from late
        finally:
            turn.release()


class OncePerProcess:
    """Does something at its first call in each process: what does not survive a fork.

    Whoever calls waits a little for it; while it goes on for longer, calls raise
    `ContentUnavailable` at once. What fails is tried again at the next call, and logged the first
    time.
    """

    def __init__(self, task: Callable[[], object], patience: float | None = None) -> None:
        self._task = task
        self._patience = START_PATIENCE_SECONDS if patience is None else patience
        self.after_fork()
        begin_anew_after_fork(self)

    def after_fork(self) -> None:
        """A child process has done nothing yet."""
        self._lock = threading.Lock()
        self._running: _Question[object] | None = None
        self._done = False
        self._has_failed = False

    def __call__(self) -> None:
        """Do it unless this process did."""
        if self._done:
            return
        with self._lock:
            running = self._running
            if running is None:
                running = self._running = _Question(self._task, "beginning")
        left = running.asked_at + self._patience - monotonic()
        try:
            running.answer.exception(timeout=max(0.0, left))
        except TimeoutError as late:
            raise ContentUnavailable("the database has not been checked yet") from late
        self._note(running)

    def _note(self, ended: _Question[object]) -> None:
        with self._lock:
            if self._running is not ended:
                return
            self._running = None
            problem = ended.answer.exception()
            self._done = problem is None
            if problem is not None and not self._has_failed:
                self._has_failed = True
                log.error("a process begins without what it begins with", exc_info=problem)
