"""A steady load of readers on a deployed server, and the server with all that it needs."""

from __future__ import annotations

import http.client
import itertools
import os
import sys
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import psycopg
from sqlalchemy import NullPool
from sqlalchemy.orm import Session

from portal.content import schema
from portal.extensions import make_engine
from portal.testing.samples import load_samples
from tests.operation.running import GRANIAN
from tests.operation.running import HOST
from tests.operation.running import RunningServer
from tests.operation.running import environment
from tests.operation.running import run_server
from tests.servers import PostgreSQLServer
from tests.servers import Stoppable
from tests.servers import run_stoppable_postgresql
from tests.servers import run_stoppable_redis

REPEATS = int(os.environ.get("FAULT_REPEATS", "1"))
"""How often each fault is done under one load; `make prove` does it twenty times."""
REQUESTS = int(os.environ.get("FAULT_REQUESTS", "100"))
"""How many requests have to be answered around it at least; `make prove` wants 10,000."""
SITE = "bach_tra"
PATHS = ("/", "/en/", "/tin-tuc/", "/feed.xml", "/-/health/live")
PAUSE = 0.01
READERS = 4
_ENDED = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)


@dataclass(frozen=True, slots=True)
class Lost:
    """A request that was not answered as it should be, with when it was sent (monotonic)."""

    path: str
    problem: str
    sent: float


@dataclass(slots=True)
class Load:
    """What a load has seen so far."""

    answered: int = 0
    asked_again: int = 0
    slowest: float = 0.0
    lost: list[Lost] = field(default_factory=list)

    def wait_for(self, answers: int, seconds: float = 1800) -> None:
        """Until so many requests were answered in all; bounded."""
        end = time.monotonic() + seconds
        while self.answered < answers:
            assert time.monotonic() < end, f"only {self.answered} answers: {self.lost[:3]}"
            time.sleep(0.02)


class Reader:
    """A client with one connection, kept where the server keeps it and `keeping` is true.

    A server may close a kept connection at any time, also when a request is on its way to it, and
    only the client can tell that nothing of an answer came. `asks_again` is what browsers and
    proxies do then: once more over a new connection, since GET may be repeated (RFC 9112 §9.3.1,
    RFC 9110 §9.2.2). A request over a new connection is never repeated.
    """

    def __init__(self, port: int, host: str, *, keeping: bool, asks_again: bool) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._host, self._keeping, self._asks_again = host, keeping, asks_again
        self._used = False
        self.asked_again = 0

    def read(self, path: str) -> str:
        """Ask for a page; what went wrong, or nothing."""
        try:
            try:
                status, kept = self._ask(path)
            except _ENDED:
                self.close()
                if not (self._used and self._asks_again):
                    raise
                self.asked_again += 1
                status, kept = self._ask(path)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            self._used = False
            return repr(error)
        self._used = kept and self._keeping
        if not self._used:
            self.close()
        return "" if status == http.client.OK else f"status {status}"

    def _ask(self, path: str) -> tuple[int, bool]:
        self._connection.request("GET", path, headers={"Host": self._host})
        answer = self._connection.getresponse()
        answer.read()
        return answer.status, not answer.will_close

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


@contextmanager
def load_on(
    port: int,
    paths: Sequence[str] = PATHS,
    *,
    readers: int = READERS,
    host: str = HOST,
    asks_again: bool = False,
) -> Iterator[Load]:
    """Readers who ask one after another for each of `paths`, half of them over kept connections."""
    found, done, lock = Load(), threading.Event(), threading.Lock()

    def read(number: int) -> None:
        reader = Reader(port, host, keeping=number % 2 == 0, asks_again=asks_again)
        for path in itertools.islice(itertools.cycle(paths), number, None):
            sent, before = time.monotonic(), reader.asked_again
            problem = reader.read(path)
            with lock:
                found.answered += not problem
                found.asked_again += reader.asked_again - before
                found.slowest = max(found.slowest, time.monotonic() - sent)
                found.lost += [Lost(path, problem, sent)] if problem else []
            if done.wait(PAUSE):
                break
        reader.close()

    threads = [threading.Thread(target=read, args=(number,)) for number in range(readers)]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        done.set()
        for thread in threads:
            thread.join(40)


def bear(
    name: str,
    port: int,
    fault: Callable[[], None],
    paths: Sequence[str] = PATHS,
    *,
    repeats: int = REPEATS,
    asks_again: bool = False,
) -> Load:
    """Do a fault under load, again and again; tell how that went."""
    with load_on(port, paths, asks_again=asks_again) as load:
        load.wait_for(REQUESTS // 2)
        for _ in range(repeats):
            fault()
        load.wait_for(max(REQUESTS, load.answered + REQUESTS // 2))
    sys.stdout.write(
        f"\n{name}: {repeats} times, {load.answered} answered, {len(load.lost)} lost,"
        f" {load.asked_again} asked again, slowest {load.slowest:.2f} s\n"
    )
    return load


@dataclass(frozen=True, slots=True)
class Stack:
    """PostgreSQL with the sample articles, and Redis; servers are started on it."""

    folder: Path
    environ: dict[str, str]
    postgres: PostgreSQLServer
    database: Stoppable
    redis: Stoppable


@contextmanager
def run_stack(folder: Path, **settings: str) -> Iterator[Stack]:
    """What a server of the shipped site needs, of a test's own."""
    with (
        run_stoppable_postgresql() as (postgres, database),
        run_stoppable_redis() as (redis_url, redis),
    ):
        url = postgres.create_database("portal")
        schema.upgrade(url)
        fill(url, folder)
        more = {"CACHE_REDIS_URL": redis_url, **settings}
        yield Stack(folder, environment(url, folder, **more), postgres, database, redis)


def edit(stack: Stack, words: str) -> None:
    """Have every headline end with some words, as another program would."""
    with psycopg.connect(
        host=str(stack.postgres.sockets), port=stack.postgres.port, user="portal", dbname="portal"
    ) as connection:
        connection.execute(
            "UPDATE article SET headline = split_part(headline, ' · ', 1) || %s", (f" · {words}",)
        )


def fill(url: str, folder: Path) -> None:
    """Load the sample articles."""
    engine = make_engine(url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        load_samples(session, SITE, folder / "media")
    engine.dispose()


@contextmanager
def run_portal(stack: Stack, *options: str, **settings: str) -> Iterator[RunningServer]:
    """A server with two workers on the stack, warm."""
    environ = stack.environ | {f"PORTAL_{name}": value for name, value in settings.items()}
    with run_server(GRANIAN, environ, stack.folder, *(options or ("--workers", "2"))) as server:
        yield server
