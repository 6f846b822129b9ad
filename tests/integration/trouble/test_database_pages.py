"""Pages while the database is in trouble: what is cached, what stands in for how long, what is not.

Bounds: a silent server costs a reader half a second (a quarter until it is asked whether it lives,
a quarter for the answer), a locked table half a second for each page; then nothing. What the log
ended may stand in as long as its placement says (here two hours), marked.
"""

from __future__ import annotations

import sqlite3
import subprocess
import threading
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import NullPool
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from portal.extensions import make_engine
from tests.clocks import StandingClock
from tests.integration.composition.small_site import SmallSite
from tests.integration.trouble.newspaper import Newspaper
from tests.integration.trouble.newspaper import assert_marked
from tests.integration.trouble.newspaper import assert_nothing_is_held
from tests.integration.trouble.newspaper import assert_sound
from tests.integration.trouble.newspaper import assert_unavailable
from tests.integration.trouble.newspaper import at_most
from tests.integration.trouble.newspaper import follow_virtually
from tests.integration.trouble.newspaper import listed
from tests.integration.trouble.newspaper import portal_of
from tests.integration.trouble.newspaper import settle
from tests.integration.trouble.newspaper import wait_until
from tests.servers import PostgreSQLServer

SILENCE = 0.5
SLACK = 2.5


def read_all(paper: Newspaper, app: Flask) -> None:
    """Make every page known to a process."""
    for path in paper.paths:
        assert_sound(app.test_client().get(path))
    settle(app)


# --- SQLite -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_writer_that_holds_sqlite_keeps_no_reader_waiting(paper: Newspaper, mode: str):
    """Warm, cold and ended pages are all made while somebody writes for as long as he likes."""
    app, cold = paper.app(), paper.app()
    read_all(paper, app)
    cold.test_client().get("/nothing-1")
    paper.publish("Newest")
    file = make_url(paper.site.database_url).database
    writer = sqlite3.connect(str(file), isolation_level=None)
    writer.execute(f"BEGIN {mode}")
    writer.execute("UPDATE article SET headline = 'Uncommitted'")
    for process in (app, cold):
        for path in paper.paths:
            with at_most(SLACK):
                answer = process.test_client().get(path)
            assert_sound(answer)
            assert listed(answer) == ["Newest", "Story"]
    writer.execute("ROLLBACK")
    writer.close()
    assert_nothing_is_held(cold)


@contextmanager
def full_disk(folder: Path, size: int = 4_000_000) -> Iterator[Path]:
    """A folder on a disk of its own that a file can fill."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    subprocess.run(mount, check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> None:
    with (folder / "filling").open("wb", buffering=0) as filling:
        for size in (65_536, 512, 1):
            try:
                while True:
                    filling.write(b"x" * size)
            except OSError:
                continue


def publish_without_end(paper: Newspaper) -> None:
    """Until the disk has no room."""
    for number in range(1000):
        paper.publish(f"News {number} " + "x" * 500)


def test_pages_are_made_from_a_disk_that_is_full(
    sqlite_url: str, tmp_path: Path, clock: StandingClock
):
    """Editors are refused, readers notice nothing; with room again both go on."""
    with full_disk(tmp_path / "disk") as disk:
        name = Path(str(make_url(sqlite_url).database))
        (disk / "portal.sqlite3").write_bytes(name.read_bytes())
        site = SmallSite(tmp_path / "site", f"sqlite:///{disk / 'portal.sqlite3'}", clock)
        try:
            paper = Newspaper(site, clock)
            app = paper.app()
            assert_sound(app.test_client().get("/"))
            fill(disk)
            with pytest.raises(OperationalError, match="full|I/O"):
                publish_without_end(paper)
            right = None
            for path in ("/", *paper.paths):
                answer = app.test_client().get(path)
                assert_sound(answer)
                right = right or listed(answer)
            (disk / "filling").unlink()
            paper.publish("Newest")
            assert listed(app.test_client().get("/"))[0] == "Newest"
            assert_nothing_is_held(app)
        finally:
            site.close()


# --- PostgreSQL: locked tables ------------------------------------------------------------------


@contextmanager
def locked(url: str, table: str) -> Iterator[None]:
    """Somebody changes a whole table and takes his time."""
    engine = make_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


def test_a_locked_table_costs_half_a_second_and_old_content_stands_in(
    paper_on_postgresql: Newspaper, clock: StandingClock
):
    paper = paper_on_postgresql
    app = paper.app()
    read_all(paper, app)
    cached = app.test_client().get("/").data
    url = paper.site.database_url
    with locked(url, "article"):
        with at_most(SLACK):
            assert app.test_client().get("/").data == cached
    paper.publish("Newest")
    with locked(url, "article"):
        for path in paper.paths:
            with at_most(2 * SILENCE + SLACK):
                answer = app.test_client().get(path)
            assert_marked(answer)
            assert listed(answer) == ["Story"]
        with at_most(2 * SILENCE + SLACK):
            assert_unavailable(app.test_client().get("/tin-tuc/unknown-99"))
    for path in paper.paths:
        clock.advance(seconds=5)
        answer = app.test_client().get(path)
        assert_sound(answer)
        assert listed(answer) == ["Newest", "Story"]
    assert_nothing_is_held(app)


def test_an_address_is_back_within_seconds_however_often_readers_ask_for_it(
    paper_on_postgresql: Newspaper, clock: StandingClock
):
    """Those who ask while it is left alone do not keep it from coming back."""
    paper = paper_on_postgresql
    client, path = paper.app().test_client(), paper.paths[1]
    with locked(paper.site.database_url, "article"):
        for _ in range(6):
            assert_unavailable(client.get(path))
    answers = []
    for _ in range(6):
        clock.advance(seconds=1)
        answers.append(client.get(path).status_code)
    assert answers[-1] == 200


def test_beyond_its_time_nothing_stands_in(paper_on_postgresql: Newspaper, clock: StandingClock):
    """After two hours the list is left out rather than shown as it was."""
    paper = paper_on_postgresql
    app = paper.app()
    read_all(paper, app)
    paper.publish("Newest")
    clock.advance(hours=1, minutes=59)
    with locked(paper.site.database_url, "article"):
        assert listed(app.test_client().get("/")) == ["Story"]
        # What only grew old is renewed behind it, and must not find the table free again.
        settle(app)
    clock.advance(minutes=1)
    with locked(paper.site.database_url, "article"):
        answer = app.test_client().get("/")
    assert_marked(answer)
    assert 'data-block="news"' not in answer.text
    assert 'data-block="words"' in answer.text


# --- PostgreSQL: the server ---------------------------------------------------------------------


Trouble = Callable[[PostgreSQLServer], AbstractContextManager[None]]


@contextmanager
def down(server: PostgreSQLServer) -> Iterator[None]:
    server.processes.stop()
    yield
    server.start()


@contextmanager
def crashed(server: PostgreSQLServer) -> Iterator[None]:
    server.processes.stop(at_once=True)
    yield
    server.start()


@contextmanager
def hanging(server: PostgreSQLServer) -> Iterator[None]:
    with server.processes.held():
        yield


@pytest.mark.parametrize("freshness", ["follow", "strict"])
@pytest.mark.parametrize("trouble", [down, crashed, hanging])
def test_known_pages_are_shown_without_a_server_and_new_ones_as_soon_as_it_is_back(
    paper_on_own_server: Newspaper,
    own_server: PostgreSQLServer,
    trouble: Trouble,
    freshness: str,
    clock: StandingClock,
):
    """One reader may wait half a second; the next ones do not; the same process goes on."""
    paper = paper_on_own_server
    app = paper.app(freshness=freshness)
    read_all(paper, app)
    table = portal_of(app).composition.table
    cached = {path: fresh_bytes(app, path) for path in paper.paths}
    with trouble(own_server):
        for path in paper.paths:
            with at_most(SILENCE + SLACK):
                answer = app.test_client().get(path)
            assert (answer.status_code, answer.data) == (200, cached[path])
        wait_until(lambda: table.age > 1.0)
        for path in paper.paths:
            with at_most(SILENCE + SLACK):
                answer = app.test_client().get(path)
            assert_marked(answer)
            assert answer.data == cached[path]
        with at_most(SILENCE + SLACK):
            assert_unavailable(app.test_client().get("/tin-tuc/unknown-99"))
        with at_most(SLACK):
            for path in (*paper.paths, "/tin-tuc/unknown-98") * 5:
                app.test_client().get(path)
    wait_until(lambda: "ETag" in app.test_client().get("/").headers)
    paper.publish("Newest")
    wait_until(lambda: listed(app.test_client().get("/")) == ["Newest", "Story"])
    clock.advance(seconds=6)
    for path in paper.paths:
        assert_sound(app.test_client().get(path))
    assert_nothing_is_held(app)


def fresh_bytes(app: Flask, path: str) -> bytes:
    answer = app.test_client().get(path)
    assert_sound(answer)
    return answer.data


def test_content_that_was_ended_stands_in_without_a_server_and_not_for_longer(
    paper_on_own_server: Newspaper, own_server: PostgreSQLServer, clock: StandingClock
):
    """Ended before the server went: proved for the last time before the edit."""
    paper = paper_on_own_server
    app = paper.app(freshness="strict")
    follow_virtually(app, clock)
    read_all(paper, app)
    paper.publish("Newest")
    portal_of(app).composition.table.ensure()
    own_server.processes.stop()
    for path in paper.paths:
        answer = app.test_client().get(path)
        assert_marked(answer)
        assert listed(answer) == ["Story"]
    clock.advance(hours=2)
    answer = app.test_client().get("/")
    assert_marked(answer)
    assert 'data-block="news"' not in answer.text
    clock.advance(days=1)
    assert_unavailable(app.test_client().get("/"))
    own_server.start()
    wait_until(lambda: listed_or_nothing(app) == ["Newest", "Story"])


def listed_or_nothing(app: Flask) -> list[str]:
    answer = app.test_client().get("/")
    return listed(answer) if 'data-block="news"' in answer.text else []


def test_a_server_that_begins_to_hang_costs_a_cold_page_half_a_second(
    paper_on_own_server: Newspaper, own_server: PostgreSQLServer
):
    """Also while the last proof is young, when nobody doubts the database yet."""
    paper = paper_on_own_server
    app = paper.app(freshness="strict")
    app.test_client().get("/")
    settle(app)
    table = portal_of(app).composition.table
    table.follow = True
    table.ensure()
    with own_server.processes.held():
        with at_most(SILENCE + SLACK):
            answer = app.test_client().get(paper.paths[1])
        assert_unavailable(answer)
        with at_most(SLACK):
            assert app.test_client().get("/").status_code == 200
    wait_until(lambda: app.test_client().get(paper.paths[1]).status_code == 200)
    wait_until(lambda: not [one for one in threading.enumerate() if one.name == "render"])
    assert_nothing_is_held(app)


def test_who_grants_a_slow_server_more_time_gets_pages_that_nobody_knows(
    paper_on_own_server: Newspaper, own_server: PostgreSQLServer
):
    """One that is far away, or busy for a while, is not taken for dead."""
    paper = paper_on_own_server
    app = paper.app(freshness="strict", database_patience="30s")
    app.test_client().get("/")
    settle(app)
    with ThreadPoolExecutor(1) as pool:
        with own_server.processes.held():
            asked = pool.submit(app.test_client().get, paper.paths[1])
            with pytest.raises(TimeoutError):
                asked.result(timeout=2 * SILENCE)
        assert_sound(asked.result())


def test_a_pool_without_a_free_connection_leaves_known_pages_alone(
    paper_on_postgresql: Newspaper,
):
    """The log has a connection of its own, so known pages stay proved; others wait their time."""
    paper = paper_on_postgresql
    app = paper.app(database_pool=1, freshness="strict")
    read_all(paper, app)
    engine = portal_of(app).engine()
    lent = [engine.connect() for _ in range(2)]
    for path in paper.paths:
        with at_most(SLACK):
            assert_sound(app.test_client().get(path))
    paper.publish("Newest")
    with at_most(3 + SLACK):
        answer = app.test_client().get("/")
    assert_marked(answer)
    assert listed(answer) == ["Story"]
    for connection in lent:
        connection.close()
    answer = app.test_client().get("/")
    assert_sound(answer)
    assert listed(answer) == ["Newest", "Story"]
    assert_nothing_is_held(app)


def test_an_address_known_to_lead_nowhere_is_no_error_without_a_server(
    paper_on_own_server: Newspaper, own_server: PostgreSQLServer
):
    """Old addresses are looked up for every 404; a lookup that fails says 503."""
    app = paper_on_own_server.app(freshness="strict")
    assert app.test_client().get("/nothing-at-all").status_code == 404
    own_server.processes.stop()
    assert app.test_client().get("/nothing-at-all").status_code in {404, 503}
    own_server.start()
    wait_until(lambda: app.test_client().get("/nothing-at-all").status_code == 404)
