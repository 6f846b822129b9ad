"""Keeps the search index in step with the articles, inside their transactions."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any
from typing import cast

from sqlalchemy import Table
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.content.models import Article
from portal.content.models import SearchDocument
from portal.content.models import SearchWord
from portal.content.search.document import Document
from portal.content.search.document import describe_document
from portal.content.search.document import digest_of
from portal.content.search.document import number_of
from portal.content.search.document import scope_words
from portal.content.search.document import year_of
from portal.content.search.terms import spell_tsvector
from portal.content.search.words import title_key

article = cast("Table", Article.__table__)
document = cast("Table", SearchDocument.__table__)
word = cast("Table", SearchWord.__table__)

_INDEXED = (
    article.c.id,
    article.c.locale,
    article.c.kind,
    article.c.section_id,
    article.c.first_published_at,
    article.c.time_zone,
    article.c.expires_at,
    article.c.headline,
    article.c.lead,
    article.c.body_text,
)
WRITE_WORDS = {
    "sqlite": text(
        "INSERT INTO search_text"
        " (rowid, scope, title, lead, body, title_exact, lead_exact, body_exact)"
        " VALUES (:number, :scope, :title, :lead, :body, :title_exact, :lead_exact, :body_exact)"
    ),
    "postgresql": text(
        "INSERT INTO search_text (number, folded, exact)"
        " VALUES (:number, CAST(:folded AS tsvector), CAST(:exact AS tsvector))"
    ),
}
KEEP_WORD = text(
    "INSERT INTO search_word (site, locale, word) VALUES (:site, :locale, :word)"
    " ON CONFLICT DO NOTHING"
)


Spell = Callable[[Document, tuple[str, ...]], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Entries:
    """What is written of some articles, each in the order of their numbers."""

    documents: list[dict[str, Any]]
    texts: Iterator[dict[str, Any]]
    """Made one by one as they are taken, so that a database may take one while the next is made."""
    words: set[tuple[str, str]]
    """The words of titles, each behind the language it stands in."""


def index_articles(session: Session, site: str, numbers: Sequence[int]) -> None:
    """Bring the index of some articles to what the articles are now."""
    if not numbers:
        return
    entries = replace_entries(session, site, numbers)
    if not entries.documents:
        return
    session.execute(insert(document), entries.documents)
    connection = session.connection()
    connection.execute(WRITE_WORDS[connection.dialect.name], list(entries.texts))
    keep_words(session, site, entries.words)


def replace_entries(session: Session, site: str, numbers: Sequence[int]) -> Entries:
    """Take some articles out of the index; what is to be written of those that belong into it."""
    session.execute(delete(document).where(document.c.article_id.in_(numbers)))
    rows = session.execute(
        select(*_INDEXED).where(
            article.c.id.in_(numbers),
            article.c.site == site,
            article.c.status == "published",
        )
    )
    numbered = [(number_of(row.first_published_at, row.id), row._mapping) for row in rows]
    # FTS5 writes what it has gathered to the file whenever a row comes below the one before.
    numbered.sort(key=itemgetter(0))
    documents = [_describe(number, row, site) for number, row in numbered]
    words = {(one["locale"], each) for one in documents for each in one["title_folded"].split()}
    spell = _SPELL[session.connection().dialect.name]
    return Entries(documents, _texts(documents, [row for _, row in numbered], spell), words)


def _describe(number: int, row: Mapping[Any, Any], site: str) -> dict[str, Any]:
    exact, folded = title_key(row["headline"])
    return {
        "number": number,
        "article_id": row["id"],
        "site": site,
        "locale": row["locale"],
        "kind": row["kind"],
        "section_id": row["section_id"],
        "year": year_of(row["first_published_at"], row["time_zone"]),
        "expires_at": row["expires_at"],
        "title_digest": digest_of(folded),
        "title_folded": folded,
        "title_exact": exact,
    }


def _texts(
    documents: Iterable[Mapping[str, Any]], rows: Iterable[Mapping[Any, Any]], spell: Spell
) -> Iterator[dict[str, Any]]:
    for one, row in zip(documents, rows, strict=True):
        scope = scope_words(one["site"], one["locale"], one["kind"], one["section_id"], one["year"])
        found = describe_document(row["headline"], row["lead"], row["body_text"])
        yield {"number": one["number"]} | spell(found, scope)


def keep_words(session: Session, site: str, words: Iterable[tuple[str, str]]) -> None:
    """Remember words of titles, whether they are known or not."""
    kept = [{"site": site, "locale": locale, "word": one} for locale, one in sorted(words)]
    if kept:
        session.connection().execute(KEEP_WORD, kept)


def _spell_fts5(found: Document, scope: tuple[str, ...]) -> dict[str, str]:
    values = {"scope": " ".join(scope)}
    for name in found.folded:
        values[name] = " ".join(found.folded[name])
        values[f"{name}_exact"] = " ".join(found.exact[name])
    return values


def _spell_tsvectors(found: Document, scope: tuple[str, ...]) -> dict[str, str]:
    return {
        "folded": spell_tsvector(found.folded, scope),
        "exact": spell_tsvector(found.exact, scope),
    }


_SPELL: dict[str, Spell] = {"sqlite": _spell_fts5, "postgresql": _spell_tsvectors}
