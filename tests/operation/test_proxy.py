"""The shipped proxy: nginx reads the requests of the world and writes them anew for the portal."""

from __future__ import annotations

import http.client
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.operation.running import GRANIAN
from tests.operation.running import HOST
from tests.operation.running import REPOSITORY
from tests.operation.running import environment
from tests.operation.running import free_port
from tests.operation.running import run_server
from tests.servers import find_program

CONFIGURATION = REPOSITORY / "deploy" / "proxy" / "nginx.conf"


@pytest.fixture(scope="module")
def proxy(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The TLS port of nginx in front of a portal that believes one proxy."""
    folder = tmp_path_factory.mktemp("proxy")
    shutil.copyfile(sqlite_template, folder / "portal.sqlite3")
    environ = environment(f"sqlite:///{folder / 'portal.sqlite3'}", folder, PROXY_HOPS="1")
    with run_server(GRANIAN, environ, folder, "--workers", "1") as server:
        port = free_port()
        file = write_configuration(folder, server.port, port)
        with run_nginx(file, folder / "access.log", port):
            yield port


@contextmanager
def run_nginx(file: Path, log: Path, port: int) -> Iterator[None]:
    """nginx with a configuration that it finds sound, until the end of the context."""
    nginx = find_program("nginx", "Debian package nginx-light", ["usr/sbin"])
    command = [nginx, "-c", file, "-e", file.parent / "error.log", "-g", "daemon off;"]
    subprocess.run([*command, "-t"], check=True, capture_output=True, timeout=30)
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        wait_for_port(port)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def write_upstream(folder: Path, portal: int, varnish: int | None) -> Path:
    """The shipped way to the portal, or by Varnish."""
    name = "portal" if varnish is None else "varnish"
    text = CONFIGURATION.with_name(f"upstream-{name}.conf").read_text("utf-8")
    text = text.replace("portal:8000", f"127.0.0.1:{portal}")
    file = folder / "upstream.conf"
    file.write_text(text.replace("varnish:80", f"127.0.0.1:{varnish}"), "utf-8")
    return file


def write_configuration(
    folder: Path, portal: int, port: int, *, varnish: int | None = None
) -> Path:
    """The shipped file with the places of this machine."""
    key, certificate = make_certificate(folder)
    text = CONFIGURATION.read_text(encoding="utf-8")
    for shipped, here in {
        "/tmp/": f"{folder}/",  # noqa: S108 - of a container of its own
        "/etc/nginx/upstream.conf": str(write_upstream(folder, portal, varnish)),
        "/run/secrets/tls_certificate": str(certificate),
        "/run/secrets/tls_key": str(key),
        "listen 8443": f"listen 127.0.0.1:{port}",
        "        listen [::]:8443 ssl default_server;\n": "",
        "listen 8080": f"listen 127.0.0.1:{free_port()}",
        "        listen [::]:8080 default_server;\n": "",
        # The directive is younger than Debian's nginx; older ones say it with `listen`.
        "        http2 on;\n": "",
        "include mime.types;": "include /etc/nginx/mime.types;",
    }.items():
        assert shipped in text, shipped
        text = text.replace(shipped, here)
    file = folder / "nginx.conf"
    file.write_text(text, "utf-8")
    open_to_others(folder)
    return file


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """The files of a key and of its certificate."""
    key, certificate = folder / "key", folder / "certificate"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
        + ["-subj", f"/CN={HOST}", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return key, certificate


def open_to_others(folder: Path) -> None:
    """nginx changes to another user, who must reach the folder."""
    for place in (folder, *folder.parents):
        if place.stat().st_uid == folder.stat().st_uid and "pytest" in str(place):
            place.chmod(0o755)


def wait_for_port(port: int) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.05)


def ask(port: int, path: str, **headers: str) -> http.client.HTTPResponse:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=20)
    try:
        connection.request("GET", path, headers={"Host": HOST, **headers})
        answer = connection.getresponse()
        answer.read()
        return answer
    finally:
        connection.close()


def test_a_page_comes_through_with_its_headers(proxy: int):
    answer = ask(proxy, "/", **{"X-Request-ID": "0123456789abcdef"})
    assert answer.status == 200
    assert answer.getheader("X-Request-ID") == "0123456789abcdef"
    assert answer.getheader("Strict-Transport-Security") == "max-age=31536000"
    assert answer.getheader("Content-Security-Policy")


@pytest.mark.parametrize("path", ["/-/health/ready", "/-/health/live", "/-/metrics"])
def test_what_machines_watch_is_not_for_the_world(proxy: int, path: str):
    assert ask(proxy, path).status == 404


def test_an_id_that_is_not_well_formed_is_replaced(proxy: int):
    answer = ask(proxy, "/", **{"X-Request-ID": "a b"})
    assert len(answer.getheader("X-Request-ID") or "") == 32


def test_files_under_hashed_names_are_kept_by_the_proxy(proxy: int):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", proxy, context=context, timeout=20)
    connection.request("GET", "/", headers={"Host": HOST})
    page = connection.getresponse().read().decode()
    style = "/-/assets/" + page.partition('href="/-/assets/')[2].partition('"')[0]
    connection.close()
    first, second = ask(proxy, style), ask(proxy, style)
    assert first.status == second.status == 200
    # The same answer, id included: the portal was asked once.
    assert first.getheader("X-Request-ID") == second.getheader("X-Request-ID")


@pytest.mark.parametrize("name", ["Transfer_Encoding", "Content_Length", "X_Forwarded_Proto"])
def test_header_names_with_an_underscore_go_no_further(proxy: int, name: str):
    """The portal refuses the second one (400); through the proxy it never sees it."""
    assert ask(proxy, "/", **{name: "3"}).status == 200
