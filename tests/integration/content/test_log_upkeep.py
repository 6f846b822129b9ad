"""The log's upkeep: triggers that were changed, a new epoch, a log that stays small."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy import text

from portal.content import log
from portal.content.engine import open_snapshot
from portal.content.epoch import check_epoch
from portal.content.epoch import renew_epoch
from portal.content.epoch import unseen_facts
from portal.content.triggers import find_differences
from portal.content.triggers import mend_triggers
from portal.extensions import make_engine
from tests.integration.content.conftest import Content
from tests.integration.content.conftest import run
from tests.servers import PostgreSQLServer

TAMPERING = {
    "sqlite": {
        "dropped": ("DROP TRIGGER cache_log_of_pin_update", "is missing"),
        "emptied": (
            "DROP TRIGGER cache_log_of_pin_update; CREATE TRIGGER cache_log_of_pin_update"
            " AFTER UPDATE ON pin BEGIN SELECT 1; END",
            "was changed",
        ),
        "left over": (
            "CREATE TRIGGER cache_log_of_site AFTER UPDATE ON site BEGIN SELECT 1; END",
            "belongs to another version",
        ),
    },
    "postgresql": {
        "dropped": ("DROP TRIGGER cache_log_of_pin_update ON pin", "is missing"),
        "disabled": ("ALTER TABLE pin DISABLE TRIGGER cache_log_of_pin_update", "is disabled"),
        "not always": (
            "ALTER TABLE pin ENABLE TRIGGER cache_log_of_pin_update",
            "is not enabled always",
        ),
        "emptied": (
            "CREATE OR REPLACE FUNCTION cache_log_of_pin_update() RETURNS trigger LANGUAGE plpgsql"
            " SECURITY DEFINER SET search_path = public, pg_temp AS 'BEGIN RETURN NULL; END'",
            "is changed",
        ),
        "not the owner's": (
            "ALTER FUNCTION cache_log_of_pin_update() SECURITY INVOKER",
            "is changed",
        ),
        "no flush": ("DROP TRIGGER cache_flush ON cache_pending", "cache_flush is missing"),
        "no place": ("DROP TABLE cache_pending", "table cache_pending is missing"),
    },
}
CASES = [
    pytest.param(kind, *case, id=f"{kind}-{name}")
    for kind, cases in TAMPERING.items()
    for name, case in cases.items()
]


@pytest.fixture
def engine(content: Content) -> Engine:
    """The content's."""
    return content.engine


def head(engine: Engine) -> tuple[str, int, int]:
    with open_snapshot(engine) as (_, at):
        return at.epoch, at.floor, at.position


@pytest.mark.parametrize(("kind", "tampering", "message"), CASES)
def test_triggers_that_were_tampered_with_are_found_and_put_back(
    kind: str, tampering: str, message: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue({"sqlite": "sqlite_url"}.get(kind, "postgres_url"))
    engine = make_engine(url)
    assert mend_triggers(engine) == find_differences(engine) == ()
    with engine.begin() as connection:
        for statement in tampering.split("; C"):
            whole = statement if statement.startswith(("D", "A", "CR")) else f"C{statement}"
            connection.exec_driver_sql(whole)
    before = head(engine)[2]
    assert any(message in line for line in find_differences(engine))
    assert any(message in line for line in mend_triggers(engine))
    assert find_differences(engine) == ()
    assert [entry.tag for entry in log.read_log(engine, after=before)] == ["*"]
    engine.dispose()


def test_mended_triggers_log_again(content: Content) -> None:
    name = "cache_log_of_media_insert"
    on = " ON media" if content.engine.dialect.name == "postgresql" else ""
    run(content, f"DROP TRIGGER {name}{on}")
    insert = (
        "INSERT INTO media (site, name, alt, decorative, caption, credit, width, height,"
        " content_digest, renditions) VALUES ('bach_tra', '{}', '{{}}', false, '{{}}', '', 1, 1,"
        " '', '[]')"
    )
    assert run(content, insert.format("a")) == set()
    mend_triggers(content.engine)
    assert run(content, insert.format("b")) == {"media:2"}


def test_epoch_stays_while_the_database_does(engine: Engine) -> None:
    check_epoch(engine)
    before = head(engine)
    assert not check_epoch(engine)
    assert head(engine) == before


def test_restore_by_hand_begins_a_new_epoch(engine: Engine) -> None:
    before = head(engine)[0]
    assert renew_epoch(engine) == head(engine)[0] != before
    assert not check_epoch(engine)


def test_copied_sqlite_file_begins_a_new_epoch(sqlite_url: str, tmp_path: Path) -> None:
    first = make_engine(sqlite_url)
    check_epoch(first)
    copy = tmp_path / "copy.sqlite3"
    first.dispose()
    shutil.copyfile(sqlite_url.removeprefix("sqlite:///"), copy)
    second = make_engine(f"sqlite:///{copy}")
    assert head(second)[0] == head(first)[0]
    assert check_epoch(second)
    assert head(second)[0] != head(first)[0]
    assert not check_epoch(first)
    first.dispose()
    second.dispose()


def test_postgresql_database_made_from_a_template_begins_a_new_epoch(
    postgres_url: str, postgres_server: PostgreSQLServer
) -> None:
    first = make_engine(postgres_url)
    check_epoch(first)
    epoch, name = head(first)[0], str(first.url.database)
    first.dispose()
    second = make_engine(postgres_server.create_database(f"{name}_again", name))
    assert head(second)[0] == epoch
    assert check_epoch(second)
    assert head(second)[0] != epoch
    second.dispose()
    postgres_server.drop_database(f"{name}_again")


def test_role_that_may_not_ask_the_server_still_has_an_epoch(
    postgres_url: str, postgres_server: PostgreSQLServer
) -> None:
    owner = make_engine(postgres_url)
    role = f"writer_{owner.url.database}"
    functions = "pg_control_system(), pg_walfile_name(pg_lsn)"
    with owner.begin() as connection:
        for statement in (
            f"CREATE ROLE {role} LOGIN",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            f"REVOKE EXECUTE ON FUNCTION {functions} FROM PUBLIC",
            "REVOKE ALL ON cache_log, cache_pending FROM " + role,
            f"GRANT SELECT ON cache_log TO {role}",
            f"GRANT USAGE ON redirect_id_seq TO {role}",
        ):
            connection.exec_driver_sql(statement)
    writer = make_engine(owner.url.set(username=role))
    assert unseen_facts(owner) == ()
    assert unseen_facts(writer) == ("pg_control_system()", "pg_walfile_name(pg_lsn)")
    check_epoch(writer)
    assert not check_epoch(writer)
    before = head(writer)[2]
    with writer.begin() as connection:
        connection.execute(text("INSERT INTO site (key) VALUES ('x')"))
        connection.execute(
            text(
                "INSERT INTO redirect (site, host, path, query, target, code)"
                " VALUES ('x', '', '/a', '{}', '/b', 301)"
            )
        )
    # The triggers may write what their owner may, so a role without any right to the log can save.
    assert [entry.tag for entry in log.read_log(writer, after=before)] == ["redirects"]
    writer.dispose()
    with owner.begin() as connection:
        connection.exec_driver_sql(f"DROP OWNED BY {role}")
        connection.exec_driver_sql(f"DROP ROLE {role}")
    owner.dispose()


def end(content: Content, *tags: str) -> None:
    for tag in tags:
        content.write(lambda session, tag=tag: log.append(session, {tag}))


def rows(engine: Engine) -> list[tuple[int, str]]:
    return [(entry.position, entry.tag) for entry in log.read_log(engine, limit=1000)][::-1]


@pytest.mark.parametrize("limit", [1, 1000])
def test_compaction_keeps_the_newest_row_of_every_tag(content: Content, limit: int) -> None:
    end(content, *"abacabadabacaba")
    newest = {tag: position for position, tag in rows(content.engine)}
    before = head(content.engine)
    while log.compact(content.engine, limit):
        pass
    assert rows(content.engine) == sorted((at, tag) for tag, at in newest.items())
    assert head(content.engine) == before


def test_trim_drops_the_oldest_rows_and_raises_the_floor(content: Content) -> None:
    end(content, *"abcdefgh")
    kept = rows(content.engine)[-3:]
    epoch, floor, position = head(content.engine)
    assert floor == 0
    removed = 0
    while once := log.trim(content.engine, 3, limit=4):
        assert once <= 4
        removed += once
    assert removed > 0
    assert rows(content.engine) == kept
    assert head(content.engine) == (epoch, kept[0][0] - 1, position)
    assert log.trim(content.engine, 0) == 2
    assert head(content.engine) == (epoch, position - 1, position)


def test_positions_go_on_after_everything_was_trimmed(content: Content) -> None:
    end(content, "a", "b")
    position = head(content.engine)[2]
    log.trim(content.engine, 0)
    end(content, "c")
    assert head(content.engine)[2] > position


def test_tidying_leaves_a_small_log_alone(content: Content) -> None:
    end(content, *"aab")
    before = rows(content.engine)
    assert log.tidy_log(content.engine) == log.Tidied(0, 0, len(before))
    done = log.tidy_log(content.engine, compacted_above=1, trimmed_above=2)
    assert (done.compacted > 0, done.trimmed > 0, done.left) == (True, True, 2)
    assert [tag for _, tag in rows(content.engine)] == ["a", "b"]


def test_log_is_read_newest_first_with_the_time(content: Content) -> None:
    end(content, "a", "b", "a")
    newest = log.read_log(content.engine, limit=2)
    assert [entry.tag for entry in newest] == ["a", "b"]
    assert all(entry.at is not None for entry in newest)
    assert len(log.read_log(content.engine, tag="a")) == 2
    assert log.read_log(content.engine, after=newest[0].position) == ()
