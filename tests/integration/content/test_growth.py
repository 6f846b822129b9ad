"""What a page costs SQLite, counted in steps of its virtual machine, as the site's content grows.

Without figures about the content (`ANALYZE`) SQLite may lead a statement by the wrong index: right
on fifty articles, a tenth of a second on twenty thousand.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from portal.app import Portal
from portal.app import create_app
from portal.cli.content import open_session
from portal.compose import PageRequest
from portal.content import commands
from portal.content.drafts import ArticleDraft
from portal.content.queries import pages
from portal.content.values import Author
from portal.content.values import Term
from portal.settings import Settings
from tests.clocks import StandingClock

FEW = 60
TIMES = 50
STEPS_PER_CALL = 10
# Ordered indexes grow by a level, and lists that held all of a few articles become full.
MOST = 1.5

# Bystanders of every kind: in the same section, with the same tag, topic and author, all public.
MULTIPLY = """
INSERT INTO article ({columns})
WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < :times)
SELECT {values} FROM article, copy WHERE article.kind = 'article'
"""
AGAIN = """
INSERT INTO {table} ({columns})
SELECT {values} FROM {table} JOIN article ON article.slug = {table}.article_id || ' again'
"""


@pytest.fixture
def portal(tmp_path: Path, sqlite_url: str, clock: StandingClock) -> Iterator[Portal]:
    """The shipped site with sixty articles."""
    settings = Settings(
        environment="development", media=tmp_path / "media", database_url=sqlite_url
    )
    portal: Portal = create_app(settings, clock=clock).extensions["portal"]
    with open_session(portal) as session:
        commands.save_articles(
            session, portal.folder.site.key, list(drafts(clock)), now=clock(), similar=True
        )
    yield portal
    portal.close()


def drafts(clock: StandingClock) -> Iterator[ArticleDraft]:
    for number in range(FEW):
        yield ArticleDraft(
            locale="vi",
            status="published",
            headline=f"Bản tin số {number} của xã",
            lead="Một lời dẫn.",
            body="<p>Nội dung.</p>",
            section="tin-tuc" if number % 2 else "kinh-te",
            published=clock() - timedelta(hours=number + 1),
            authors=(Author("Lò Văn Phúc"),),
            tags=(Term("mot-cua", "Một cửa"),),
            topic=Term("so-hoa", "Số hoá"),
        )


def multiply(portal: Portal) -> None:
    """Fifty older copies of each article, with its tags and authors."""
    with portal.engine().begin() as connection:

        def columns(table: str) -> list[str]:
            rows = connection.exec_driver_sql(f"PRAGMA table_info({table})")
            return [f'"{row[1]}"' for row in rows if row[1] != "id"]

        own = columns("article")
        instead = {
            '"slug"': "article.id || ' again'",
            '"first_published_at"': "datetime(first_published_at, '-' || (n * 100) || ' hours')"
            " || '.000000'",
            '"legacy_id"': "NULL",
        }
        values = ", ".join(instead.get(name, f"article.{name}") for name in own)
        text = MULTIPLY.format(columns=", ".join(own), values=values)
        connection.exec_driver_sql(text, {"times": TIMES})
        for table in ("article_tag", "article_author"):
            names = columns(table)
            instead = {
                '"article_id"': "article.id",
                '"first_published_at"': "article.first_published_at",
            }
            values = ", ".join(instead.get(name, f"{table}.{name}") for name in names)
            connection.exec_driver_sql(
                AGAIN.format(table=table, columns=", ".join(names), values=values)
            )


def steps_of(portal: Portal, path: str) -> int:
    """How many steps SQLite takes to answer what a page asks it, nothing being cached."""
    portal.composer.compose(PageRequest(path, "vi"))
    portal.composer.forget()
    count = 0

    def step() -> int:
        nonlocal count
        count += STEPS_PER_CALL
        return 0

    def begin(connection: Any, cursor: Any, *_: Any) -> None:
        connection.connection.driver_connection.set_progress_handler(step, STEPS_PER_CALL)

    event.listen(portal.engine(), "before_cursor_execute", begin)
    try:
        page = portal.composer.compose(PageRequest(path, "vi"))
    finally:
        event.remove(portal.engine(), "before_cursor_execute", begin)
    assert page.status == 200
    return count


def test_an_article_costs_the_database_no_more_however_many_others_there_are(portal: Portal):
    with portal.read("vi") as reader:
        path = next(pages.public_paths(reader))
    few = steps_of(portal, path)
    multiply(portal)
    many = steps_of(portal, path)
    assert few > 0
    assert many <= MOST * few


def test_an_article_asks_at_most_twelve_questions_when_nothing_is_cached_and_none_when_all_is(
    portal: Portal,
):
    with portal.read("vi") as reader:
        path = next(pages.public_paths(reader))
    questions: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            questions.append(statement)

    portal.composer.compose(PageRequest(path, "vi"))
    event.listen(portal.engine(), "before_cursor_execute", note)
    try:
        portal.composer.compose(PageRequest(path, "vi"))
        assert questions == []
        portal.composer.forget()
        page = portal.composer.compose(PageRequest(path, "vi"))
    finally:
        event.remove(portal.engine(), "before_cursor_execute", note)
    assert len(page.states) >= 11
    assert len(questions) <= 12
