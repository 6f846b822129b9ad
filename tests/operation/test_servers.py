"""The portal behind the servers it ships for, as processes: what they refuse and what they tell."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.operation.running import GRANIAN
from tests.operation.running import GUNICORN
from tests.operation.running import REPOSITORY
from tests.operation.running import RunningServer
from tests.operation.running import environment
from tests.operation.running import run_server
from tests.operation.running import wait_until

SERVERS = {"granian": GRANIAN, "gunicorn": GUNICORN}


@pytest.fixture(scope="module", params=list(SERVERS))
def server(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    """Each server with one worker; for questions that leave it as it is."""
    folder = tmp_path_factory.mktemp(request.param)
    shutil.copyfile(sqlite_template, folder / "portal.sqlite3")
    environ = environment(f"sqlite:///{folder / 'portal.sqlite3'}", folder, METRICS="true")
    with run_server(SERVERS[request.param], environ, folder, "--workers", "1") as running:
        yield running


HOST = b"Host: portal.example\r\n"
REFUSED = {
    "length and chunks": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks twice": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "signed chunk": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
    "signed length": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: +2\r\n\r\nab",
    "hexadecimal length": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 0x2\r\n\r\nab",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n\r\n",
    "host with path": b"GET / HTTP/1.1\r\nHost: portal.example/x\r\n\r\n",
    "host with user": b"GET / HTTP/1.1\r\nHost: a@portal.example\r\n\r\n",
    "space before colon": b"GET / HTTP/1.1\r\nHost : portal.example\r\n\r\n",
    "folded header": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n",
    "NUL in header": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\x00b\r\n\r\n",
    "asterisk": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "tunnel": b"CONNECT portal.example:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "long target": b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "large header": b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 600_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\n" + HOST + b"X: 1\r\n" * 200 + b"\r\n",
    "large body": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 999999999\r\n\r\n",
    "HTTP/2 without asking": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}


@pytest.mark.parametrize("request_bytes", REFUSED.values(), ids=list(REFUSED))
def test_what_a_proxy_may_read_differently_is_refused(server: RunningServer, request_bytes: bytes):
    try:
        answer = server.send(request_bytes)
    except ConnectionError:
        return  # closed in the middle of it: refused as well
    statuses = [part[2:3] for part in answer.split(b"HTTP/1.")[1:]]
    # What follows is taken for no request, or for one that is refused as well.
    assert set(statuses) <= {b"4", b"5"}, answer[:200]


def test_a_header_with_an_underscore_never_stands_for_a_length(server: RunningServer):
    """CGI names cannot tell the two spellings apart, so the guard or the server drops it."""
    answer = server.send(
        b"POST / HTTP/1.1\r\n" + HOST + b"Content_Length: 3\r\nConnection: close\r\n\r\nabc"
    )
    assert answer.split(b" ")[1] in {b"400", b"405"}


def test_what_announces_the_address_leaves_nothing_behind(sqlite_url: str, tmp_path: Path):
    """An operator who lists processes sees the server and its workers, none that is defunct."""
    environ = environment(sqlite_url, tmp_path)
    with run_server(GRANIAN, environ, tmp_path, "--workers", "1") as running:
        children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children")
        wait_until(lambda: "The portal answers" in running.log.read_text())
        wait_until(lambda: len(children.read_text().split()) == 1)


def test_a_slow_header_does_not_hold_a_thread(sqlite_url: str, tmp_path: Path):
    """More silent clients than threads, and a reader is still answered.

    Not so with gunicorn's threads, which is why it wants a proxy that reads requests first.
    """
    with (
        run_server(
            GRANIAN, environment(sqlite_url, tmp_path), tmp_path, "--workers", "1"
        ) as running,
        ExitStack() as clients,
    ):
        for _ in range(100):
            client = socket.create_connection(("127.0.0.1", running.port))
            clients.enter_context(client)
            client.sendall(b"GET / HTTP/1.1\r\nHost: por")
        assert running.ask().status == 200


def test_metrics_of_all_workers_are_told_by_each(sqlite_url: str, tmp_path: Path):
    environ = environment(sqlite_url, tmp_path, METRICS="true")
    with run_server(GRANIAN, environ, tmp_path, "--workers", "2") as running:
        for _ in range(40):
            assert running.ask("/-/version").status == 200
        line = 'portal_request_seconds_count{method="GET",route="/-/version",status="2xx"} 40.0'
        for _ in range(6):
            assert line in running.ask("/-/metrics").body.decode()  # type: ignore[attr-defined]  # see `ask`


@pytest.mark.parametrize("name", list(SERVERS))
@pytest.mark.parametrize("secret", ["", "s" * 40], ids=["none", "weak"])
def test_without_a_good_secret_production_ends_with_78(
    name: str, secret: str, sqlite_url: str, tmp_path: Path
):
    command = SERVERS[name]
    done = subprocess.run(
        [*command, "127.0.0.1:0" if name == "gunicorn" else "0"],
        cwd=REPOSITORY,
        env=environment(sqlite_url, tmp_path, SECRET_KEY=secret),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 78, done.stderr
    assert "PORTAL_SECRET_KEY" in done.stderr
    assert "secrets.token_hex(32)" in done.stderr
    assert "Traceback" not in done.stderr
    assert "ssss" not in done.stderr


def test_any_server_is_refused_an_application_without_a_secret(sqlite_url: str, tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", "import wsgi"],
        cwd=REPOSITORY,
        env=environment(sqlite_url, tmp_path, SECRET_KEY=""),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (78, "")
    assert "PORTAL_SECRET_KEY is not set" in done.stderr


def test_log_lines_are_json_with_the_id_of_the_request(server: RunningServer):
    server.ask("/tin-tuc/?name=Nguyen", **{"X-Request-ID": "0123456789abcdef"})
    wait_until(lambda: '"request": "0123456789abcdef"' in server.log.read_text("utf-8"), 5)
    assert "Nguyen" not in server.log.read_text("utf-8")


def test_a_search_that_is_too_long_ends_with_an_answer_that_says_so(server: RunningServer):
    """Ten thousand accented letters. gunicorn takes no such line and says so in its own words."""
    answer = server.ask("/tim-kiem?q=" + quote("đường " * 1_700).replace("%20", "+"))
    assert answer.status == 414
    told = answer.body.decode()  # type: ignore[attr-defined]  # see `ask`
    assert ('action="/tim-kiem"' in told) != ("Request Line is too large" in told)
    assert server.ask("/-/health/live").status == 200
