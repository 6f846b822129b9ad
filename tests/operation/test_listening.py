"""Where `portal serve` listens: what it is told, what it tells, and a port that somebody has."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import HTTPServer
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.operation.running import GRANIAN
from tests.operation.running import PATIENCE
from tests.operation.running import REPOSITORY
from tests.operation.running import environment
from tests.operation.running import free_port
from tests.operation.running import run_server

SERVE = (sys.executable, "-m", "portal.cli", "serve", "--workers", "1")


def serve_in_vain(environ: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """What a server that cannot listen leaves behind."""
    return subprocess.run(
        [*SERVE, *options],
        cwd=REPOSITORY,
        env=environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@contextmanager
def announced(environ: dict[str, str], folder: Path, *options: str) -> Iterator[str]:
    """The address that a server prints, for the time of the context."""
    log = folder / "server.log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [*SERVE, *options],
            cwd=REPOSITORY,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        # Without an answer in time it is ended, and so is the wait for its first line.
        alarm = threading.Timer(PATIENCE, process.kill)
        alarm.start()
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+/", process.stdout.readline())
            assert found is not None, log.read_text()
            yield found[0]
        finally:
            alarm.cancel()
            process.terminate()


def is_alive(address: str) -> bool:
    """Whether a portal answers there."""
    parts = urlsplit(address)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    try:
        connection.request("GET", "/-/health/live")
        return connection.getresponse().read() == b'{"status":"live"}\n'
    finally:
        connection.close()


def test_a_port_of_another_program_is_refused_without_a_word_of_an_address(
    sqlite_url: str, tmp_path: Path
):
    """That program answers, so asking the port would not tell that nobody serves the portal."""
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        port = other.server_port
        done = serve_in_vain(environment(sqlite_url, tmp_path), "--fixed-port", "--port", str(port))
        other.shutdown()
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: port {port} of 127.0.0.1 is taken; stop what listens there,"
        " or name another --port\n"
    )


def test_two_portals_do_not_share_a_port(sqlite_url: str, tmp_path: Path):
    """Readers of one would get the pages of the other; unless the port is fixed, the next one is
    taken."""
    environ = environment(sqlite_url, tmp_path)
    with run_server(GRANIAN, environ, tmp_path, "--workers", "1") as first:
        done = serve_in_vain(environ, "--fixed-port", "--port", str(first.port))
        assert done.returncode == 1
        assert f"port {first.port} of 127.0.0.1 is taken" in done.stderr
        assert "Traceback" not in done.stderr
        with announced(environ, tmp_path, "--port", str(first.port)) as address:
            other = urlsplit(address).port
            assert other is not None
            assert first.port < other < first.port + 50
            assert is_alive(address)
        assert first.ask().status == 200


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104 - for the time of the test
        ("::1", "[::1]"),
    ],
)
@pytest.mark.parametrize("fixed", [True, False], ids=["named port", "any port"])
def test_the_address_that_is_printed_is_where_the_portal_answers(
    sqlite_url: str, tmp_path: Path, host: str, shown: str, fixed: bool
):
    port = free_port() if fixed else 0
    options = ("--host", host, "--port", str(port))
    with announced(environment(sqlite_url, tmp_path), tmp_path, *options) as address:
        assert is_alive(address)
    parts = urlsplit(address)
    assert parts.netloc == f"{shown}:{parts.port}"
    assert parts.port == port or not fixed


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--host", "no.such.invalid"), "'no.such.invalid' cannot be resolved"),
        (("--host", "a..b"), "'a..b' cannot be resolved (it is no name of a host)"),
        (("--host", "192.0.2.1"), "port 8000 of 192.0.2.1 cannot be used"),
        (("--port", "65536"), "'--port': 65536 is not in the range 0<=x<=65535"),
        (("--port", "-1"), "'--port': -1 is not in the range"),
        (("--threads", "0"), "'--threads': 0 is not in the range 1<=x<=64"),
        (("--threads", "-2"), "'--threads': -2 is not in the range 1<=x<=64"),
        (("--workers", "0"), "'--workers': 0 is not in the range 1<=x<=256"),
    ],
    ids=lambda value: "=".join(value) if isinstance(value, tuple) else "",
)
def test_what_no_server_can_do_is_one_message(
    sqlite_url: str, tmp_path: Path, options: tuple[str, ...], says: str
):
    done = serve_in_vain(environment(sqlite_url, tmp_path), *options)
    assert done.returncode in {1, 2}
    assert says in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "panicked" not in done.stderr
