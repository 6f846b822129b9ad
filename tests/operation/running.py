"""Real servers as processes, and readers that ask them while something happens."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SECRET = "b1946ac92492d2347c6235b4d2611184"  # noqa: S105 - of tests alone
PATIENCE = 60.0
READY_SECONDS = 30.0
HOST = "portal.example"

CRASH_LOOP_SECONDS = 6.0
"""A worker that dies younger than that ends granian: a supervisor has to look at it."""
GRANIAN = (sys.executable, "-m", "portal.cli", "serve", "--fixed-port", "--port")
GUNICORN = (
    *(sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"),
    *("wsgi:app", "--bind"),
)


@dataclass(slots=True)
class RunningServer:
    """A server process and the port it answers at."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def ask(self, path: str = "/-/health/live", **headers: str) -> http.client.HTTPResponse:
        """One request over a connection of its own; the answer is read."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path, headers={"Host": HOST, **headers})
            answer = connection.getresponse()
            answer.body = answer.read()  # type: ignore[attr-defined]  # kept for the test
            return answer
        finally:
            connection.close()

    def send(self, content: bytes) -> bytes:
        """Bytes as they are; what came back until the server closed or was silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(content)
            answer = b""
            try:
                while chunk := connection.recv(65_536):
                    answer += chunk
                    # Whatever else the bytes are taken for is answered at once.
                    connection.settimeout(1)
            except TimeoutError:
                pass
            return answer

    def signal(self, number: signal.Signals) -> None:
        """Tell the main process."""
        self.process.send_signal(number)

    def workers(self) -> list[int]:
        """The process ids of its workers, which have the same program."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        own = _program(self.process.pid)
        return [int(each) for each in listed.read_text().split() if _program(int(each)) == own]


def _program(number: int) -> bytes:
    """What a process runs; nothing if it has ended since it was listed."""
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def environment(url: str, folder: Path, **settings: str) -> dict[str, str]:
    """What a production server of the shipped site is started with."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    # Each server would translate every module anew, which takes longer than all the rest.
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    values = {
        "DATABASE_URL": url,
        "MEDIA": str(folder / "media"),
        "CONFIG": str(REPOSITORY / "config"),
        "TEMPLATES": str(REPOSITORY / "templates"),
        "SECRET_KEY": SECRET,
        "DRAIN": "1s",
        # A busy machine must not make a database look dead that nobody touches.
        "DATABASE_PATIENCE": "10s",
        **settings,
    }
    return kept | {f"PORTAL_{name}": value for name, value in values.items() if value}


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def run_server(
    command: tuple[str, ...],
    environ: Mapping[str, str],
    folder: Path,
    *options: str,
    port: int | None = None,
) -> Iterator[RunningServer]:
    """A server for the time of the context; waits until it answers."""
    port = port or free_port()
    log = folder / "server.log"
    place = f"127.0.0.1:{port}" if command is GUNICORN else str(port)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*command, place, *options],
            cwd=REPOSITORY,
            env=dict(environ),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    server = RunningServer(process, port, log)
    try:
        wait_for_answer(server)
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for_answer(server: RunningServer) -> None:
    """Until the server is live."""
    end = time.monotonic() + PATIENCE
    while True:
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended:\n{server.log.read_text()[-2000:]}")
        try:
            if server.ask().status == http.client.OK:
                return
        except OSError:
            if time.monotonic() > end:
                raise
        time.sleep(0.05)


def wait_until(
    condition: Callable[[], bool], seconds: float = READY_SECONDS, pause: float = 0.05
) -> None:
    """Bounded: a condition that does not come is a failure."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(pause)


@dataclass(slots=True)
class Readers:
    """Threads that keep asking; counts answers and keeps what went wrong."""

    answered: int = 0
    lost: list[str] = field(default_factory=list)
    told_to_close: int = 0


@contextmanager
def readers(
    port: int, path: str, *, number: int = 4, kept: bool = False, hesitating: float = 0.0
) -> Iterator[Readers]:
    """Ask for `path` for the time of the context, over kept connections or new ones.

    Readers that hesitate ask so many seconds after they have connected.
    """
    found, done, lock = Readers(), threading.Event(), threading.Lock()

    def read() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        while not done.is_set():
            try:
                if hesitating:
                    connection.connect()
                    time.sleep(hesitating)
                connection.request("GET", path, headers={"Host": HOST})
                answer = connection.getresponse()
                answer.read()
                problem = "" if answer.status == http.client.OK else f"status {answer.status}"
                # Then the library has closed its side as well, and connects anew by itself.
                closing = answer.will_close
            except (OSError, http.client.HTTPException) as error:
                problem, closing = repr(error), True
            with lock:
                found.answered += not problem
                found.lost += [problem] if problem else []
                found.told_to_close += closing
            if closing or not kept:
                connection.close()
        connection.close()

    threads = [threading.Thread(target=read) for _ in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        done.set()
        for thread in threads:
            thread.join(30)
