"""Work that no reader waits for: renewing what is old, storing what was rendered."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from portal.forking import begin_anew_after_fork

log = logging.getLogger(__name__)

MOST_WAITING = 256


class Afterwards:
    """One thread that does tasks in their order; what does not fit is dropped.

    Nothing here is ever needed for a page to be right.
    """

    def __init__(self) -> None:
        self.after_fork()
        begin_anew_after_fork(self)

    def after_fork(self) -> None:
        """Leave what was to be done, and the thread that does it, to the parent."""
        self._tasks: deque[Callable[[], object]] = deque()
        self._changed = threading.Condition()
        self._busy = False
        self._works = False
        self._ends = False

    def add(self, task: Callable[[], object]) -> bool:
        """Do `task` soon; say whether it will be done."""
        with self._changed:
            if len(self._tasks) >= MOST_WAITING:
                return False
            if not self._works:
                try:
                    threading.Thread(target=self._work, name="afterwards", daemon=True).start()
                except RuntimeError as problem:  # the machine has no thread left
                    log.warning("work after a response is left undone: %s", problem)
                    return False
                self._works = True
            self._tasks.append(task)
            self._changed.notify_all()
        return True

    def settle(self, seconds: float = 10.0) -> bool:
        """Wait until nothing is left to do; say whether that was reached."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._tasks and not self._busy, seconds)

    def close(self) -> None:
        """Do what is left, and let the thread end; a later task would begin another."""
        self.settle()
        with self._changed:
            self._ends = self._works
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._tasks or self._ends)
                if not self._tasks:
                    self._works = self._ends = False
                    return
                task = self._tasks.popleft()
                self._busy = True
            try:
                task()
            except Exception:
                log.exception("work after a response failed")
            finally:
                with self._changed:
                    self._busy = False
                    self._changed.notify_all()
