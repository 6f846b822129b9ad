"""Starts real PostgreSQL and Redis servers for tests: own data, own sockets, gone afterwards.

Nothing is skipped when a server is missing: a test that did not run proves nothing, so the first
one that needs it fails with the name of what to install.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import URL

_PATIENCE = 30.0
_UNPRIVILEGED = ("postgres", "nobody")


class ServerMissing(RuntimeError):
    """A server's program is not on this machine; the message says which package has it."""


class ServerFailed(RuntimeError):
    """A server did not come up; the message ends with its own last words."""


@dataclass(frozen=True, slots=True)
class PostgreSQLServer:
    """A running PostgreSQL server that listens on a Unix socket only."""

    sockets: Path
    port: int
    user: str

    def url(self, database: str) -> str:
        """The SQLAlchemy address of one of its databases."""
        return URL.create(
            "postgresql",
            self.user,
            database=database,
            query={"host": str(self.sockets), "port": str(self.port)},
        ).render_as_string(hide_password=False)

    def execute(self, statement: str) -> None:
        """Run one statement outside of any transaction, as the owner of the server."""
        with psycopg.connect(
            host=str(self.sockets),
            port=self.port,
            user=self.user,
            dbname="postgres",
            autocommit=True,
        ) as connection:
            connection.execute(statement.encode())

    def create_database(self, name: str, template: str = "template0") -> str:
        """Make a database as a copy of `template` and return its address."""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database and whoever is still connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@dataclass(frozen=True, slots=True)
class RedisServer:
    """A running Redis (or Valkey) server on a free port of this machine."""

    port: int
    socket: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """The address of its first database."""
        return f"redis://127.0.0.1:{self.port}/0"


def find_program(name: str, package: str, folders: Sequence[str] = ()) -> Path:
    """A program on PATH or in one of `folders` (patterns below `/`, the newest version wins)."""
    found = shutil.which(name)
    if found is not None:
        return Path(found)
    places = [place for folder in folders for place in Path("/").glob(f"{folder}/{name}")]
    if not places:
        raise ServerMissing(f"{name} is needed by this test and not here; install {package}")
    return max(places, key=_version)


def _version(program: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in program.parts if part.isdigit())


@contextmanager
def run_postgresql() -> Iterator[PostgreSQLServer]:
    """A PostgreSQL server for the time of the context, fast rather than durable."""
    folders = ("usr/lib/postgresql/*/bin", "usr/local/pgsql/bin", "opt/homebrew/bin")
    initialise = find_program("initdb", "Debian package postgresql", folders)
    serve = find_program("postgres", "Debian package postgresql", folders)
    user = _server_user()
    with _folder("portal-pg-", user) as home:
        data = home / "data"
        _call(
            [str(initialise), "-D", str(data), "-A", "trust", "-U", "portal", "-E", "UTF8"]
            + ["--locale=C.UTF-8", "--no-sync"],
            user,
        )
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(home),
            "fsync": "off",
            "full_page_writes": "off",
            "max_connections": "60",
            "shared_buffers": "64MB",
        }
        options = [part for item in settings.items() for part in ("-c", "=".join(item))]
        server = PostgreSQLServer(home, 5432, "portal")
        with _process([serve, "-D", data, *options], user, home / "log") as process:
            _wait(process, home / "log", lambda: server.execute("SELECT 1"), psycopg.Error)
            yield server


@contextmanager
def run_redis(*options: str) -> Iterator[RedisServer]:
    """A Redis or Valkey server for the time of the context; `options` as on its command line."""
    try:
        program = find_program("redis-server", "Debian package redis-server")
    except ServerMissing:
        program = find_program("valkey-server", "Debian package redis-server or valkey-server")
    user = _server_user()
    with _folder("portal-redis-", user) as home:
        port = _free_port()
        command = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(home)]
        command += ["--unixsocket", str(home / "redis.sock"), "--save", "", "--appendonly", "no"]
        with _process([*command, *options], user, home / "log") as process:
            server = RedisServer(port, home / "redis.sock", process)
            _wait(process, home / "log", lambda: _ping(port), OSError)
            yield server


def _ping(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(b"PING\r\n")
        if not connection.recv(64).startswith((b"+PONG", b"-NOAUTH")):
            raise OSError("not ready")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _server_user() -> str | None:
    """Whom to run servers as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in _UNPRIVILEGED if name in names)


@contextmanager
def _folder(prefix: str, user: str | None) -> Iterator[Path]:
    # The path of a Unix socket may have no more than about a hundred characters.
    with tempfile.TemporaryDirectory(prefix=prefix, dir="/tmp") as name:
        home = Path(name)
        if user is not None:
            shutil.chown(home, user)
        # Tests run as another user than the server and need its sockets.
        home.chmod(0o755)
        yield home


def _call(command: Sequence[str | Path], user: str | None) -> None:
    done = subprocess.run(command, user=user, cwd="/", capture_output=True, env=_environment())
    if done.returncode:
        raise ServerFailed(f"{command[0]} failed:\n{(done.stdout + done.stderr).decode()[-2000:]}")


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": "/"}


@contextmanager
def _process(
    command: Sequence[str | Path], user: str | None, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, user=user, cwd="/", stdout=output, stderr=output, env=_environment()
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(
    process: subprocess.Popen[bytes],
    log: Path,
    ask: Callable[[], None],
    not_yet: type[Exception],
) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        if process.poll() is not None:
            words = log.read_text(errors="replace")[-2000:]
            raise ServerFailed(f"{process.args!r} ended:\n{words}")
        try:
            ask()
        except not_yet as problem:
            if time.monotonic() > end:
                raise ServerFailed(f"{process.args!r} gives no answer: {problem}") from problem
            time.sleep(0.02)
        else:
            return
