"""Which tags a change ends, whoever makes it: commands, raw SQL, bulk statements, cascades."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.content import commands
from portal.content import log
from portal.content.models import Article
from portal.content.tags import MOST_TAGS_OF_A_CLASS
from portal.content.tracking import Ends
from portal.content.tracking import compared
from portal.content.values import Term
from tests.integration.content.conftest import SITE
from tests.integration.content.conftest import Content
from tests.integration.content.conftest import run

LISTS = {"list:site", "list:section:1", "list:topic:giao-thong", "list:tag:cau"}
BESIDE = {"pins:home", "similar:2"}

STATEMENTS: dict[str, tuple[str, set[str]]] = {
    "headline": (
        "UPDATE article SET headline = 'Khác' WHERE id = 1",
        {"article:1", "group:cau", *LISTS, *BESIDE},
    ),
    "body": ("UPDATE article SET body = '<p>Khác</p>' WHERE id = 1", {"article:1"}),
    "lead": (
        "UPDATE article SET lead = 'Sapo' WHERE id = 1",
        {"article:1", *LISTS, *BESIDE},
    ),
    "unseen": ("UPDATE article SET review_flags = '[1]', revision = 9 WHERE id = 1", set()),
    "equal": ("UPDATE article SET headline = headline, body = body", set()),
    "section": (
        "UPDATE article SET section_id = 4 WHERE id = 1",
        {"article:1", "group:cau", "list:site", "list:section:1", "list:section:4"},
    ),
    "topic": (
        "UPDATE article SET topic_id = NULL WHERE id = 1",
        {"article:1", "list:topic:giao-thong", "list:terms"},
    ),
    "group_to_null": (
        "UPDATE article SET translation_group = NULL WHERE id = 1",
        {"article:1", "group:cau"},
    ),
    "withdrawal": (
        "UPDATE article SET status = 'withdrawn' WHERE id = 1",
        {"article:1", "group:cau", *LISTS, *BESIDE},
    ),
    "draft": ("UPDATE article SET headline = 'Nháp hai' WHERE id = 4", {"article:4"}),
    "page_moves": (
        "UPDATE article SET slug = 've-chung-toi' WHERE id = 3",
        {"article:3", "list:pages", "page:gioi-thieu", "page:ve-chung-toi"},
    ),
    "page_text": ("UPDATE article SET body = 'x' WHERE id = 3", {"article:3"}),
    "bulk_update": (
        "UPDATE article SET end_mark = NOT end_mark",
        {"article:1", "article:2", "article:3", "article:4"},
    ),
    "tag_row_deleted": (
        "DELETE FROM article_tag",
        {"article:1", "list:tag:cau", "list:terms"},
    ),
    "tag_row_order": ("UPDATE article_tag SET position = 7", {"article:1"}),
    "tag_row_time": ("UPDATE article_tag SET first_published_at = NULL", {"list:tag:cau"}),
    "tag_of_a_draft": (
        "INSERT INTO article_tag (article_id, tag_id, position) VALUES (4, 1, 0)",
        {"article:4"},
    ),
    "author_named": (
        "INSERT INTO article_author (article_id, slug, site, name)"
        " VALUES (1, 'ha-minh', 'bach_tra', 'Hà Minh')",
        {"list:author:ha-minh", "list:authors"},
    ),
    "author_of_a_draft": (
        "INSERT INTO article_author (article_id, slug, site, name)"
        " VALUES (4, 'ha-minh', 'bach_tra', 'Hà Minh')",
        set(),
    ),
    "tag_renamed": ("""UPDATE tag SET name = '{"vi": "Cầu đường"}'""", {"tag:cau", "list:terms"}),
    "tag_readdressed": (
        "UPDATE tag SET slug = 'cau-duong'",
        {"tag:cau", "tag:cau-duong", "list:tag:cau", "list:tag:cau-duong", "list:terms"},
    ),
    "tag_made": (
        "INSERT INTO tag (site, slug, name) VALUES ('bach_tra', 'moi', '{}')",
        set(),
    ),
    "topic_renamed": (
        """UPDATE topic SET name = '{"vi": "Đường"}'""",
        {"topic:giao-thong", "list:terms"},
    ),
    "attachment": ("UPDATE attachment SET size = 11", {"article:1"}),
    "attachment_moves": ("UPDATE attachment SET article_id = 2", {"article:1", "article:2"}),
    "attachment_goes": ("DELETE FROM attachment", {"article:1"}),
    "picture": ("UPDATE media SET credit = 'Minh'", {"media:1"}),
    "picture_unseen": ("UPDATE media SET focus = '[0.5, 0.5]'", set()),
    "pin_moves": ("UPDATE pin SET scope = 'section:1'", {"pins:home", "pins:section:1"}),
    "pin_expires": ("UPDATE pin SET expires_at = '2026-12-01 00:00:00'", {"pins:home"}),
    "pin_goes": ("DELETE FROM pin", {"pins:home"}),
    "redirect": ("UPDATE redirect SET code = 302", {"redirects"}),
    "section_renamed": (
        """UPDATE section SET name = '{"vi": "Tin"}' WHERE id = 2""",
        {"section:2", "sections"},
    ),
    "section_layout": ("UPDATE section SET layout = 'wide' WHERE id = 2", set()),
    "similar_score": ('UPDATE "similar" SET score = 0.9', {"similar:2"}),
    "revision": ("DELETE FROM revision", set()),
    "terms": ("DELETE FROM article_term", set()),
    "cascade": (
        "DELETE FROM article WHERE id = 1",
        {"article:1", "group:cau", "list:terms", "list:updates", "search", *LISTS, *BESIDE},
    ),
    "bulk_delete": (
        "DELETE FROM article WHERE id IN (3, 4)",
        {
            "article:3",
            "article:4",
            "list:pages",
            "search",
            "list:terms",
            "list:updates",
            "page:gioi-thieu",
        },
    ),
    "change_told": (
        "UPDATE article SET updated_at = '2026-11-23 02:00:00' WHERE id = 1",
        {"article:1", "list:updates"},
    ),
}


@pytest.mark.parametrize(("statement", "expected"), STATEMENTS.values(), ids=STATEMENTS.keys())
def test_raw_statement_ends_exactly_what_shows_the_row(
    filled: Content, statement: str, expected: set[str]
) -> None:
    tags = run(filled, statement)
    assert tags - AUTOMATIC == expected - AUTOMATIC


# Texts that read alike were found by the commands too; which ones is not this test's matter.
AUTOMATIC = {"similar:1"}


def test_body_edit_by_a_command_ends_no_list(filled: Content) -> None:
    def edit(session: Session) -> None:
        draft = commands.read_draft(session, SITE, 1)
        commands.save_article(session, SITE, replace(draft, body="<p>Sửa.</p>"), now=filled.now)

    tags = filled.logged(edit)
    assert {tag for tag in tags if not tag.startswith("similar:")} == {"article:1", "search"}


def test_import_of_what_readers_cannot_see_ends_nothing(filled: Content) -> None:
    def edit(session: Session) -> None:
        draft = commands.read_draft(session, SITE, 1)
        flagged = replace(draft, review_flags=({"rule": "no-end-mark"},))
        assert commands.save_article(session, SITE, flagged, now=filled.now).outcome == "updated"

    assert filled.logged(edit) == set()


def test_tag_given_and_taken_ends_only_its_own_list(filled: Content) -> None:
    def edit(session: Session) -> None:
        draft = commands.read_draft(session, SITE, 2)
        tagged = replace(draft, tags=(Term("cau", "Cầu"),))
        commands.save_article(session, SITE, tagged, now=filled.now, actor="")

    tags = filled.logged(edit)
    assert tags == {"article:2", "list:tag:cau", "list:terms"}


def test_each_tag_of_a_transaction_is_written_once_on_postgresql(filled: Content) -> None:
    if filled.engine.dialect.name != "postgresql":
        assert run(filled, "UPDATE pin SET position = 1", "UPDATE pin SET position = 2")
        return
    before = log.count_rows(filled.engine)
    run(filled, "UPDATE pin SET position = 1", "UPDATE pin SET position = 2", "DELETE FROM pin")
    assert log.count_rows(filled.engine) == before + 1


def test_rolled_back_savepoint_ends_nothing(filled: Content) -> None:
    def change(session: Session) -> None:
        session.execute(text("UPDATE media SET credit = 'Minh'"))
        inner = session.begin_nested()
        session.execute(text("DELETE FROM pin"))
        inner.rollback()

    assert filled.logged(change) == {"media:1"}


def test_tags_are_ended_by_hand_with_the_commit(filled: Content) -> None:
    many = {f"article:{number}" for number in range(MOST_TAGS_OF_A_CLASS + 1)}
    tags = filled.logged(lambda session: log.append(session, many | {"*", "page:x"}))
    assert tags == {"article", "*", "page:x"}
    assert filled.logged(lambda session: log.append(session, ())) == set()


def test_declaration_of_an_unknown_column_is_refused() -> None:
    table = Article.__table__
    for item in (Ends("article:{number}"), Ends("article:{id}", unseen=frozenset({"bodi"}))):
        with pytest.raises(ValueError, match="is no column of the table"):
            compared(table, item)  # type: ignore[arg-type]  # a mapped class has a Table
