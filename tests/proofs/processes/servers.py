"""Workers of the production's server on the hosts, and a Redis that can be killed and come back."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.proofs.processes.hosts import Host
from tests.servers import RedisServer
from tests.servers import ServerFailed
from tests.servers import run_redis

ROOT = Path(__file__).parents[3]
_PATIENCE = 60.0
_STAYS = ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "VIRTUAL_ENV")


def environment(**settings: str) -> dict[str, str]:
    """The environment of a process of the proof: nothing of the portal's but these settings."""
    inherited = {name: os.environ[name] for name in _STAYS if name in os.environ}
    return {**inherited, **{f"PORTAL_{name.upper()}": value for name, value in settings.items()}}


@dataclass(slots=True)
class Worker:
    """One granian server with one worker process, which it starts anew when it dies."""

    host: Host
    port: int
    server: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        """The worker process; 0 while there is none."""
        number = self.server.pid
        try:
            children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
        except FileNotFoundError:
            return 0
        return int(children[-1]) if children else 0

    def signal(self, number: signal.Signals) -> None:
        """Send the worker process a signal."""
        os.kill(self.pid, number)

    def get(self, path: str, **headers: str) -> tuple[int, Message, bytes]:
        """Status, headers and body at `path`, asked from this machine."""
        connection = http.client.HTTPConnection(self.host.address, self.port, timeout=_PATIENCE)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def await_answer(self) -> None:
        """Wait until it answers."""
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                self.get("/-/health/live")
            except OSError as problem:
                if self.server.poll() is not None or time.monotonic() > end:
                    words = self.log.read_text(errors="replace")[-2000:]
                    raise ServerFailed(f"port {self.port} gives no answer:\n{words}") from problem
                time.sleep(0.05)
            else:
                return


@contextmanager
def run_worker(
    host: Host,
    port: int,
    log: Path,
    environ: Mapping[str, str],
    *,
    target: str = "wsgi:app",
    threads: int = 2,
) -> Iterator[Worker]:
    """A worker of the shipped server on a host."""
    command = [*host.prefix, sys.executable, "-m", "granian", "--interface", "wsgi"]
    command += ["--host", host.address, "--port", str(port), "--workers", "1"]
    command += ["--blocking-threads", str(threads), "--no-access-log", "--log-level", "warning"]
    command += ["--respawn-failed-workers", "--respawn-interval", "0.1"]
    command += ["--workers-kill-timeout", "5", target]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=ROOT, env=dict(environ), stdout=output, stderr=output
        )
    worker = Worker(host, port, server, log)
    try:
        worker.await_answer()
        yield worker
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            if worker.pid:
                worker.signal(signal.SIGKILL)
            server.kill()
            server.wait()


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class FragileRedis:
    """A Redis at one port that is killed, comes back empty, and is stopped for a while."""

    def __init__(self, addresses: tuple[str, ...]) -> None:
        self._addresses = addresses
        self._stack = ExitStack()
        self.server: RedisServer

    def __enter__(self) -> Self:
        self.server = self._stack.enter_context(run_redis(addresses=self._addresses))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.signal(signal.SIGCONT)
        self._stack.close()

    def url(self, address: str) -> str:
        """Where a host reaches it."""
        return f"redis://{address}:{self.server.port}/0"

    def signal(self, number: signal.Signals) -> None:
        """Send the server a signal, unless it is dead."""
        if self.server.process.poll() is None:
            self.server.process.send_signal(number)

    def kill(self) -> None:
        """End it at once."""
        self.signal(signal.SIGKILL)
        self.server.process.wait()

    def come_back(self) -> None:
        """Start it again at the same port, with nothing in it."""
        port = self.server.port
        self._stack.close()
        self.server = self._stack.enter_context(run_redis(port=port, addresses=self._addresses))
