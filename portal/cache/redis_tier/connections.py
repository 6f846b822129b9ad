"""Connections to Redis that keep a deadline: one for all that a call does, however Redis drips.

A socket timeout bounds one wait; a server that sends a byte now and then makes a call last for
ever. Here every wait of a call gets what is left of the call's time, connecting included.
Resolving a host name is the one thing that is not bounded; use an address where that matters.
"""

from __future__ import annotations

import select
import socket
import ssl
from typing import Any

from redis.backoff import NoBackoff
from redis.connection import BlockingConnectionPool
from redis.connection import Connection
from redis.connection import SSLConnection
from redis.connection import UnixDomainSocketConnection
from redis.retry import Retry
from redis.sentinel import SentinelManagedConnection
from redis.sentinel import SentinelManagedSSLConnection

from portal.cache.redis_tier.deadline import left

WAIT_SECONDS = 0.05
"""Longest single wait for Redis."""
CALL_SECONDS = 0.06
"""Longest whole call. A reader waits for reading, and where something is to be made for claiming;
`portal.compose.waiting` counts what waiting for another process adds. In all 250 ms at most."""
POOL_SIZE = 64
"""Most connections of one process to one server."""


class _BoundedSocket:
    """A connected socket whose waits end with the deadline.

    Sending is tried at once and an answer is polled for: a timeout of the socket would cost as many
    calls of the system again, each time.
    """

    def __init__(self, connected: socket.socket, wait: float) -> None:
        connected.setblocking(False)
        self._socket = connected
        self._wait = wait
        self._answers, self._room = select.poll(), select.poll()
        self._answers.register(connected, select.POLLIN)
        self._room.register(connected, select.POLLOUT)

    def recv_into(self, *arguments: Any) -> int:
        while True:
            self._wait_for(self._answers)
            try:
                return self._socket.recv_into(*arguments)
            except BlockingIOError:
                continue

    def recv(self, *arguments: Any) -> bytes:
        while True:
            self._wait_for(self._answers)
            try:
                return self._socket.recv(*arguments)
            except BlockingIOError:
                continue

    def sendall(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[self._socket.send(rest) :]
            except BlockingIOError:
                self._wait_for(self._room)

    def is_readable(self) -> bool:
        """Whether something came, or the end of it."""
        return bool(self._answers.poll(0))

    def pending(self) -> int:
        """Bytes that wait above the system's socket, as redis-py asks: none without TLS."""
        return 0

    def _wait_for(self, what: select.poll) -> None:
        if not what.poll(max(1, int(left(self._wait) * 1000))):
            raise TimeoutError("the server lets this call wait")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


class _BoundedTlsSocket:
    """The same by TLS, whose records may need to be written to be read."""

    def __init__(self, connected: ssl.SSLSocket, wait: float) -> None:
        self._socket = connected
        self._wait = wait

    def recv_into(self, *arguments: Any) -> int:
        self._socket.settimeout(left(self._wait))
        return self._socket.recv_into(*arguments)

    def recv(self, *arguments: Any) -> bytes:
        self._socket.settimeout(left(self._wait))
        return self._socket.recv(*arguments)

    def sendall(self, data: bytes) -> None:
        self._socket.settimeout(left(self._wait))
        self._socket.sendall(data)

    def has_answer(self) -> bool:
        """Whether TLS brings an answer by now; records that are none of it are dealt with."""
        self._socket.setblocking(False)
        try:
            if not self._socket.recv(1):
                raise ConnectionResetError("the server has closed the connection")
        except ssl.SSLWantReadError:
            return False
        return True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


class Bounded:
    """Mixed into redis-py's connections; `_connect` is their own hook for kinds of sockets."""

    socket_timeout: Any
    socket_connect_timeout: Any

    def _connect(self) -> Any:
        wait, connecting = self.socket_timeout, self.socket_connect_timeout
        self.socket_timeout, self.socket_connect_timeout = left(wait), left(connecting)
        try:
            connected = super()._connect()  # type: ignore[misc]  # of the mixin
        finally:
            self.socket_timeout, self.socket_connect_timeout = wait, connecting
        by_tls = isinstance(connected, ssl.SSLSocket)
        return (_BoundedTlsSocket if by_tls else _BoundedSocket)(connected, wait)


class Pool(BlockingConnectionPool):
    """Connections of this process; a child process makes a pool of its own.

    So it need not ask the system three times for each command which process it is in. `_checkpid`
    is no public method of redis-py; a test holds it.
    """

    def _checkpid(self) -> None:
        """Nothing to check."""


class BoundedPlain(Bounded):
    """Mixed into those without TLS."""

    _sock: Any
    _parser: Any

    def can_read(self, timeout: float = 0) -> bool:
        """Whether something waits that nobody asked for, or the end: then it is of no use.

        redis-py makes an object to poll with for each such question, before every read of a page.
        `_parser` is no public name of redis-py; a test holds it.
        """
        if timeout or self._sock is None:
            return bool(super().can_read(timeout))  # type: ignore[misc]  # of the mixin
        return bool(self._parser._reader.has_data() or self._sock.is_readable())


class BoundedTls(Bounded):
    """Mixed into those by TLS."""

    _sock: Any

    def can_read(self, timeout: float = 0) -> bool:
        """Whether something waits that nobody asked for: then the connection is of no use.

        TLS 1.3 sends tickets after the handshake (RFC 8446 §4.6.1). redis-py takes them for an
        answer and would give up every connection on which nothing was read yet.
        """
        waits: bool = super().can_read(timeout)  # type: ignore[misc]  # of the mixin
        if waits and self._sock is not None and not self._sock.has_answer():
            waits = super().can_read(0)  # type: ignore[misc]  # of the mixin
        return waits


class BoundedConnection(BoundedPlain, Connection):
    """`redis://`"""


class BoundedTlsConnection(BoundedTls, SSLConnection):
    """`rediss://`"""


class BoundedUnixConnection(BoundedPlain, UnixDomainSocketConnection):
    """`unix://`"""


class BoundedMasterConnection(BoundedPlain, SentinelManagedConnection):
    """To the master that Sentinels name."""


class BoundedMasterTlsConnection(BoundedTls, SentinelManagedSSLConnection):
    """The same by TLS."""


BOUNDED: dict[type, type] = {
    Connection: BoundedConnection,
    SSLConnection: BoundedTlsConnection,
    UnixDomainSocketConnection: BoundedUnixConnection,
}
TO_MASTER: dict[type, type] = {
    BoundedConnection: BoundedMasterConnection,
    BoundedTlsConnection: BoundedMasterTlsConnection,
}


def connection_options(**options: Any) -> dict[str, Any]:
    """Options of every connection; what the operator gives wins over the defaults.

    RESP2 because it is the faster one; no health checks, no retries and no introduction (`CLIENT
    SETINFO`), because each is a round trip that a page would wait for.
    """
    return {
        "protocol": 2,
        "socket_timeout": WAIT_SECONDS,
        "socket_connect_timeout": WAIT_SECONDS,
        "health_check_interval": 0,
        "retry": Retry(NoBackoff(), 0),
        "driver_info": None,
        "max_connections": POOL_SIZE,
        **options,
    }
