"""Compares two WSGI applications behind the same server by the CPU time a request costs."""

from __future__ import annotations

import os
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 5
REQUESTS = 4096
CONNECTIONS = 64


def compare(
    baseline: str,
    application: str,
    path: str,
    environ: dict[str, str],
    *,
    coding: str = "identity",
    threads: int = 2,
) -> float:
    """CPU seconds of `baseline` divided by those of `application`, median of the rounds.

    Both are `module:name`, served by granian with one worker and so many threads; each round asks
    both for `path` over kept connections.
    """
    with (
        serving(baseline, environ, threads) as base,
        serving(application, environ, threads) as ours,
    ):
        ratios = []
        for _ in range(ROUNDS):
            bare = cost(*base, path, coding=coding)
            ratios.append(bare / cost(*ours, path, coding=coding))
    return round(statistics.median(ratios), 3)


@contextmanager
def serving(target: str, environ: dict[str, str], threads: int = 2) -> Iterator[tuple[int, int]]:
    """A running server: its process id and port."""
    port = _free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    command += [
        "--blocking-threads",
        str(threads),
        "--no-access-log",
        "--log-level",
        "error",
        target,
    ]
    with _running(command, environ, port) as process:
        yield process, port


@contextmanager
def serving_as_shipped(environ: dict[str, str], workers: int) -> Iterator[tuple[int, int]]:
    """What `portal serve` starts: its process id and port."""
    port = _free_port()
    command = [sys.executable, "-m", "portal.cli", "serve", "--fixed-port", "--port", str(port)]
    command += ["--workers", str(workers)]
    with _running(command, environ, port) as process:
        yield process, port


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: list[str], environ: dict[str, str], port: int) -> Iterator[int]:
    process = subprocess.Popen(command, env={**os.environ, **environ})
    try:
        _wait(port)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


def cost(process: int, port: int, path: str, *, coding: str = "identity") -> float:
    """CPU seconds of one request, server side, mean of many; `coding` is what the reader accepts.

    Many requests are under way, as with a busy server: one at a time would mostly measure how the
    server falls asleep and wakes up. Each has a connection to itself, as those of browsers and
    proxies have, which wait for an answer before they ask again.
    """
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: {coding}\r\n\r\n"
    request = head.encode()
    connections = [
        socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(CONNECTIONS)
    ]
    try:
        length = _answer_length(connections[0], request)
        before = cpu(process)
        for _ in range(REQUESTS // CONNECTIONS):
            for connection in connections:
                connection.sendall(request)
            _receive_all(connections, length)
        return (cpu(process) - before) / REQUESTS
    finally:
        for connection in connections:
            connection.close()


def _answer_length(connection: socket.socket, request: bytes) -> int:
    """Bytes of one whole answer; anything but 200 ends the measurement."""
    length = 0
    for _ in range(2):
        # The second answer is the warm one.
        connection.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
        head, _, rest = received.partition(b"\r\n\r\n")
        assert b" 200 " in head.splitlines()[0], head
        fields = dict(line.lower().split(b": ", 1) for line in head.splitlines()[1:])
        length = int(fields[b"content-length"])
        _receive(connection, length - len(rest))
    return len(head) + 4 + length


def _receive_all(connections: Sequence[socket.socket], size: int) -> None:
    """So many bytes from each, whichever sends first.

    In turn, the server's threads could all be held by connections that nobody reads at the moment.
    """
    left = dict.fromkeys(connections, size)
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(timeout=20)
            assert ready, "the server gives no answer"
            for key, _ in ready:
                connection = key.fileobj
                assert isinstance(connection, socket.socket)
                received = connection.recv(min(left[connection], 1 << 20))
                assert received, "the server closed the connection"
                left[connection] -= len(received)
                if not left[connection]:
                    selector.unregister(connection)


def _receive(connection: socket.socket, size: int) -> None:
    while size > 0:
        received = connection.recv(min(size, 1 << 20))
        assert received, "the server closed the connection"
        size -= len(received)


def cpu(process: int) -> float:
    """CPU seconds that a process and its children have used."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0
    for number in (process, *_children(process)):
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(") ")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / ticks


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of the largest worker: all that is resident, and its share of it.

    Workers are forked from a process that has loaded the portal, so most of what is resident is
    shared; a page that n processes share counts as its n-th part in each (Linux's `Pss`).
    """

    resident: int
    share: int


def memory(process: int) -> Memory:
    """The memory of a server's workers."""
    found = [one for number in _children(process) for one in _memory_of(number)]
    return max(found, key=lambda one: one.share)


def _memory_of(number: int) -> Iterator[Memory]:
    """One value, or none for a process that is over."""
    try:
        lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()[1:]
    except ProcessLookupError:
        return
    pairs = (line.partition(":") for line in lines)
    sizes = {name: int(rest.split()[0]) * 1024 for name, _, rest in pairs}
    yield Memory(sizes["Rss"], sizes["Pss"])


def _children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(number) for number in listed]


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing answers at port {port}")
