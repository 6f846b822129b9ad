"""A circuit breaker: after a few failures nobody asks again until a probe in the background works.

It never opens half for a reader: the first call that reaches the other side again is the probe's.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

logger = logging.getLogger(__name__)

FAILURES = 3
"""So many failures within the window open it."""
WINDOW_SECONDS = 10.0
PROBE_SECONDS = 0.25
"""Pause between two probes."""


class Breaker:
    """Closed: calls are allowed. Open: none is, and a thread probes. Safe to share.

    `probe` raises while the other side does not work. The thread is made when the breaker opens,
    hence after a fork, and ends when it closes.
    """

    def __init__(
        self,
        name: str,
        probe: Callable[[], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        failures: int = FAILURES,
        interval: float = PROBE_SECONDS,
    ) -> None:
        self.name = name
        self.opened = 0
        self._probe = probe
        self._clock = clock
        self._limit = failures
        self._interval = interval
        self._forget()

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._recent: deque[float] = deque(maxlen=self._limit)
        self._open = False
        self._opened_at = 0.0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    after_fork = _forget
    """Begin closed in a child process: threads and locks of the parent do not exist there."""

    @property
    def is_closed(self) -> bool:
        """Whether calls are allowed at the moment."""
        return not self._open

    def failed(self, reason: str) -> None:
        """Note a failed call; the one that fills the window opens the breaker."""
        now = self._clock()
        with self._lock:
            self._recent.append(now)
            full = len(self._recent) == self._limit
            if self._open or not full or now - self._recent[0] > WINDOW_SECONDS:
                return
            self._open = True
            self.opened += 1
            self._opened_at = now
            self._start()
        logger.warning(
            "shared cache: no %s after %d failures, the last one: %s; pages go on without it,"
            " and it is tried every %.2f s",
            self.name,
            self._limit,
            reason,
            self._interval,
        )

    def probe_once(self) -> bool:
        """Try the other side and close if it works; what the thread does again and again."""
        try:
            self._probe()
        except Exception:  # noqa: BLE001 - any failure of a probe means just "still open"
            return False
        with self._lock:
            was_open, self._open = self._open, False
            self._recent.clear()
            seconds = self._clock() - self._opened_at
        if was_open:
            logger.warning("shared cache: %s again after %.1f s", self.name, seconds)
        return True

    def close(self) -> None:
        """End the thread, if there is one."""
        self._stop.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=5)

    def _start(self) -> None:
        # Always under the lock. A thread that is just ending after its success is not reused.
        self._thread = threading.Thread(
            target=self._probe_until_closed, name=f"shared cache {self.name} probe", daemon=True
        )
        self._thread.start()

    def _probe_until_closed(self) -> None:
        while not self._stop.wait(self._interval):
            if self.probe_once():
                return
