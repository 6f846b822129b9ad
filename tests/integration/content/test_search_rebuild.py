"""An index made anew is the one that saves have made, and readers search one of the two."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.content import commands
from portal.content import queries
from portal.content.drafts import ArticleDraft
from portal.content.values import SearchQuery
from tests.integration.content.conftest import SECTIONS
from tests.integration.content.conftest import SITE
from tests.integration.content.conftest import Content
from tests.naughty import TEXTS
from tests.titles import make_titles

OTHER = "na_lay"
KEPT = {
    "sqlite": (
        "SELECT rowid, * FROM search_text ORDER BY rowid",
        # Every word of every column with its place, and every beginning of two or three letters.
        "SELECT term, doc, col, offset FROM words_of_text ORDER BY term, doc, col, offset",
        "SELECT rowid FROM search_text WHERE search_text MATCH 'ba*' ORDER BY rowid",
        "SELECT id, hex(sz) FROM search_text_docsize ORDER BY id",
    ),
    "postgresql": (
        "SELECT number, CAST(folded AS text), CAST(exact AS text) FROM search_text ORDER BY number",
    ),
}


def dump(content: Content) -> list[list[tuple[object, ...]]]:
    """The whole index, row by row."""
    dialect = content.engine.dialect.name
    with content.engine.begin() as connection:
        if dialect == "sqlite":
            connection.exec_driver_sql("DROP TABLE IF EXISTS words_of_text")
            connection.exec_driver_sql(
                "CREATE VIRTUAL TABLE words_of_text USING fts5vocab(search_text, instance)"
            )
            connection.exec_driver_sql(
                "INSERT INTO search_text (search_text) VALUES ('integrity-check')"
            )
        return [
            [tuple(row) for row in connection.execute(text(statement))]
            for statement in (
                "SELECT * FROM search_document ORDER BY number",
                "SELECT site, locale, word FROM search_word ORDER BY site, locale, word",
                *KEPT[dialect],
            )
        ]


def drafts(content: Content) -> Iterator[ArticleDraft]:
    """Older ones after newer ones, more than a batch of them; what is odd in texts; a draft."""
    titles = make_titles(300)
    for place, title in enumerate(titles):
        yield ArticleDraft(
            locale="en" if place % 7 == 0 else "vi",
            kind="page" if place % 23 == 0 else "article",
            headline=title,
            lead=TEXTS[place % len(TEXTS)].replace("\x00", ""),
            body=f"<p>Chỉ thị số 0{place} / CT-UBND ngày 24/11/2026: {titles[-place]}.</p>",
            section=None if place % 23 == 0 else ("tin-tuc", "thong-bao")[place % 2],
            status="draft" if place % 50 == 49 else "published",
            published=content.now - timedelta(hours=1 + (place * 37) % 300, days=place % 3 * 400),
            expires=content.now + timedelta(days=9) if place % 11 == 0 else None,
        )
    many = "bản " * 400 + "làng " * 13_000
    yield ArticleDraft(
        locale="vi",
        headline="Bản tin dài",
        lead=many[:1500],
        body=f"<p>{many}</p>",
        section="tin-tuc",
        status="published",
        published=content.now - timedelta(days=2),
    )


def save_all(content: Content, site: str = SITE) -> None:
    made = list(drafts(content))
    content.write(
        lambda session: commands.save_articles(session, site, made, now=content.now, similar=False)
    )


def rebuild(content: Content, site: str = SITE) -> int:
    return content.write(lambda session: sum(commands.rebuild_search(session, site)))


def count_found(content: Content, words: str) -> int:
    return content.ask(lambda reader: queries.search(reader, SearchQuery(words), 10)).total


@pytest.mark.parametrize("lost", [False, True])
def test_an_index_made_anew_has_the_same_bytes(content: Content, lost: bool) -> None:
    """Also after the index was lost, and however often it is made."""
    save_all(content)
    before = dump(content)
    if lost:
        content.write(lambda session: session.execute(text("DELETE FROM search_document")))
    assert rebuild(content) == len(before[0]) == 295
    assert dump(content) == before
    assert rebuild(content) == 295
    assert dump(content) == before


def test_saves_go_on_after_it(content: Content) -> None:
    """What is saved then has the same bytes as in an index that was never made anew."""
    save_all(content)
    rebuild(content)
    number = content.save("Chợ phiên Nà Lay họp lại")
    assert count_found(content, "cho phien na lay") == 1
    before = dump(content)
    rebuild(content)
    assert dump(content) == before
    content.write(
        lambda session: commands.withdraw(session, SITE, number, now=content.now, reason="Sai")
    )
    assert count_found(content, "cho phien na lay") == 0


def test_another_site_in_the_database_keeps_its_own(content: Content) -> None:
    """One site after the other gives the index of both."""
    content.write(lambda session: commands.save_site(session, OTHER))
    content.write(lambda session: commands.save_sections(session, OTHER, SECTIONS))
    content.save("Cầu Bến Ngần thông xe")
    save_all(content, OTHER)
    before = dump(content)
    assert content.write(commands.count_searchable) == {SITE: 1, OTHER: 295}
    assert rebuild(content) == 1
    assert dump(content) == before
    content.write(lambda session: session.execute(text("DELETE FROM search_document")))
    assert (rebuild(content, OTHER), rebuild(content)) == (295, 1)
    assert dump(content) == before


def test_readers_search_the_old_index_until_the_new_one_is_complete(content: Content) -> None:
    """Nobody waits, and nobody finds half of it."""
    save_all(content)
    found = count_found(content, "bản tin dài")
    assert found > 0
    content.write(
        lambda session: session.execute(
            text("DELETE FROM search_document WHERE title_folded = 'ban tin dai'")
        )
    )
    with Session(content.engine) as session, session.begin():
        for _ in commands.rebuild_search(session, SITE):
            assert count_found(content, "bản tin dài") == found - 1
        assert count_found(content, "bản tin dài") == found - 1
    assert count_found(content, "bản tin dài") == found


def test_one_that_fails_leaves_the_old_index(content: Content) -> None:
    """And saves after it are found."""
    save_all(content)
    before = dump(content)

    def fail(session: Session) -> None:
        for _ in commands.rebuild_search(session, SITE):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        content.write(fail)
    assert dump(content) == before
    content.save("Chợ phiên Nà Lay họp lại")
    assert count_found(content, "chợ phiên nà lay") == 1
