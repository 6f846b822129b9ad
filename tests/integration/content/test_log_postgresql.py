"""On PostgreSQL: positions in the order of the commits, statements of many rows, notifications."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import Engine
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import OperationalError

from portal.content import log
from portal.content.engine import open_snapshot
from portal.content.models import Article
from portal.content.stamps import HeldConnectionLog
from portal.content.stamps import Listener
from portal.content.tags import MOST_TAGS_OF_A_CLASS
from portal.content.triggers.postgresql import generate
from portal.errors import ContentUnavailable
from tests.integration.content.conftest import Content
from tests.integration.content.conftest import run

_PATIENCE = 20.0


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """Only PostgreSQL."""
    return postgres_url


@pytest.fixture
def engine(content: Content) -> Engine:
    """The content's, with something to pin."""
    content.save("Tin")
    return content.engine


def execute(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def ended_by(engine: Engine, work: Callable[[], object]) -> set[str]:
    newest = log.read_log(engine, limit=1)
    work()
    after = newest[0].position if newest else -1
    return {entry.tag for entry in log.read_log(engine, after=after, limit=100_000)}


# --- the order of positions ---------------------------------------------------------------------

FLUSH = generate(Article.metadata, "public")["cache_flush"]
LOCK = f"  PERFORM pg_advisory_xact_lock({log.LOCK});\n"
NOTIFY = "  PERFORM pg_notify('cache_log', '');\n"


def replace_flush(engine: Engine, body: str) -> None:
    execute(
        engine,
        "CREATE OR REPLACE FUNCTION cache_flush() RETURNS trigger LANGUAGE plpgsql"
        f" SECURITY DEFINER SET search_path = public, pg_temp AS $flush${body}$flush$",
    )


def slow_down(engine: Engine, body: str) -> None:
    """Let a commit take some time after its positions are drawn, as a slow disk would."""
    assert NOTIFY in body
    replace_flush(engine, body.replace(NOTIFY, f"  PERFORM pg_sleep(random() * 0.01);\n{NOTIFY}"))


def as_designed(engine: Engine) -> None:
    slow_down(engine, FLUSH.body)


def deferred_without_lock(engine: Engine) -> None:
    assert LOCK in FLUSH.body
    slow_down(engine, FLUSH.body.replace(LOCK, ""))


def at_once_without_lock(engine: Engine) -> None:
    deferred_without_lock(engine)
    execute(
        engine,
        "DROP TRIGGER cache_flush ON cache_pending",
        "CREATE TRIGGER cache_flush AFTER INSERT ON cache_pending"
        " FOR EACH ROW EXECUTE FUNCTION cache_flush()",
    )


def positions_drawn_ahead(engine: Engine) -> None:
    as_designed(engine)
    execute(engine, "ALTER TABLE cache_log ALTER COLUMN position SET CACHE 20")


def count_late_rows(engine: Engine, commits: int) -> int:
    """Rows that became visible below a head that had been seen, while six writers commit."""
    stop = threading.Event()
    late = 0

    def write(number: int) -> None:
        dice = random.Random(number)  # noqa: S311 - not for secrets
        for turn in range(commits):
            if stop.is_set():
                return
            with engine.connect() as connection, connection.begin() as transaction:
                pin = text("UPDATE pin SET position = :to WHERE id = :id")
                connection.execute(pin, {"id": number, "to": turn + 1})
                if dice.random() < 0.3:
                    inner = connection.begin_nested()
                    connection.execute(text("UPDATE media SET credit = credit || 'x'"))
                    inner.rollback()
                if dice.random() < 0.2:
                    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
                time.sleep(dice.random() * 0.004)
                if dice.random() < 0.2:
                    transaction.rollback()

    source = HeldConnectionLog(lambda: engine)
    seen = source.rows(-1)
    known = {position for _, position in seen.rows}
    with ThreadPoolExecutor(6) as pool:
        writers = [pool.submit(write, number) for number in range(1, 7)]
        while not late and not all(writer.done() for writer in writers):
            rows = source.rows(-1)
            now = {position for _, position in rows.rows}
            late += sum(position <= seen.position for position in now - known)
            seen, known = rows, now
        stop.set()
        for writer in writers:
            writer.result()
    source.close()
    return late


@pytest.fixture
def contended(engine: Engine) -> Engine:
    """Six pins, one for each writer, and connections enough."""
    execute(
        engine,
        "INSERT INTO pin (site, scope, article_id, position)"
        " SELECT 'bach_tra', 'section:' || n, 1, 0 FROM generate_series(1, 6) AS n",
    )
    return engine


def test_positions_have_the_order_of_the_commits(contended: Engine) -> None:
    as_designed(contended)
    assert count_late_rows(contended, commits=40) == 0
    assert len(log.read_log(contended, limit=1000)) >= 100


@pytest.mark.parametrize(
    "weaken", [at_once_without_lock, deferred_without_lock, positions_drawn_ahead]
)
def test_the_same_writers_show_what_a_weaker_log_does_wrong(
    contended: Engine, weaken: Callable[[Engine], None]
) -> None:
    weaken(contended)
    assert count_late_rows(contended, commits=400) > 0


def wait_until_locked(engine: Engine) -> None:
    held = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        with engine.connect() as connection:
            if connection.execute(held).scalar_one():
                return
    raise AssertionError("nobody took the lock")


def test_commit_behind_another_one_sees_its_rows(engine: Engine) -> None:
    replace_flush(engine, FLUSH.body.replace(NOTIFY, f"  PERFORM pg_sleep(0.3);\n{NOTIFY}"))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(
            execute,
            engine,
            "INSERT INTO redirect (site, host, path, query, target, code)"
            " VALUES ('bach_tra', '', '/a', '{}', '/b', 301)",
        )
        wait_until_locked(engine)
        execute(engine, "UPDATE section SET position = 9 WHERE id = 2")
        tags = [entry.tag for entry in log.read_log(engine, limit=3)][::-1]
        first.result()
    assert tags == ["redirects", "section:2", "sections"]


def break_a_reference(engine: Engine) -> None:
    """Commit a reference, checked at the commit, to a row that another transaction deletes."""
    execute(
        engine,
        "INSERT INTO tag (id, site, slug, name) VALUES (50, 'bach_tra', 'x', '{}')",
        "ALTER TABLE article_tag ALTER CONSTRAINT article_tag_tag_id_fkey"
        " DEFERRABLE INITIALLY DEFERRED",
    )
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    with ThreadPoolExecutor(1) as pool, engine.connect() as deleting:
        transaction = deleting.begin()
        deleting.execute(text("DELETE FROM tag WHERE id = 50"))
        referring = pool.submit(
            execute,
            engine,
            "UPDATE section SET position = 9 WHERE id = 2",
            "INSERT INTO article_tag (article_id, tag_id, position) VALUES (1, 50, 0)",
        )
        end = time.monotonic() + _PATIENCE
        with engine.connect() as watching:
            while not watching.execute(waiting).scalar_one():
                assert time.monotonic() < end, "the second commit does not wait"
                watching.rollback()
        transaction.commit()
        referring.result()


def test_deferred_reference_is_checked_before_the_lock_is_taken(engine: Engine) -> None:
    with pytest.raises(IntegrityError, match="article_tag_tag_id_fkey"):
        break_a_reference(engine)


def test_lock_taken_in_one_stage_would_stop_both_commits(engine: Engine) -> None:
    body = FLUSH.body.replace("BEGIN\n", f"BEGIN\n{LOCK}", 1)
    replace_flush(engine, body)
    with pytest.raises(OperationalError, match="deadlock|lock timeout"):
        break_a_reference(engine)


def test_what_is_logged_is_durable_when_it_is_visible(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
        connection.exec_driver_sql("UPDATE pin SET position = 3")
        connection.exec_driver_sql("UPDATE section SET position = 3")
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        setting = connection.exec_driver_sql("SHOW synchronous_commit").scalar()
    assert setting == "local"


def test_nothing_is_left_waiting_after_a_commit(engine: Engine) -> None:
    execute(engine, "UPDATE section SET position = 3", "UPDATE section SET position = 4")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM cache_pending").scalar() == 0


# --- statements of many rows --------------------------------------------------------------------

MANY = (
    "INSERT INTO redirect (site, host, path, query, target, code)"
    " SELECT 'bach_tra', '', '/' || n, '{}', '/b', 301 FROM generate_series(1, 3000) AS n"
)
MANY_ARTICLES = (
    "INSERT INTO article (site, section_id, kind, slug, locale, headline, sanitiser_version,"
    " status, first_published_at, first_published_precision, time_zone, end_mark,"
    " withdrawn_reason, created_at, modified_at, revision, lead, authors, corrections, body,"
    " body_text, provenance, review_flags)"
    " SELECT site, section_id, kind, slug, locale, headline || n, sanitiser_version,"
    " status, first_published_at, first_published_precision, time_zone, end_mark,"
    " withdrawn_reason, created_at, modified_at, revision, lead, authors, corrections, body,"
    " body_text, provenance, review_flags FROM article, generate_series(1, {number}) AS n"
    " WHERE id = 1"
)


def test_statement_of_very_many_rows_ends_classes(engine: Engine) -> None:
    many = MANY_ARTICLES.format(number=MOST_TAGS_OF_A_CLASS + 1)
    assert ended_by(engine, lambda: execute(engine, many)) == {
        "article",
        "list",
        "pins",
        "similar",
    }
    edits = {
        "UPDATE article SET body = 'x'": {"article"},
        "UPDATE article SET revision = 7": set[str](),
        "UPDATE article SET translation_group = 'g' || id": {"article", "group"},
    }
    for statement, expected in edits.items():
        assert ended_by(engine, lambda one=statement: execute(engine, one)) == expected
    assert ended_by(engine, lambda: execute(engine, MANY)) == {"redirects"}


def test_statement_of_many_rows_ends_each(engine: Engine) -> None:
    many = MANY_ARTICLES.format(number=500)
    tags = ended_by(engine, lambda: execute(engine, many))
    assert len([tag for tag in tags if tag.startswith("article:")]) == 500


def test_transaction_of_very_many_statements_ends_classes(engine: Engine) -> None:
    many = [MANY_ARTICLES.format(number=600)] * 2
    tags = ended_by(engine, lambda: execute(engine, *many))
    assert tags == {"article", "list:site", "list:section:1"}


def test_truncated_table_ends_its_classes(content: Content) -> None:
    assert run(content, "TRUNCATE redirect") == {"redirects"}
    assert run(content, "TRUNCATE article CASCADE") >= {"article", "list", "pins", "similar"}


def test_copied_rows_are_logged(engine: Engine, postgres_url: str) -> None:
    def copy() -> None:
        address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address) as connection, connection.cursor() as cursor:
            columns = "site, host, path, query, target, code"
            with cursor.copy(f"COPY redirect ({columns}) FROM STDIN") as rows:
                rows.write_row(("bach_tra", "", "/a", "{}", "/b", 301))

    assert ended_by(engine, copy) == {"redirects"}


def test_session_that_fires_no_triggers_is_logged_all_the_same(engine: Engine) -> None:
    statements = ("SET LOCAL session_replication_role = replica", "UPDATE section SET layout = ''")
    assert ended_by(engine, lambda: execute(engine, *statements)) == set()
    statements = (statements[0], "UPDATE section SET position = 5 WHERE id = 2")
    assert ended_by(engine, lambda: execute(engine, *statements)) == {"section:2", "sections"}


# --- hearing of it ------------------------------------------------------------------------------


def test_listener_hears_commits_and_nothing_else(engine: Engine) -> None:
    listener = Listener(engine)
    assert not listener.wait(0.01)
    execute(engine, "UPDATE section SET layout = 'x'")
    assert not listener.wait(0.05)
    execute(engine, "UPDATE section SET position = 8", "UPDATE section SET position = 9")
    assert listener.wait(_PATIENCE)
    assert not listener.wait(0.05)
    listener.close()
    with pytest.raises(ContentUnavailable, match="closed"):
        listener.wait(0.01)


def test_listener_says_that_its_connection_broke(engine: Engine) -> None:
    listener = Listener(engine)
    execute(
        engine,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN cache_log'",
    )
    with pytest.raises(ContentUnavailable, match="cannot be heard"):
        listener.wait(_PATIENCE)
    again = Listener(engine)
    execute(engine, "UPDATE section SET position = 8")
    assert again.wait(_PATIENCE)
    again.close()


def test_snapshot_has_bounds_and_writers_keep_theirs(engine: Engine) -> None:
    question = text(
        "SELECT current_setting('statement_timeout'),"
        " current_setting('idle_in_transaction_session_timeout'), current_setting('lock_timeout')"
    )
    with open_snapshot(engine) as (session, _):
        assert tuple(session.execute(question).one()) == ("5s", "5s", "500ms")
    with engine.connect() as connection:
        assert tuple(connection.execute(question).one()) == ("30s", "1min", "2s")
