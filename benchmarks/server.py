"""Compares two WSGI applications behind the same server by the CPU time a request costs."""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROUNDS = 5
REQUESTS = 1500


def compare(baseline: str, application: str, path: str, environ: dict[str, str]) -> float:
    """CPU seconds of `baseline` divided by those of `application`, median of the rounds.

    Both are `module:name`, served by granian with one worker and two threads; each round asks
    both for `path` over one kept connection.
    """
    with serving(baseline, environ) as base, serving(application, environ) as ours:
        ratios = []
        for _ in range(ROUNDS):
            ratios.append(cost(*base, path) / cost(*ours, path))
    return round(statistics.median(ratios), 3)


@contextmanager
def serving(target: str, environ: dict[str, str]) -> Iterator[tuple[int, int]]:
    """A running server: its process id and port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    command += ["--blocking-threads", "2", "--no-access-log", "--log-level", "error", target]
    process = subprocess.Popen(command, env={**os.environ, **environ})
    try:
        _wait(port)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(timeout=20)


def cost(process: int, port: int, path: str) -> float:
    """CPU seconds of one request, server side, mean of many."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    ask(connection, path)
    before = cpu(process)
    for _ in range(REQUESTS):
        ask(connection, path)
    spent = cpu(process) - before
    connection.close()
    return spent / REQUESTS


def ask(connection: http.client.HTTPConnection, path: str) -> None:
    """One request; anything but 200 ends the measurement."""
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    assert response.status == 200, response.status


def cpu(process: int) -> float:
    """CPU seconds that a process and its children have used."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0
    for number in (process, *_children(process)):
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(") ")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / ticks


def memory(process: int) -> int:
    """Resident bytes of the largest of a server's processes: its worker."""
    sizes = []
    for number in (process, *_children(process)):
        pages = int(Path(f"/proc/{number}/statm").read_text().split()[1])
        sizes.append(pages * os.sysconf("SC_PAGE_SIZE"))
    return max(sizes)


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
