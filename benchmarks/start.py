"""How long `portal serve` takes until it says that it is ready, on a database that is there.

Baseline is the same server with the same libraries and one view: what remains is the portal's own.
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
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from portal.content import schema

REPOSITORY = Path(__file__).parents[1]
ROUNDS = 7
SERVE = ("portal.cli", "serve", "--workers", "1", "--fixed-port")
LIBRARIES = ("granian", "--interface", "wsgi", "benchmarks.libraries:app")
LONGEST = 30.0


def measure_start(folder: Path) -> dict[str, Any]:
    """The median and the best of some starts of one worker; the first one, which translates
    modules, is not counted."""
    folder.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    environ = kept | {
        "PORTAL_DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}",
        "PORTAL_MEDIA": str(folder / "media"),
        "PORTAL_SECRET_KEY": os.urandom(32).hex(),
        "PORTAL_DRAIN": "0s",
    }
    schema.upgrade(environ["PORTAL_DATABASE_URL"])
    rounds = [
        (_start(LIBRARIES, environ, folder), _start(SERVE, environ, folder))
        for _ in range(ROUNDS + 1)
    ][1:]
    libraries, seconds = zip(*rounds, strict=True)
    return {
        "ready_seconds": {
            "median": round(statistics.median(seconds), 2),
            "best": round(min(seconds), 2),
        },
        "libraries_seconds": round(statistics.median(libraries), 2),
        "ready_to_libraries": round(statistics.median(ours / theirs for theirs, ours in rounds), 2),
    }


def _start(command: Sequence[str], environ: dict[str, str], folder: Path) -> float:
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
        return time.perf_counter() - began
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
