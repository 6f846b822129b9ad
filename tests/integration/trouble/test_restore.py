"""Databases that go back in time: everything is cold once, and the lost time is never shown."""

from __future__ import annotations

import shutil
import subprocess
import uuid
from pathlib import Path

import pytest
import redis
from sqlalchemy import NullPool
from sqlalchemy import make_url
from sqlalchemy import text

from portal.content.epoch import renew_epoch
from portal.extensions import make_engine
from tests.integration.trouble.newspaper import Newspaper
from tests.integration.trouble.newspaper import assert_sound
from tests.integration.trouble.newspaper import listed
from tests.integration.trouble.newspaper import portal_of
from tests.integration.trouble.newspaper import settle
from tests.integration.trouble.newspaper import wait_until
from tests.servers import PostgreSQLServer
from tests.servers import RedisServer


@pytest.fixture
def shared(redis_server: RedisServer) -> dict[str, str]:
    """Settings of processes that share a part of Redis."""
    with redis.Redis(port=redis_server.port) as client:
        client.flushall()
    return {"cache_redis_url": redis_server.url, "cache_key_prefix": f"{uuid.uuid4().hex}:"}


def file_of(paper: Newspaper) -> Path:
    return Path(str(make_url(paper.site.database_url).database))


def back_up(file: Path) -> Path:
    """A copy of a database that nobody writes, as backups make it."""
    copy = file.with_suffix(".backup")
    engine = make_engine(f"sqlite:///{file}", poolclass=NullPool)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql(f"VACUUM INTO '{copy}'")
        connection.exec_driver_sql("BEGIN")
    return copy


def put_back(copy: Path, file: Path) -> None:
    """Take the database away and put its backup in its place."""
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    copy.replace(file)


def test_a_file_put_in_the_place_of_another_is_noticed_by_a_running_process(
    paper: Newspaper, shared: dict[str, str]
):
    """Its connections still read the file that was taken away, which has what was lost.

    It looks for the file ten times in a second.
    """
    app = paper.app(**shared)
    assert listed(app.test_client().get("/")) == ["Story"]
    copy = back_up(file_of(paper))
    paper.publish("Lost")
    assert listed(app.test_client().get("/")) == ["Lost", "Story"]
    settle(app)
    put_back(copy, file_of(paper))
    wait_until(lambda: listed(app.test_client().get("/")) == ["Story"])
    for process in (app, paper.app(**shared)):
        for path in paper.paths:
            answer = process.test_client().get(path)
            assert_sound(answer)
            assert listed(answer) == ["Story"]
    assert app.test_client().get("/tin-tuc/lost-2").status_code == 404


def test_positions_that_are_drawn_again_bring_nothing_lost_back(
    paper: Newspaper, shared: dict[str, str]
):
    """The restored history reaches the very positions of the lost one, with other content."""
    app = paper.app(**shared)
    app.test_client().get("/")
    copy = back_up(file_of(paper))
    paper.publish("Lost")
    assert listed(app.test_client().get("/")) == ["Lost", "Story"]
    settle(app)
    head = portal_of(app).composition.table.view.position
    put_back(copy, file_of(paper))
    paper.publish("Found")
    other = paper.app(**shared)
    assert listed(other.test_client().get("/")) == ["Found", "Story"]
    assert portal_of(other).composition.table.view.position == head
    wait_until(lambda: listed(app.test_client().get("/")) == ["Found", "Story"])


def test_a_log_that_went_back_within_the_same_database_begins_a_new_epoch(
    paper_on_each: Newspaper, shared: dict[str, str]
):
    """Restored into the same file or tables: only the head below the known one betrays it."""
    paper = paper_on_each
    app = paper.app(**shared)
    assert listed(app.test_client().get("/")) == ["Story"]
    table = portal_of(app).composition.table
    before = table.view
    lost = paper.publish("Lost")
    assert listed(app.test_client().get("/")) == ["Lost", "Story"]
    settle(app)
    at = before.position
    engine = make_engine(paper.site.database_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM article WHERE id = :lost"), {"lost": lost})
        connection.execute(text("DELETE FROM cache_log WHERE position > :at"), {"at": at})
        if engine.dialect.name == "postgresql":
            # What deleting has logged waits for the commit.
            connection.exec_driver_sql("DELETE FROM cache_pending")
    assert listed(app.test_client().get("/")) == ["Story"]
    assert_sound(app.test_client().get("/"))
    assert table.view.epoch != before.epoch


def test_a_server_restored_from_its_backup_begins_a_new_epoch_when_told(
    paper_on_own_server: Newspaper,
    own_server: PostgreSQLServer,
    shared: dict[str, str],
    tmp_path: Path,
):
    """Files copied while it was down keep its fingerprint; a head that fell back is noticed."""
    paper = paper_on_own_server
    app = paper.app(freshness="strict", **shared)
    assert listed(app.test_client().get("/")) == ["Story"]
    own_server.processes.stop()
    copy = own_server.sockets / "copy"
    subprocess.run(["cp", "-a", own_server.data, copy], check=True)
    own_server.start()
    paper.publish("Lost")
    wait_until(lambda: listed(app.test_client().get("/")) == ["Lost", "Story"])
    settle(app)
    own_server.processes.stop()
    shutil.rmtree(own_server.data)
    copy.rename(own_server.data)
    own_server.start()
    wait_until(lambda: listed(app.test_client().get("/")) == ["Story"])
    wait_until(lambda: "ETag" in app.test_client().get("/").headers)
    table = portal_of(app).composition.table
    before = table.view.epoch
    renew_epoch(portal_of(app).engine())
    other = paper.app(freshness="strict", **shared)
    assert listed(other.test_client().get("/")) == ["Story"]
    assert portal_of(other).composition.table.view.epoch != before
