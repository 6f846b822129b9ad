"""What readers notice when servers and workers come and go, and clients are slow: nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.operation.load import READERS
from tests.operation.load import REQUESTS
from tests.operation.load import Stack
from tests.operation.load import bear
from tests.operation.load import load_on
from tests.operation.load import run_portal
from tests.operation.running import CRASH_LOOP_SECONDS
from tests.operation.running import GRANIAN
from tests.operation.running import RunningServer
from tests.operation.running import environment
from tests.operation.running import free_port
from tests.operation.running import run_server
from tests.operation.running import wait_until
from tests.operation.test_proxy import wait_for_port
from tests.operation.test_proxy import write_configuration
from tests.servers import find_program

DOWN_SECONDS = 1.0
"""How long a new server and the old one serve together."""
IN_FLIGHT_SECONDS = 1.0
"""How long before its death a worker may have been sent what it had in its hands."""
SLOW_CLIENTS = 500


@pytest.fixture(scope="module")
def server(stack: Stack) -> Iterator[RunningServer]:
    """Two workers, as `portal serve` starts them."""
    with run_portal(stack) as server:
        yield server


def test_workers_of_a_killed_server_end_and_free_its_address(sqlite_template: Path, tmp_path: Path):
    shutil.copyfile(sqlite_template, tmp_path / "portal.sqlite3")
    environ = environment(f"sqlite:///{tmp_path / 'portal.sqlite3'}", tmp_path)
    with run_server(GRANIAN, environ, tmp_path, "--workers", "2") as server:
        workers = server.workers()
        assert len(workers) == 2
        server.signal(signal.SIGKILL)
        server.process.wait()
        wait_until(lambda: not any(Path(f"/proc/{number}").exists() for number in workers))
        with socket.create_server(("127.0.0.1", server.port)):
            pass


def test_the_server_reloads(stack: Stack, server: RunningServer):
    """Every worker is replaced; what a kept connection lost on its end is asked again at most."""

    def fault() -> None:
        before = set(server.workers())
        server.signal(signal.SIGHUP)
        wait_until(lambda: not before & set(server.workers()), 120)
        wait_until(lambda: len(server.workers()) == 2)

    assert bear("reloaded", server.port, fault, asks_again=True).lost == []


def test_a_worker_is_killed(stack: Stack, server: RunningServer):
    """Lost is only what that very worker had in its hands; another one takes its place."""
    killed: list[float] = []

    def fault() -> None:
        time.sleep(CRASH_LOOP_SECONDS)
        victim = server.workers()[0]
        killed.append(time.monotonic())
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: len(set(server.workers()) - {victim}) == 2)

    load = bear("worker killed", server.port, fault, asks_again=True)
    assert len(load.lost) <= READERS * len(killed)
    for lost in load.lost:
        assert not lost.problem.startswith("status"), lost
        assert any(abs(lost.sent - moment) < IN_FLIGHT_SECONDS for moment in killed), lost
    # Connections that readers keep to it end as well.
    assert load.asked_again <= READERS * len(killed)


def test_500_slow_clients_hold_nobody_up(server: RunningServer):
    """Each sends a letter of its header now and then; the server closes them after ten seconds."""
    done = threading.Event()
    with ExitStack() as clients:
        slow = []
        for _ in range(SLOW_CLIENTS):
            client = socket.create_connection(("127.0.0.1", server.port), timeout=30)
            clients.enter_context(client)
            client.sendall(b"GET / HTTP/1.1\r\nHost: ")
            slow.append(client)

        def drip() -> None:
            while not done.wait(0.5):
                for client in slow:
                    with contextlib.suppress(OSError):
                        client.send(b"a")

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            with load_on(server.port) as load:
                load.wait_for(REQUESTS)
                closed = sum(map(is_closed, slow))
        finally:
            done.set()
            thread.join()
    assert load.lost == []
    assert closed == SLOW_CLIENTS


def is_closed(client: socket.socket) -> bool:
    """Whether the server ends a connection; it may say why before."""
    try:
        while client.recv(4096):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        pass
    return True


def test_a_rolling_restart_with_overlap(stack: Stack, tmp_path: Path):
    """Two servers behind the shipped proxy; a new one is ready before the old one stops.

    The proxy is told to look for replicas anew, as the documentation says. It then closes the
    connections that readers keep to it, so that these ask once more over a new one.
    """
    ports = [free_port(), free_port()]
    with ExitStack() as everything:
        old, turn = everything.enter_context(ExitStack()), 0
        old.enter_context(run_at(stack, ports[0]))
        plain, proxy = everything.enter_context(run_proxy(ports, tmp_path))

        def fault() -> None:
            nonlocal old, turn
            turn += 1
            new = everything.enter_context(ExitStack())
            new.enter_context(run_at(stack, ports[turn % 2]))
            proxy.send_signal(signal.SIGHUP)
            time.sleep(DOWN_SECONDS)
            old.close()
            old = new

        paths = ("/", "/en/", "/feed.xml")
        load = bear("rolling restart", plain, fault, paths, asks_again=True)
    assert load.lost == []


@contextlib.contextmanager
def run_proxy(
    portals: Sequence[int], folder: Path
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The shipped proxy in front of two servers, and the port where it speaks without TLS."""
    port, plain = free_port(), free_port()
    configuration = write_configuration(folder, portals[0], port)
    first = f"server 127.0.0.1:{portals[0]} max_fails=2 fail_timeout=5s;"
    second = first.replace(str(portals[0]), str(portals[1]))
    upstream = folder / "upstream.conf"
    assert first in upstream.read_text("utf-8")
    upstream.write_text(f"{first}\n{second}\n", "utf-8")
    text = configuration.read_text("utf-8")
    for shipped, here in {
        "rate=50r/s": "rate=5000r/s",
        f"listen 127.0.0.1:{port} ssl": f"listen 127.0.0.1:{plain}",
    }.items():
        assert shipped in text, shipped
        text = text.replace(shipped, here)
    configuration.write_text(text, "utf-8")
    nginx = find_program("nginx", "Debian package nginx-light", ["usr/sbin"])
    command = [nginx, "-c", configuration, "-e", folder / "error.log", "-g", "daemon off;"]
    with (folder / "access.log").open("wb") as output:
        proxy = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        wait_for_port(plain)
        yield plain, proxy
    finally:
        proxy.terminate()
        proxy.wait(timeout=20)


@contextlib.contextmanager
def run_at(stack: Stack, port: int) -> Iterator[RunningServer]:
    """A server at a port of the caller's choice, behind one proxy."""
    environ = stack.environ | {"PORTAL_PROXY_HOPS": "1"}
    with run_server(GRANIAN, environ, stack.folder, "--workers", "1", port=port) as server:
        yield server
