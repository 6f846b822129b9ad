"""A reload and a stop of `portal serve` lose no request."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from portal.cli.server import insist
from tests.operation.running import CRASH_LOOP_SECONDS
from tests.operation.running import GRANIAN
from tests.operation.running import HOST
from tests.operation.running import REPOSITORY
from tests.operation.running import environment
from tests.operation.running import readers
from tests.operation.running import run_server
from tests.operation.running import wait_until


def test_a_reload_loses_no_request(sqlite_url: str, tmp_path: Path):
    """Neither over connections that are kept nor over new ones; nothing is asked twice here."""
    environ = environment(sqlite_url, tmp_path)
    with run_server(GRANIAN, environ, tmp_path, "--workers", "2") as running:
        before = running.workers()
        assert len(before) == 2
        with (
            readers(running.port, "/-/health/ready", number=2) as coming,
            readers(running.port, "/-/health/ready", number=2, kept=True) as staying,
        ):
            running.signal(signal.SIGHUP)
            wait_until(lambda: not set(before) & set(running.workers()), 60)
            wait_until(lambda: len(running.workers()) == 2)
        assert coming.lost == staying.lost == []
        assert min(coming.answered, staying.answered) > 50
        assert staying.told_to_close > 0
        assert running.process.poll() is None


def test_a_reload_answers_who_has_connected_and_not_asked_yet(sqlite_url: str, tmp_path: Path):
    """A worker that stops closes such connections, so it takes none in before it stops."""
    environ = environment(sqlite_url, tmp_path)
    with run_server(GRANIAN, environ, tmp_path, "--workers", "1") as running:
        before = running.workers()
        with readers(running.port, "/-/health/live", number=8, hesitating=0.3) as found:
            running.signal(signal.SIGHUP)
            wait_until(lambda: running.workers() and not set(before) & set(running.workers()), 60)
        assert found.lost == []
        assert found.answered > 20


def test_a_reload_with_a_broken_configuration_changes_nothing(sqlite_url: str, tmp_path: Path):
    config = tmp_path / "config"
    shutil.copytree(REPOSITORY / "config", config, ignore=shutil.ignore_patterns("demo"))
    environ = environment(sqlite_url, tmp_path, CONFIG=str(config))
    with run_server(GRANIAN, environ, tmp_path, "--workers", "1") as running:
        before = running.workers()
        (config / "layouts" / "home.yaml").write_text("layout: [", "utf-8")
        running.signal(signal.SIGHUP)
        wait_until(lambda: "not reloaded" in running.log.read_text("utf-8"))
        assert "home.yaml" in running.log.read_text("utf-8")
        assert running.workers() == before
        assert running.ask("/").status == 200


def test_a_worker_that_dies_later_comes_back_with_what_was_read_at_the_reload(
    sqlite_url: str, tmp_path: Path
):
    """Files that somebody breaks after the reload count from the next reload on, for all."""
    config = tmp_path / "config"
    shutil.copytree(REPOSITORY / "config", config, ignore=shutil.ignore_patterns("demo"))
    environ = environment(sqlite_url, tmp_path, CONFIG=str(config))
    home = config / "layouts" / "home.yaml"
    with run_server(GRANIAN, environ, tmp_path, "--workers", "1") as running:
        first = running.workers()
        running.signal(signal.SIGHUP)
        wait_until(lambda: running.workers() and not set(first) & set(running.workers()), 60)
        second = running.workers()
        wait_until(lambda: running.ask("/").status == 200, 20)
        home.write_text("layout: [", "utf-8")
        time.sleep(CRASH_LOOP_SECONDS)
        os.kill(second[0], signal.SIGKILL)
        wait_until(lambda: running.workers() and not set(second) & set(running.workers()), 60)
        wait_until(lambda: running.ask("/").status == 200, 20)
        assert running.process.poll() is None


def test_a_stop_turns_readiness_off_and_answers_everybody(sqlite_url: str, tmp_path: Path):
    """A balancer that looks at readiness sends readers elsewhere before the workers go."""
    environ = environment(sqlite_url, tmp_path, DRAIN="4s")
    with run_server(GRANIAN, environ, tmp_path, "--workers", "2") as running:
        assert running.ask("/-/health/ready").status == 200
        began = time.monotonic()
        with readers(running.port, "/-/health/live", number=2) as found:
            running.signal(signal.SIGTERM)
            wait_until(lambda: running.ask("/-/health/ready").status == 503, 3)
            leaving = running.ask("/")
            while time.monotonic() < began + 3:
                time.sleep(0.05)
        assert (leaving.status, leaving.getheader("Connection")) == (200, "close")
        assert running.process.wait(timeout=30) == 0
        assert found.lost == []
        assert found.answered > 20
        assert time.monotonic() - began >= 4


def is_accepted(connection: socket.socket) -> bool:
    """Whether a worker has taken a connection out of the queue: only then it has an inode.

    Or whether it has answered already, and closed it.
    """
    if select.select([connection], [], [], 0)[0]:
        return True
    own, other = (f":{end[1]:04X}" for end in (connection.getpeername(), connection.getsockname()))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(row[1].endswith(own) and row[2].endswith(other) and row[9] != "0" for row in rows)


def test_a_request_in_flight_is_finished_before_the_stop(sqlite_url: str, tmp_path: Path):
    """The body of the answer comes although the stop was asked for while it was made."""
    environ = environment(sqlite_url, tmp_path, DRAIN="0s")
    request = f"GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()
    with run_server(GRANIAN, environ, tmp_path, "--workers", "1") as running:
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
            connection.sendall(request)
            wait_until(lambda: is_accepted(connection), pause=0.001)
            running.signal(signal.SIGTERM)
            answer = b""
            while chunk := connection.recv(65_536):
                answer += chunk
        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.rstrip().endswith(b"</html>")
        assert running.process.wait(timeout=20) == 0


LOADING = """
import multiprocessing, signal, time
from portal.cli.server import Loader
multiprocessing.set_start_method("fork")
signal.signal(signal.SIGTERM, lambda *told: None)  # as a worker inherits it from the server
Loader({}, object())()
print("loaded", flush=True)
time.sleep(60)
"""


def test_a_stop_reaches_a_worker_that_still_loads():
    """It would otherwise be taken for a message to the server, and the worker waited for."""
    with subprocess.Popen(
        [sys.executable, "-c", LOADING], cwd=REPOSITORY, stdout=subprocess.PIPE
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"loaded\n"
        worker.terminate()
        assert worker.wait(timeout=10) == -signal.SIGTERM


@dataclass
class Deaf:
    """Stands for a worker that does not hear at once; counts what it was told."""

    interrupt_by_parent: bool
    told: int = 0

    def terminate(self) -> None:
        self.told += 1


def test_a_worker_that_has_to_go_is_told_until_it_goes():
    """And nobody else is told."""
    going, staying = Deaf(interrupt_by_parent=True), Deaf(interrupt_by_parent=False)
    with insist([going, staying], every=0.01):  # type: ignore[list-item]  # see `Deaf`
        wait_until(lambda: going.told > 2)
    assert staying.told == 0
