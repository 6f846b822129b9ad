"""Runs block code beside the page's own thread, so that a block that hangs cannot hold the page.

A worker owns one read-only snapshot and one thread. A page that waits longer than a block's
budget leaves the worker behind with its snapshot and starts another; the thread ends by itself
when the block comes back.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from time import monotonic
from typing import Any
from typing import Generic
from typing import TypeVar

from portal.content.reader import Reader
from portal.content.stamps import LogRows
from portal.content.stamps import Stamp
from portal.errors import BlockError
from portal.errors import ContentUnavailable
from portal.errors import NoSuchPage
from portal.forking import begin_anew_after_fork

Result = TypeVar("Result")

MOST_FAILURES = 5
FAILURES_WITHIN = timedelta(seconds=30)
REST = timedelta(seconds=5)
MOST_FAILING = 1_000
"""Names whose failures are kept in mind. Of addresses there is no end; of blocks there are fewer.
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a page renders from: a reader of one state of the content, and which state it is."""

    reader: Reader
    stamp: Stamp
    rows: LogRows


ASK_SECONDS = 0.25
"""After so long a wait, and again after each further one, the database is asked whether it lives.
"""

OpenSnapshot = Callable[[], AbstractContextManager[Snapshot]]


class Overtime(TimeoutError):
    """A call did not come back within its budget."""


@dataclass(frozen=True, slots=True)
class _Task(Generic[Result]):
    """A function to run in the worker, and where its outcome goes."""

    function: Callable[[Snapshot], Result]
    outcome: Future[Result]

    def perform(self, snapshot: Snapshot) -> None:
        try:
            self.outcome.set_result(self.function(snapshot))
        except Exception as problem:  # noqa: BLE001 - handed to the page's thread
            self.outcome.set_exception(problem)
        except BaseException as problem:  # noqa: BLE001 - handed over as an error like any other
            # SystemExit and its kind would end the server's thread instead of costing one block.
            refused = BlockError(f"block code raised {type(problem).__name__}")
            self.outcome.set_exception(refused)


class RenderWorker:
    """One snapshot with its thread; use it as a context manager.

    `ask` raises `ContentUnavailable` when the database gives no answer: then nobody goes on
    waiting for what a thread does with it.
    """

    def __init__(
        self,
        open_snapshot: OpenSnapshot,
        patience: timedelta,
        ask: Callable[[], object] = lambda: None,
    ) -> None:
        self._open_snapshot = open_snapshot
        self._ask = ask
        self._tasks: queue.SimpleQueue[_Task[Any] | None] = queue.SimpleQueue()
        self._ready: Future[Snapshot] = Future()
        self._thread = threading.Thread(target=self._work, name="render", daemon=True)
        self._thread.start()
        try:
            self.snapshot = self.wait(self._ready, patience.total_seconds())
        except BaseException:
            self.close()
            raise

    def _work(self) -> None:
        try:
            with self._open_snapshot() as snapshot:
                self._ready.set_result(snapshot)
                while (task := self._tasks.get()) is not None:
                    task.perform(snapshot)
        except Exception as problem:  # noqa: BLE001 - handed to the page's thread, which logs it
            if not self._ready.done():
                self._ready.set_exception(problem)

    def submit(self, function: Callable[[Snapshot], Result]) -> Future[Result]:
        """Have `function` run in the worker after everything submitted before."""
        future: Future[Result] = Future()
        self._tasks.put(_Task(function, future))
        return future

    def wait(self, future: Future[Result], seconds: float) -> Result:
        """The outcome of `future`; raises `TimeoutError` when it is not there in time."""
        end = monotonic() + seconds
        while True:
            left = end - monotonic()
            try:
                return future.result(timeout=max(0.0, min(left, ASK_SECONDS)))
            except TimeoutError:
                if future.done() or left <= ASK_SECONDS:
                    raise
            self._ask()

    def close(self) -> None:
        """Let the thread end after the task it is at; does not wait."""
        self._tasks.put(None)

    def __enter__(self) -> RenderWorker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Resting(BlockError):
    """A block failed too often lately and is left alone for a while."""


class Overseer:
    """Runs calls in workers within budgets, and never the same one beside a copy that hangs.

    So a block that hangs holds one thread and one snapshot, however many pages ask for it; and
    one that failed five times in a row within half a minute is left alone for five seconds. Safe
    to share between threads.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._failures: dict[str, tuple[int, datetime]] = {}
        self.after_fork()
        begin_anew_after_fork(self)

    def after_fork(self) -> None:
        """Wait for no call of another process: here none of them comes back."""
        self._late: set[str] = set()

    def rests(self, name: str) -> bool:
        """Whether calls of this `name` are refused at the moment."""
        known = self._failures.get(name)
        if known is None or known[0] < MOST_FAILURES:
            return False
        return self._clock() < known[1] + REST

    def run(
        self,
        worker: RenderWorker,
        name: str,
        function: Callable[[Snapshot], Result],
        budget: timedelta,
    ) -> Result:
        """Run `function` in `worker`; raise what it raises, or `Overtime` after `budget`.

        `Overtime` comes at once while the last call of this `name` still runs, `Resting` while it
        is left alone. Raises `ContentUnavailable` when the database is silent, which is not the
        call's failure.
        """
        try:
            result = self._run(worker, name, function, budget)
        except (NoSuchPage, ContentUnavailable, Resting):
            # To be refused is no failure: who is asked all the time would rest for ever.
            raise
        except Exception:
            self._note_failure(name)
            raise
        if name in self._failures:
            self._failures.pop(name, None)
        return result

    def _note_failure(self, name: str) -> None:
        now = self._clock()
        number, last = self._failures.get(name, (0, now))
        self._failures[name] = (number + 1 if now - last <= FAILURES_WITHIN else 1, now)
        if len(self._failures) > MOST_FAILING:
            # A copy: other threads note theirs meanwhile.
            oldest, _ = min(self._failures.copy().items(), key=lambda item: item[1][1])
            self._failures.pop(oldest, None)

    def _run(
        self,
        worker: RenderWorker,
        name: str,
        function: Callable[[Snapshot], Result],
        budget: timedelta,
    ) -> Result:
        if name in self._late:
            raise Overtime("an earlier call has not come back yet")
        if self.rests(name):
            raise Resting("it failed too often lately and is left alone for a while")
        future = worker.submit(function)
        try:
            return worker.wait(future, budget.total_seconds())
        except TimeoutError:
            if future.done():
                raise
            self._leave(name, future)
        except ContentUnavailable:
            self._leave(name, future)
            raise
        raise Overtime(f"no answer within {budget.total_seconds():.3f} s")

    def _leave(self, name: str, future: Future[Result]) -> None:
        self._late.add(name)
        future.add_done_callback(lambda _: self._late.discard(name))
