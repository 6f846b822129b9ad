"""A snapshot is one state of the content, and its stamp says which."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.content import commands
from portal.content import queries
from portal.content.engine import open_snapshot
from portal.content.models import CacheLog
from tests.integration.content.conftest import SITE
from tests.integration.content.conftest import Content


def positions(engine: Engine) -> list[tuple[int, str]]:
    with Session(engine) as session:
        rows = session.execute(select(CacheLog.position, CacheLog.tag).order_by(CacheLog.position))
        return [(row.position, row.tag) for row in rows]


def test_snapshot_does_not_see_what_is_committed_after_it(content: Content) -> None:
    first = content.save("Một")
    with content.read() as reader:
        second = content.save("Hai")
        assert queries.latest(reader, 5) == (first,)
        assert queries.summaries(reader, (second,)) == ()
    assert content.ask(lambda reader: queries.latest(reader, 5)) == (second, first)


def test_stamp_of_a_snapshot_is_the_head_of_what_it_shows(content: Content) -> None:
    with open_snapshot(content.engine) as (_, before):
        content.save()
        with open_snapshot(content.engine) as (_, after):
            assert after.position > before.position
            assert after.epoch == before.epoch
    assert after.position == positions(content.engine)[-1][0]


@pytest.mark.parametrize("lag", [0, 1, 3])
def test_snapshot_brings_the_rows_that_a_table_lacks(content: Content, lag: int) -> None:
    content.save()
    rows = positions(content.engine)
    with open_snapshot(content.engine) as (_, head):
        pass
    after = rows[-1 - lag][0]
    with open_snapshot(content.engine, head.epoch, after) as (_, found):
        assert sorted(found.rows) == sorted({tag: at for at, tag in rows if at > after}.items())
        assert found.after == after
    with open_snapshot(content.engine, "another epoch", after) as (_, everything):
        assert sorted(everything.rows) == sorted({tag: at for at, tag in rows}.items())
        assert everything.after == -1


def test_snapshot_cannot_write_and_leaves_its_connection_able_to(content: Content) -> None:
    with (
        pytest.raises(DBAPIError, match=r"read-?only"),
        open_snapshot(content.engine) as (session, _),
    ):
        session.execute(text("DELETE FROM section"))
    content.save()


def test_failed_query_does_not_keep_the_connection_read_only(content: Content) -> None:
    with pytest.raises(DBAPIError), open_snapshot(content.engine) as (session, _):
        session.execute(text("SELECT * FROM no_such_table"))
    content.save()


def test_rolled_back_changes_leave_no_rows(content: Content) -> None:
    before = positions(content.engine)

    class Interrupted(Exception):
        pass

    def interrupted(session: Session) -> None:
        commands.save_sections(session, SITE, ())
        raise Interrupted

    with pytest.raises(Interrupted):
        content.write(interrupted)
    content.write(lambda session: commands.save_site(session, SITE))
    assert positions(content.engine) == before


def test_writers_wait_for_each_other_instead_of_failing(content: Content) -> None:
    errors: list[Exception] = []

    def write(number: int) -> None:
        try:
            for turn in range(5):
                content.save(f"Tin {number} lần {turn}")
        except Exception as problem:  # noqa: BLE001 - reported by the assertion below
            errors.append(problem)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    assert errors == []
    assert len(content.ask(lambda reader: queries.latest(reader, 50))) == 15
