"""The door of a worker: where it takes in connections, which can be shut for it alone.

Workers share one listening socket. A worker that is told to stop closes the connections over which
nothing was asked yet, and a reader who has just connected would get no answer. So a worker that has
to go is told first to accept no more; what comes then is accepted by the others.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.connection import Pipe

from flask import Flask

LOOK_SECONDS = 1.0
"""Pause between two looks for the server."""

FOLDER_OF_DESCRIPTORS = "/dev/fd"


class Door:
    """What the server keeps of a worker's door."""

    def __init__(self) -> None:
        self.told, self._telling = Pipe(duplex=False)

    def shut(self) -> None:
        """Have the worker accept no more connections; does nothing when the worker is over."""
        try:
            self._telling.send_bytes(b"shut")
        except OSError:
            return


@dataclass(frozen=True, slots=True)
class Entrance:
    """Gives a worker its application and lets it watch its door, in the worker's own process.

    `listener` is the descriptor of the shared socket, `server` the process that stops workers. A
    worker whose server was killed ends by itself: nobody else would ever end it, and the address
    would stay taken.
    """

    loader: Callable[[], Flask]
    told: Connection
    listener: int
    server: int

    def __call__(self) -> Flask:
        inode = os.fstat(self.listener).st_ino
        threading.Thread(target=self._watch, args=(inode,), name="door", daemon=True).start()
        return self.loader()

    def _watch(self, inode: int) -> None:
        try:
            while not self.told.poll(LOOK_SECONDS):
                if os.getppid() != self.server:
                    os.kill(os.getpid(), signal.SIGTERM)
                    return
            self.told.recv_bytes()
        except (EOFError, OSError):
            return
        accept_no_more(inode)


def accept_no_more(inode: int) -> None:
    """Let every descriptor of this process that stands for the socket `inode` mean another one.

    Nobody knows the address of that one, so nothing comes by it. The socket itself goes on for the
    processes that share it; shutting it down would shut it for them as well.
    """
    with socket.socket() as silent:
        silent.setblocking(False)
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        for name in os.listdir(FOLDER_OF_DESCRIPTORS):
            try:
                if os.fstat(int(name)).st_ino == inode:
                    os.dup2(silent.fileno(), int(name))
            except OSError:
                # The descriptor by which the folder was read is over by now.
                continue
