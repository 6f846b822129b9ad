"""Follows the log of a database that tells of its commits (PostgreSQL: LISTEN and NOTIFY).

One thread and one connection per process. A notification makes it read the log at once; without
one it reads every half second, which proves that the table is current even if notifications are
lost. While it cannot, readers ask the log themselves.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from portal.cache.table import LogTable
from portal.errors import ContentUnavailable
from portal.forking import begin_anew_after_fork

log = logging.getLogger(__name__)

PROOF_SECONDS = 0.5
_PAUSES = (0.05, 0.1, 0.25, 0.5, 1.0)


class Listening(Protocol):
    """A connection that is told of commits."""

    def wait(self, timeout: float) -> bool:
        """Wait for a commit; raise `ContentUnavailable` when the connection is gone."""

    def close(self) -> None:
        """Give the connection back."""


class Follower:
    """Keeps a table current in the background; started by the first page after a fork."""

    def __init__(
        self, table: LogTable, listen: Callable[[], Listening], greet: Callable[[], object]
    ) -> None:
        self._table = table
        self._listen = listen
        self._greet = greet
        self.after_fork()
        begin_anew_after_fork(self)

    def after_fork(self) -> None:
        """Follow nothing yet: the thread is the parent's."""
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._failures = 0

    def start(self) -> None:
        """Begin to follow unless this process does so already."""
        if self._thread is not None:
            return
        with self._lock:
            if self._thread is None:
                self._stopped = threading.Event()
                thread = threading.Thread(target=self._run, name="follower", daemon=True)
                thread.start()
                self._thread = thread

    def stop(self) -> None:
        """Stop following and wait for the thread's end; `start` begins anew."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        self._thread = None

    def _run(self) -> None:
        stopped = self._stopped
        while not stopped.is_set():
            try:
                self._follow(stopped)
            except ContentUnavailable as problem:
                if self._failures == 0:
                    log.warning("the change log cannot be followed: %s", problem)
            except Exception:
                log.exception("the follower of the change log failed")
            stopped.wait(_PAUSES[min(self._failures, len(_PAUSES) - 1)])
            self._failures += 1

    def _follow(self, stopped: threading.Event) -> None:
        listening = self._listen()
        try:
            # The database behind a new connection may be another one than before.
            self._greet()
            self._table.ensure()
            while not stopped.is_set():
                listening.wait(PROOF_SECONDS)
                self._table.ensure()
                # Not before: a server that ends every connection at once is one outage.
                self._failures = 0
        finally:
            listening.close()
