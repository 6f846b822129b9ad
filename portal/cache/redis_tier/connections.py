"""Connections to Redis that keep a deadline: one for all that a call does, however Redis drips.

A socket timeout bounds one wait; a server that sends a byte now and then makes a call last for
ever. Here every wait of a call gets what is left of the call's time, connecting included.
Resolving a host name is the one thing that is not bounded; use an address where that matters.
"""

from __future__ import annotations

import math
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis.backoff import NoBackoff
from redis.connection import Connection
from redis.connection import SSLConnection
from redis.connection import UnixDomainSocketConnection
from redis.retry import Retry
from redis.sentinel import SentinelManagedConnection
from redis.sentinel import SentinelManagedSSLConnection

WAIT_SECONDS = 0.05
"""Longest single wait for Redis."""
CALL_SECONDS = 0.06
"""Longest whole call. A reader waits for reading, and where something is to be made for claiming;
`portal.compose.waiting` counts what waiting for another process adds. In all 250 ms at most."""
POOL_SIZE = 64
"""Most connections of one process to one server."""


class _Deadline(threading.local):
    end = math.inf


_deadline = _Deadline()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give the calls inside `seconds` in all; inside another `within`, the outer one holds."""
    if _deadline.end != math.inf:
        yield
        return
    _deadline.end = time.monotonic() + seconds
    try:
        yield
    finally:
        _deadline.end = math.inf


def _left(at_most: float) -> float:
    left = min(at_most, _deadline.end - time.monotonic())
    if left <= 0:
        raise TimeoutError("the time for this call is over")
    return left


class _BoundedSocket:
    """A connected socket whose waits end with the deadline."""

    def __init__(self, connected: socket.socket, wait: float) -> None:
        self._socket = connected
        self._wait = wait

    def recv_into(self, *arguments: Any) -> int:
        self._socket.settimeout(_left(self._wait))
        return self._socket.recv_into(*arguments)

    def recv(self, *arguments: Any) -> bytes:
        self._socket.settimeout(_left(self._wait))
        return self._socket.recv(*arguments)

    def sendall(self, *arguments: Any) -> None:
        self._socket.settimeout(_left(self._wait))
        self._socket.sendall(*arguments)

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
        self.socket_timeout, self.socket_connect_timeout = _left(wait), _left(connecting)
        try:
            return _BoundedSocket(super()._connect(), wait)  # type: ignore[misc]  # of the mixin
        finally:
            self.socket_timeout, self.socket_connect_timeout = wait, connecting


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


class BoundedConnection(Bounded, Connection):
    """`redis://`"""


class BoundedTlsConnection(BoundedTls, SSLConnection):
    """`rediss://`"""


class BoundedUnixConnection(Bounded, UnixDomainSocketConnection):
    """`unix://`"""


class BoundedMasterConnection(Bounded, SentinelManagedConnection):
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
