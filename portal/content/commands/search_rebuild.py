"""Makes the search index of whole sites anew, as fast as the database takes it.

Written is the same as when articles are saved one by one. Readers search the old index until the
transaction ends, so nothing here locks them out: no index is dropped, no table truncated.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import TableClause
from sqlalchemy import column
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import table
from sqlalchemy.orm import Session

from portal.content import fts5
from portal.content.commands.search import WRITE_WORDS
from portal.content.commands.search import article
from portal.content.commands.search import document
from portal.content.commands.search import keep_words
from portal.content.commands.search import replace_entries
from portal.content.commands.search import word

_BATCH = 250
_MOST_KNOWN_WORDS = 200_000
_TEXT = table("search_text", column("number"), column("folded"), column("exact"))


def count_searchable(session: Session) -> dict[str, int]:
    """By site how many of its articles and pages belong into the index; for every site."""
    found = session.execute(
        select(article.c.site, func.count().filter(article.c.status == "published"))
        .group_by(article.c.site)
        .order_by(article.c.site)
    )
    return {row[0]: row[1] for row in found}


def rebuild_search(session: Session, site: str) -> Iterator[int]:
    """Make a site's index anew, batch by batch; yields how many articles each batch had."""
    connection = session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        _prepare_fts5(connection, site)
    session.execute(delete(document).where(document.c.site == site))
    session.execute(delete(word).where(word.c.site == site))
    # In the order of the index, which both databases append to faster than they insert.
    numbers = list(
        session.execute(
            select(article.c.id)
            .where(article.c.site == site, article.c.status == "published")
            .order_by(article.c.first_published_at, article.c.id)
        ).scalars()
    )
    known: set[tuple[str, str]] = set()
    for start in range(0, len(numbers), _BATCH):
        batch = numbers[start : start + _BATCH]
        _fill(session, site, batch, known)
        yield len(batch)
    if is_sqlite:
        fts5.end_filling(connection)


def _fill(session: Session, site: str, numbers: Sequence[int], known: set[tuple[str, str]]) -> None:
    # Taken out again, since an editor may have saved one of them since all were.
    entries = replace_entries(session, site, numbers)
    if not entries.documents:
        return
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.execute(insert(document), entries.documents)
        connection.execute(WRITE_WORDS["sqlite"], list(entries.texts))
    else:
        _copy(connection, document, entries.documents)
        _copy(connection, _TEXT, entries.texts)
    keep_words(session, site, entries.words - known)
    if len(known) > _MOST_KNOWN_WORDS:
        known.clear()
    known |= entries.words


def _copy(connection: Connection, into: TableClause, rows: Iterable[Mapping[str, Any]]) -> None:
    """One statement for all rows, so that what triggers do for a statement is done once."""
    names = [one.name for one in into.columns]
    driver: Any = connection.connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {into.name} ({', '.join(names)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row([row[name] for name in names])


def _prepare_fts5(connection: Connection, site: str) -> None:
    others = select(document.c.number).where(document.c.site != site).limit(1)
    if connection.execute(others).first() is None:
        fts5.empty_words(connection)
    fts5.begin_filling(connection)
