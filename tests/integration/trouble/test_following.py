"""Following the log on PostgreSQL: commits are seen, and what cannot be proved is not believed.

Bounds: a proof is believed for one second; a follower that was cut listens again within a second.
Where time counts it is the table's own clock, moved by hand.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import NullPool
from sqlalchemy import update

from portal.cache import OncePerProcess
from portal.cache.table import TRUST_SECONDS
from portal.content.epoch import renew_epoch
from portal.content.models import Article
from portal.errors import ContentUnavailable
from portal.extensions import make_engine
from portal.snapshots import Snapshots
from tests.clocks import StandingClock
from tests.integration.trouble.conftest import left_since
from tests.integration.trouble.newspaper import Newspaper
from tests.integration.trouble.newspaper import assert_sound
from tests.integration.trouble.newspaper import follow_virtually
from tests.integration.trouble.newspaper import listed
from tests.integration.trouble.newspaper import portal_of
from tests.integration.trouble.newspaper import settle
from tests.integration.trouble.newspaper import wait_until

CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
OF_LISTENER = " AND query LIKE 'LISTEN%%'"


@pytest.fixture
def paper(paper_on_postgresql: Newspaper) -> Newspaper:
    return paper_on_postgresql


def ask(paper: Newspaper, statement: str) -> list[Any]:
    """What the database answers somebody beside the portal."""
    engine = make_engine(paper.site.database_url, poolclass=NullPool)
    with engine.begin() as connection:
        return list(connection.exec_driver_sql(statement).scalars())


def is_following(paper: Newspaper) -> bool:
    """Whether somebody listens."""
    listeners = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    return len(ask(paper, listeners + OF_LISTENER)) == 1


def heard(app: Flask) -> list[str]:
    return listed(app.test_client().get("/"))


def test_a_commit_elsewhere_is_heard_without_asking(paper: Newspaper):
    """The table moves although no page asks the log: its clock stands, so every proof is young."""
    app = paper.app(freshness="follow")
    assert heard(app) == ["Story"]
    wait_until(lambda: is_following(paper))
    table = portal_of(app).composition.table
    table._clock = lambda: 0.0
    table.ensure()
    before = table.view.position
    paper.publish("Newest")
    wait_until(lambda: table.view.position > before)
    assert heard(app) == ["Newest", "Story"]


def test_readers_ask_the_log_when_the_proof_is_older_than_a_second(
    paper: Newspaper, clock: StandingClock
):
    """Without any follower: believed for a second, asked after it."""
    app = paper.app(freshness="strict")
    follow_virtually(app, clock)
    table = portal_of(app).composition.table
    assert heard(app) == ["Story"]
    table.follow = True
    table.ensure()
    asked_at = clock()
    paper.site.article("Newest", days=0)
    clock.moment = asked_at
    clock.advance(seconds=TRUST_SECONDS)
    assert heard(app) == ["Story"]
    clock.advance(milliseconds=1)
    assert heard(app) == ["Newest", "Story"]


def test_ready_tells_that_nobody_follows_the_log(paper: Newspaper, clock: StandingClock):
    """Pages ask the log themselves, so the process goes on, and is slower."""
    app = paper.app(freshness="strict")
    follow_virtually(app, clock)
    table = portal_of(app).composition.table
    table.follow = True

    def degraded() -> list[str]:
        answer = app.test_client().get("/-/health/ready")
        assert answer.status_code == 200
        told: list[str] = answer.get_json()["degraded"]
        return told

    assert degraded() == []
    assert heard(app) == ["Story"]
    clock.advance(seconds=TRUST_SECONDS)
    assert degraded() == []
    clock.advance(seconds=2)
    assert degraded() == ["log: nobody follows it since 3 s; every page asks the database"]
    assert heard(app) == ["Story"]


def test_a_follower_that_was_cut_listens_again_and_misses_nothing(paper: Newspaper):
    """Every connection of the process is cut; what was committed meanwhile is caught up."""
    app = paper.app(freshness="follow")
    assert heard(app) == ["Story"]
    for headline in ("First", "Second", "Third"):
        wait_until(lambda: is_following(paper))
        ask(paper, CUT)
        paper.publish(headline)
        wait_until(lambda headline=headline: heard(app)[0] == headline)
        assert_sound(app.test_client().get("/"))
    wait_until(lambda: is_following(paper))


def test_every_outage_of_the_follower_is_told_once(
    paper: Newspaper, caplog: pytest.LogCaptureFixture
):
    app = paper.app(freshness="follow")
    assert heard(app) == ["Story"]
    table = portal_of(app).composition.table
    for _ in range(3):
        wait_until(lambda: is_following(paper))
        # The first may still be read with where the log stands, before anybody waits for more.
        for headline in ("First", "Second"):
            before = table.view.position
            paper.publish(headline)
            wait_until(lambda before=before: table.view.position > before)
        caplog.clear()
        ask(paper, CUT)
        wait_until(lambda: bool(caplog.records))
    wait_until(lambda: is_following(paper))
    assert [record.name for record in caplog.records] == ["portal.cache.follower"]


def test_a_follower_that_comes_back_to_another_history_believes_nothing(paper: Newspaper):
    """The epoch is checked before the log is believed again."""
    app = paper.app(freshness="follow")
    assert heard(app) == ["Story"]
    wait_until(lambda: is_following(paper))
    table = portal_of(app).composition.table
    before = table.view.epoch
    # As if the database had been restored into the same server: its fingerprint is another's.
    ask(paper, "UPDATE cache_meta SET fingerprint = 'of another database' RETURNING 1")
    ask(paper, CUT)
    wait_until(lambda: table.view.epoch != before)
    wait_until(lambda: heard(app) == ["Story"])
    assert_sound(app.test_client().get("/"))


def test_a_process_that_cannot_listen_is_never_stale(
    paper: Newspaper, monkeypatch: pytest.MonkeyPatch, clock: StandingClock
):
    """Every connection for listening is refused: proofs come from the readers themselves."""

    def refuse(self: Snapshots) -> Any:
        raise ContentUnavailable("no connection is left for listening")

    monkeypatch.setattr(Snapshots, "listen", refuse)
    app = paper.app(freshness="follow")
    follow_virtually(app, clock)
    expected = ["Story"]
    for number in range(5):
        assert heard(app) == expected
        clock.advance(seconds=TRUST_SECONDS + 0.001)
        expected = [f"News {number}", *expected][:3]
        paper.publish(expected[0])
        assert heard(app) == expected


def test_strict_asks_for_every_page(paper: Newspaper):
    """No second of trust, whoever edits."""
    before = set(threading.enumerate())
    app = paper.app(freshness="strict")
    expected = ["Story"]
    for number in range(5):
        assert heard(app) == expected
        expected = [f"News {number}", *expected][:3]
        paper.publish(expected[0])
    assert heard(app) == expected
    assert "follower" not in [one.name for one in left_since(before)]


def test_readers_who_ask_the_log_together_are_all_answered(paper: Newspaper):
    """Nobody takes another's question for a database that gives no answer."""
    app = paper.app(freshness="strict")
    assert heard(app) == ["Story"]
    answers: list[int] = []
    begin = threading.Barrier(12)

    def read() -> None:
        client = app.test_client()
        begin.wait()
        for _ in range(10):
            answers.append("ETag" in client.get("/").headers)

    threads = [threading.Thread(target=read) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 120


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_forked_process_follows_on_its_own_and_leaves_its_parents_connections_alone(
    paper: Newspaper,
):
    """The child sees an edit, ends, and the parent goes on with every connection that it had."""
    app = paper.app(freshness="follow")
    assert heard(app) == ["Story"]
    wait_until(lambda: is_following(paper))
    ready_r, ready_w = os.pipe()
    go_r, go_w = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if heard(app) == ["Story"] else 2
            followers = [one for one in threading.enumerate() if one.name == "follower"]
            code = code or (0 if len(followers) == 1 and followers[0].is_alive() else 3)
            os.write(ready_w, b"x")
            os.read(go_r, 1)
            wait_until(lambda: heard(app)[0] == "Newest")
        except BaseException:  # noqa: BLE001 - the child has no other way to tell
            code = code or 4
        finally:
            os._exit(code)
    os.read(ready_r, 1)
    # Published by the clock that both have.
    paper.site.article("Newest", days=0.5)
    os.write(go_w, b"x")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    for end in (ready_r, ready_w, go_r, go_w):
        os.close(end)
    wait_until(lambda: heard(app)[0] == "Newest")
    assert_sound(app.test_client().get("/"))
    assert is_following(paper)


HOLDERS: dict[str, Callable[[Any], Any]] = {
    "memory": lambda parts: parts.memory,
    "absent": lambda parts: parts.absent,
    "pages": lambda parts: parts.pages,
    "table": lambda parts: parts.table,
    "heads": lambda parts: parts.assembler.heads,
}


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
def test_a_child_waits_for_no_lock_that_a_thread_of_its_parent_held(
    paper: Newspaper, holder: Callable[[Any], Any]
):
    app = paper.app()
    assert app.test_client().get("/").status_code == 200
    settle(app)
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with holder(portal_of(app).composition)._lock:
            held.set()
            go_on.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    child = os.fork()
    if child == 0:
        code = 1
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(10)
        try:
            paper.publish("Newer")
            code = 0 if listed(app.test_client().get("/"))[0] == "Newer" else 2
        finally:
            os._exit(code)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    go_on.set()
    thread.join()
    assert ended == 0


def test_a_beginning_that_lasts_costs_the_first_readers_only_and_ends_all_the_same():
    """While it goes on nobody waits a second time; what fails is tried again."""
    calls: list[int] = []
    finish = threading.Event()

    def task() -> None:
        calls.append(1)
        finish.wait()
        if len(calls) == 1:
            raise RuntimeError("the first time it fails")

    begin = OncePerProcess(task, patience=0.05)
    for _ in range(3):
        with pytest.raises(ContentUnavailable):
            begin()
    assert len(calls) == 1
    finish.set()
    wait_until(lambda: has_begun(begin, calls))
    begin()
    assert len(calls) == 2


def has_begun(begin: OncePerProcess, calls: list[int]) -> bool:
    with suppress(ContentUnavailable):
        begin()
    return len(calls) == 2


def test_what_a_process_commits_itself_is_on_its_very_next_page(paper: Newspaper):
    """Others hear of it by and by; whoever saved or purged may look at once, as may a network."""
    app = paper.app(freshness="follow")
    store = app.extensions["portal.store"]
    heard(app)
    for number in range(50):
        with store.write() as session:
            session.execute(update(Article).values(headline=f"Version {number}"))
        assert listed(app.test_client().get("/")) == [f"Version {number}"]


def test_an_epoch_renewed_by_hand_makes_everything_cold_once(paper: Newspaper):
    """Told by nobody: the head has another epoch."""
    app = paper.app(freshness="strict")
    assert heard(app) == ["Story"]
    engine = make_engine(paper.site.database_url, poolclass=NullPool)
    renew_epoch(engine)
    answer = app.test_client().get("/")
    assert "stored" in answer.headers["Cache-Status"]
    assert listed(answer) == ["Story"]
    assert "hit" in app.test_client().get("/").headers["Cache-Status"]
