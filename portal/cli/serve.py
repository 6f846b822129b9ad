"""`portal serve`: the portal on this machine, with the server that production uses."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import click

from portal.cli.garbage import without_collection
from portal.cli.listening import BACKLOG
from portal.cli.listening import LAST_PORT
from portal.cli.listening import listen
from portal.cli.listening import resolve
from portal.cli.server import Loader
from portal.cli.server import PortalServer
from portal.durations import parse_duration
from portal.settings import Settings
from portal.settings import load_settings
from portal.sight.logs import logs_config
from portal.sight.metrics import MULTIPROCESS_FOLDER
from portal.starting import log_form
from portal.starting import start
from portal.web.presence import FOLDER_VARIABLE


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, envvar="SERVE_HOST", help="Where to listen."
)
@click.option(
    "--port",
    default=8000,
    type=click.IntRange(0, LAST_PORT),
    show_default=True,
    envvar="SERVE_PORT",
    help="First port to try; 0 is any free one.",
)
@click.option(
    "--fixed-port", is_flag=True, envvar="SERVE_FIXED_PORT", help="Fail when the port is taken."
)
@click.option(
    "--threads",
    default=2,
    type=click.IntRange(1, 64),
    show_default=True,
    envvar="SERVE_THREADS",
    help="Threads per worker.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    envvar="SERVE_WORKERS",
    help="Worker processes.  [default: one per core, one in development]",
)
def serve(host: str, port: int, fixed_port: bool, threads: int, workers: int | None) -> None:
    """Serve the portal and print its address once it answers.

    When PORT is taken the next free one is used. SIGTERM stops it without losing a request, SIGHUP
    makes it read settings and site files anew.
    """
    address = resolve(host)
    settings = load_settings(os.environ)
    with tempfile.TemporaryDirectory(prefix="portal-") as folder:
        marks = Path(folder)
        os.environ[FOLDER_VARIABLE] = folder
        if settings.metrics:
            (marks / "metrics").mkdir()
            os.environ[MULTIPROCESS_FOLDER] = str(marks / "metrics")
        # Made here, so that a broken configuration is a message, and workers begin with it.
        with without_collection():
            loader = Loader(dict(os.environ), start(os.environ))
        listener = listen(address, port, fixed=fixed_port)
        announce(*listener.getsockname()[:2])
        PortalServer(
            loader,
            listener,
            marks,
            0.0 if settings.developing else parse_duration(settings.drain).total_seconds(),
            workers=workers or default_workers(settings),
            blocking_threads=threads,
            backlog=BACKLOG,
            log_dictconfig=logs_config(log_form(settings), settings.log_level),
        ).run()


def default_workers(settings: Settings) -> int:
    """One per core that this process may use; one alone for a developer."""
    return 1 if settings.developing else len(os.sched_getaffinity(0))


def announce(host: str, port: int) -> None:
    """Have the address printed once the portal answers."""
    announcer = Path(__file__).with_name("announcing.py")
    process = subprocess.Popen([sys.executable, str(announcer), host, str(port)])  # noqa: S603 - our own file
    # Somebody has to wait for it, or it would be listed as defunct for as long as the server runs.
    threading.Thread(target=process.wait, name="announcing", daemon=True).start()
