"""`portal serve`: the portal on this machine, with the server that production uses."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from portal.app import create_app
from portal.settings import load_settings

# After this many the port range is crowded enough to ask the operator.
PORTS_TRIED = 50


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="First port to try.")
@click.option("--threads", default=2, show_default=True, help="Threads per worker.")
@click.option("--workers", default=1, show_default=True, help="Worker processes.")
def serve(host: str, port: int, threads: int, workers: int) -> None:
    """Serve the portal and print its address once it answers.

    When PORT is taken the next free one is used.
    """
    # Made once here so that a broken configuration is a message, not a dead worker.
    create_app(load_settings(os.environ))
    free = find_port(host, port)
    announcer = Path(__file__).with_name("announcing.py")
    subprocess.Popen([sys.executable, str(announcer), host, str(free)])  # noqa: S603 - our own file
    Granian(
        "wsgi:app",
        address=host,
        port=free,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        log_access=False,
        log_level=LogLevels.warning,
    ).serve()


def find_port(host: str, first: int) -> int:
    """The first port from `first` on that nobody listens at."""
    for port in range(first, first + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise click.ClickException(
        f"ports {first} to {first + PORTS_TRIED - 1} of {host} are all taken;"
        " name another with --port"
    )
