"""How long `portal serve` takes until it says that it is ready, and what its worker holds then.

On a database that is there, with SQLite alone and with PostgreSQL and Redis. Baseline is the same
server with the same libraries and one view: what remains is the portal's own.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.server import Memory
from benchmarks.server import memory
from portal.content import schema
from tests.servers import run_postgresql
from tests.servers import run_redis

REPOSITORY = Path(__file__).parents[1]
ROUNDS = 7
SERVE = ("portal.cli", "serve", "--workers", "1", "--fixed-port")
LIBRARIES = ("granian", "--interface", "wsgi", "benchmarks.libraries:app")
LONGEST = 30.0


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds until a server was ready, and the memory of its worker at that moment."""

    seconds: float
    memory: Memory


def measure_start(folder: Path) -> dict[str, Any]:
    """Some starts of one worker each; the first ones, which translate modules, are not counted."""
    folder.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    own = {
        "PORTAL_MEDIA": str(folder / "media"),
        "PORTAL_SECRET_KEY": os.urandom(32).hex(),
        "PORTAL_DRAIN": "0s",
    }
    with _settings(folder) as settings:
        for values in settings.values():
            schema.upgrade(values["PORTAL_DATABASE_URL"])
        commands = {"libraries": (LIBRARIES, kept)} | {
            name: (SERVE, kept | own | values) for name, values in settings.items()
        }
        rounds = [
            {
                name: _start(command, environ, folder)
                for name, (command, environ) in commands.items()
            }
            for _ in range(ROUNDS + 1)
        ][1:]
    return {
        f"start_{name}": {
            "ready_seconds": round(statistics.median(each[name].seconds for each in rounds), 2),
            "ready_to_libraries": round(
                statistics.median(
                    each[name].seconds / each["libraries"].seconds for each in rounds
                ),
                2,
            ),
            "worker_resident_mb": _range(each[name].memory.resident for each in rounds),
            "worker_share_mb": _range(each[name].memory.share for each in rounds),
        }
        for name in commands
    }


def _range(sizes: Iterator[int]) -> list[float]:
    """Least and most of some bytes, in millions."""
    found = sorted(sizes)
    return [round(size / 1_000_000, 1) for size in (found[0], found[-1])]


@contextmanager
def _settings(folder: Path) -> Iterator[dict[str, dict[str, str]]]:
    """The servers that a portal is started with, by name."""
    with run_postgresql() as postgresql, run_redis() as redis:
        yield {
            "sqlite": {"PORTAL_DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}"},
            "postgresql_redis": {
                "PORTAL_DATABASE_URL": postgresql.create_database("portal"),
                "PORTAL_CACHE_REDIS_URL": redis.url,
            },
        }


def _start(command: Sequence[str], environ: Mapping[str, str], folder: Path) -> Start:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.perf_counter()
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "--port", str(port)],
            env=environ,
            cwd=REPOSITORY,
            stdout=log,
            stderr=log,
        )
    try:
        while not _is_ready(port):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.perf_counter() - began < LONGEST
            time.sleep(0.01)
        return Start(time.perf_counter() - began, memory(process.pid))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(LONGEST)


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/-/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
