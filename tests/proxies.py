"""A TCP proxy that brings the troubles of a network, and of a server that lies, to order."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager

_RESET = struct.pack("ii", 1, 0)

Reply = Callable[[bytes], bytes]
"""What the client gets for a chunk of a server's reply."""


class TroubledProxy:
    """Stands before a server; what it does changes at once for old and new connections.

    `chunks` and `sent_bytes` count what clients sent, `connections` how often they came.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.chunks = 0
        self.sent_bytes = 0
        self.connections = 0
        self.recorded: list[bytes] = []
        self._sockets: set[socket.socket] = set()
        self._closed = threading.Event()
        self.behave()
        threading.Thread(target=self._accept, daemon=True).start()

    def behave(self) -> None:
        """Pass everything on."""
        self._request: Callable[[bytes], bytes | None] = lambda data: data
        self._reply: Reply = lambda data: data
        self._drip = 0.0
        self._refusing = False
        self._ending = False

    def refuse(self) -> None:
        """Reset present connections, and new ones as soon as they are made."""
        self._refusing = True
        self.reset()

    def reset(self) -> None:
        """End every present connection by RST."""
        for end in list(self._sockets):
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                end.shutdown(socket.SHUT_RD)
            end.close()
        self._sockets.clear()

    def swallow(self) -> None:
        """Half open: take requests, never answer."""
        self._request = lambda data: b""

    def delay(self, seconds: float) -> None:
        """Hold every reply back for a time."""

        def later(data: bytes) -> bytes:
            self._closed.wait(seconds)
            return data

        self._reply = later

    def drip(self, seconds: float, size: int = 1) -> None:
        """Give replies in pieces of so many bytes, with a pause after each."""
        self._drip, self._drop = seconds, size

    def end_after(self, size: int) -> None:
        """End the connection after so many bytes of replies in all."""
        self._limit(size, ending=True)

    def stall_after(self, size: int) -> None:
        """Give so many bytes of replies in all, then nothing more."""
        self._limit(size, ending=False)

    def alter(self, change: Reply) -> None:
        """Change every reply on its way."""
        self._reply = change

    def answer(self, reply: bytes) -> None:
        """Answer every command by these bytes, without asking the server."""
        self._answer_by(lambda: reply)

    def replay(self) -> None:
        """Answer every command by what was recorded until now, again and again, oldest first."""
        old = [reply for reply in self.recorded if reply]
        turn = iter(range(10**9))
        self._answer_by(lambda: old[next(turn) % len(old)])

    def close(self) -> None:
        """End everything."""
        self._closed.set()
        # Without shutdown the thread would stay in accept().
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.reset()

    def _limit(self, size: int, *, ending: bool) -> None:
        left = size

        def change(data: bytes) -> bytes:
            nonlocal left
            part, left = data[: max(left, 0)], left - len(data)
            self._ending = ending and left <= 0
            return part

        self._reply = change

    def _answer_by(self, give: Callable[[], bytes]) -> None:
        self._request = lambda data: None
        self._give = give

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            if self._refusing:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                client.close()
                continue
            server = socket.create_connection(("127.0.0.1", self._target))
            self._sockets |= {client, server}
            for work in (self._requests, self._replies):
                threading.Thread(target=work, args=(client, server), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                self.chunks += 1
                self.sent_bytes += len(data)
                passed_on = self._request(data)
                if passed_on is None:
                    # A pipeline is many commands in one chunk.
                    for _ in range((b"\r\n" + data).count(b"\r\n*")):
                        client.sendall(self._give())
                elif passed_on:
                    server.sendall(passed_on)
        self._end(client, server)

    def _replies(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                self.recorded.append(data)
                changed = self._reply(data)
                if not self._drip:
                    client.sendall(changed)
                else:
                    for start in range(0, len(changed), self._drop):
                        client.sendall(changed[start : start + self._drop])
                        self._closed.wait(self._drip)
                if self._ending:
                    break
        self._end(client, server)

    def _end(self, *ends: socket.socket) -> None:
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
            self._sockets.discard(end)


@contextmanager
def run_proxy(target: int) -> Iterator[TroubledProxy]:
    """A proxy before a port of this machine, for the time of the context."""
    proxy = TroubledProxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
