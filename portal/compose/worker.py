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
from datetime import timedelta
from typing import Any
from typing import Generic
from typing import TypeVar

from portal.content.reader import Reader
from portal.content.stamps import LogRows
from portal.content.stamps import Stamp
from portal.errors import BlockError

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a page renders from: a reader of one state of the content, and which state it is."""

    reader: Reader
    stamp: Stamp
    rows: LogRows


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
    """One snapshot with its thread; use it as a context manager."""

    def __init__(self, open_snapshot: OpenSnapshot, patience: timedelta) -> None:
        self._open_snapshot = open_snapshot
        self._tasks: queue.SimpleQueue[_Task[Any] | None] = queue.SimpleQueue()
        self._ready: Future[Snapshot] = Future()
        self._thread = threading.Thread(target=self._work, name="render", daemon=True)
        self._thread.start()
        try:
            self.snapshot = self._ready.result(timeout=patience.total_seconds())
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

    def close(self) -> None:
        """Let the thread end after the task it is at; does not wait."""
        self._tasks.put(None)

    def __enter__(self) -> RenderWorker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Overseer:
    """Runs calls in workers within budgets, and never the same one beside a copy that hangs.

    So a block that hangs holds one thread and one snapshot, however many pages ask for it. Safe
    to share between threads.
    """

    def __init__(self) -> None:
        self._late: set[str] = set()

    def run(
        self,
        worker: RenderWorker,
        name: str,
        function: Callable[[Snapshot], Result],
        budget: timedelta,
    ) -> Result:
        """Run `function` in `worker`; raise what it raises, or `Overtime` after `budget`.

        While the last call of this `name` still runs, `Overtime` comes at once.
        """
        if name in self._late:
            raise Overtime("an earlier call has not come back yet")
        future = worker.submit(function)
        try:
            return future.result(timeout=budget.total_seconds())
        except TimeoutError:
            if future.done():
                raise
        self._late.add(name)
        future.add_done_callback(lambda _: self._late.discard(name))
        raise Overtime(f"no answer within {budget.total_seconds():.3f} s")
