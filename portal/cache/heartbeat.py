"""A thread that does something again and again for as long as there is need of it."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Heartbeat:
    """Calls `beat` every `interval` seconds from `start` on for as long as it `is_needed`.

    The thread is made when it is needed, hence after a fork, and ends by itself. `beat` must not
    raise.
    """

    def __init__(
        self,
        name: str,
        beat: Callable[[], object],
        is_needed: Callable[[], bool],
        interval: float,
    ) -> None:
        self._name = name
        self._beat = beat
        self._is_needed = is_needed
        self._interval = interval
        self.after_fork()

    def after_fork(self) -> None:
        """A thread of the parent does not live in a child process."""
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Beat from now on, unless it does already."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End the thread, if there is one."""
        self._stop.set()
        thread = self._thread
        if thread is not None:
            thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stop.wait(self._interval):
            self._beat()
            with self._lock:
                # Who calls `start` from now on gets another thread.
                if not self._is_needed():
                    self._thread = None
                    return
