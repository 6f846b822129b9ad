"""The server of `portal serve`: granian, with a stop and a reload that lose no request.

Four things are added to it. Workers share one listening socket, so that what waits to be accepted
is not lost with the worker that would have accepted it, and one that is replaced shuts its door
first. SIGTERM turns readiness off and asks clients to connect elsewhere before workers stop. SIGHUP
makes the new application here and hands it to new workers, so what was read is what serves: while
it is broken, the workers that run go on. Workers whose server was killed end by themselves.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask
from granian._granian import SocketHolder
from granian.constants import HTTPModes
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer
from granian.server.mp import WorkerProcess

from portal.cli.door import Door
from portal.cli.door import Entrance
from portal.starting import make
from portal.starting import start
from portal.web.presence import mark_leaving
from portal.web.presence import mark_stopping

log = logging.getLogger("portal.server")

GRACE_SECONDS = 30
"""In-flight requests get this long before a worker is killed."""
HEADER_MILLISECONDS = 10_000
"""Within this time a client must have sent its headers."""
RESPAWN_SECONDS = 3.0
"""Old and new worker serve together for this long, so that kept connections can move over."""
SHUT_SECONDS = 1.0
"""The old worker accepts nothing for this last part of it: whoever connected has asked by then."""
INSIST_SECONDS = 1.0
"""A worker that has to go is told again after this time, as long as it is there."""


class Loader:
    """Gives a worker its application, which was made before the fork."""

    def __init__(self, environ: dict[str, str], made: Flask) -> None:
        self._environ = environ
        self._keep(made)

    def renew(self) -> None:
        """Read settings and site files anew for later workers.

        Raises `PortalError` for what forbids to serve; then they get what was made before.
        """
        made = make(self._environ)
        gc.unfreeze()
        self._keep(made)
        # What was made before has become garbage, which later workers would carry along.
        gc.collect()
        gc.freeze()

    def _keep(self, made: Flask) -> None:
        # A worker that is spawned instead of forked cannot be handed an application.
        self._made = made if multiprocessing.get_start_method() == "fork" else None

    def __call__(self) -> Flask:
        # A worker has the handlers of the server until it has its own, and would take a stop that
        # comes meanwhile for a message to the server: it would have to be killed.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        return self._made if self._made is not None else start(self._environ)


class PortalServer(MPServer):
    """See the module. Overrides what granian has for its own purposes; tests hold it in place."""

    def __init__(
        self,
        loader: Loader,
        listener: socket.socket,
        marks: Path,
        drain: float,
        **options: Any,
    ) -> None:
        host, port = listener.getsockname()[:2]
        super().__init__(
            "wsgi:app",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
            websockets=False,
            log_access=False,
            log_level=LogLevels.warning,
            respawn_failed_workers=True,
            respawn_interval=RESPAWN_SECONDS,
            workers_kill_timeout=GRACE_SECONDS,
            **options,
        )
        self._loader = loader
        self._listener = listener
        self._marks = marks
        self._drain = drain
        self._draining = False
        self._reloading = threading.Lock()
        self._doors: WeakKeyDictionary[WorkerProcess, Door] = WeakKeyDictionary()

    def run(self) -> None:
        """Serve until a signal ends it."""
        self.serve(target_loader=self._loader, wrap_loader=False)

    def _init_shared_socket(self) -> None:
        # On Linux granian lets each worker listen by itself; here it is one socket for all.
        self._listener.set_inheritable(True)
        number = self._listener.fileno()
        holder = SocketHolder(number, False, self.backlog)  # type: ignore[call-arg]  # granian declares no arguments
        self._ssp, self._shd, self._sfd = None, holder, number  # type: ignore[assignment]  # granian declares only what it sets itself
        self._sso = self._listener

    def _spawn_worker(  # type: ignore[override]  # as MPServer itself narrows it
        self, idx: int, target: Any, callback_loader: Any
    ) -> WorkerProcess:
        door = Door()
        entrance = Entrance(callback_loader, door.told, self._listener.fileno(), os.getpid())
        worker: WorkerProcess = super()._spawn_worker(idx, target, entrance)
        self._doors[worker] = door
        return worker

    def _stop_workers(self) -> None:
        with insist(list(self.wrks)):
            super()._stop_workers()  # type: ignore[no-untyped-call]  # granian declares no types here

    def _respawn_workers(
        self, workers: Sequence[int], spawn_target: Any, target_loader: Any, delay: float = 0.0
    ) -> None:
        for number in workers:
            old = self.wrks[number]
            shutting = threading.Timer(max(0.0, delay - SHUT_SECONDS), self._doors[old].shut)
            shutting.start()
            with insist([old]):
                super()._respawn_workers([number], spawn_target, target_loader, delay)
            shutting.cancel()

    def signal_handler_interrupt(self, *arguments: Any, **options: Any) -> None:
        """Stop: at once for Ctrl+C and for a second signal, else after the drain."""
        mark_stopping(self._marks)
        by_hand = arguments[:1] == (signal.SIGINT,)
        if self._draining or by_hand or not self._drain:
            self._interrupt()
            return
        self._draining = True
        end = threading.Timer(self._drain, self._interrupt)
        end.daemon = True
        end.start()

    def signal_handler_reload(self, *arguments: Any, **options: Any) -> None:
        """Replace every worker by one that has read settings and site files anew."""
        threading.Thread(target=self._try_reload, daemon=True).start()

    def _try_reload(self) -> None:
        with self._reloading:
            try:
                self._loader.renew()
            except Exception as problem:  # noqa: BLE001 - whatever it is, readers keep their pages
                log.error(
                    "not reloaded, the running workers go on",
                    extra={"told": {"problem": str(problem)}},
                )
                return
        mark_leaving(self._marks)
        self.reload_signal = True
        self.main_loop_interrupt.set()

    def _interrupt(self) -> None:
        self.interrupt_signal = True
        self.main_loop_interrupt.set()


@contextmanager
def insist(workers: Sequence[WorkerProcess], every: float = INSIST_SECONDS) -> Iterator[None]:
    """Tell workers that were told to go once more, again and again, for the time of the context.

    A signal may come just before the interpreter of a worker begins to wait for the next one. It
    is noted then, and handled when another one wakes it.
    """
    done = threading.Event()

    def tell() -> None:
        while not done.wait(every):
            for worker in workers:
                if worker.interrupt_by_parent:
                    worker.terminate()  # type: ignore[no-untyped-call]  # as above

    teller = threading.Thread(target=tell, name="insisting", daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()
