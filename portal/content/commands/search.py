"""Keeps the search index in step with the articles, inside their transactions."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
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
_OPTIMISE = text("INSERT INTO search_text (search_text) VALUES ('optimize')")

_BATCH = 250


def index_articles(session: Session, site: str, numbers: Sequence[int]) -> None:
    """Bring the index of some articles to what the articles are now."""
    if not numbers:
        return
    session.execute(delete(document).where(document.c.article_id.in_(numbers)))
    rows = session.execute(
        select(*_INDEXED).where(
            article.c.id.in_(numbers),
            article.c.site == site,
            article.c.status == "published",
        )
    )
    _write(session, site, [row._mapping for row in rows])


def rebuild_search(session: Session, site: str) -> Iterator[int]:
    """Make a site's index anew, batch by batch; yields how many articles each batch had."""
    session.execute(delete(document).where(document.c.site == site))
    session.execute(delete(word).where(word.c.site == site))
    numbers = list(
        session.execute(
            select(article.c.id)
            .where(article.c.site == site, article.c.status == "published")
            .order_by(article.c.id)
        ).scalars()
    )
    for start in range(0, len(numbers), _BATCH):
        batch = numbers[start : start + _BATCH]
        index_articles(session, site, batch)
        yield len(batch)
    if session.get_bind().dialect.name == "sqlite":
        session.execute(_OPTIMISE)


def _write(session: Session, site: str, rows: Iterable[Mapping[Any, Any]]) -> None:
    documents, texts, words = [], [], set()
    for row in rows:
        exact, folded = title_key(row["headline"])
        number = number_of(row["first_published_at"], row["id"])
        year = year_of(row["first_published_at"], row["time_zone"])
        documents.append(
            {
                "number": number,
                "article_id": row["id"],
                "site": site,
                "locale": row["locale"],
                "kind": row["kind"],
                "section_id": row["section_id"],
                "year": year,
                "expires_at": row["expires_at"],
                "title_digest": digest_of(folded),
                "title_folded": folded,
                "title_exact": exact,
            }
        )
        texts.append(_words(number, row, site, year))
        words |= {(row["locale"], one) for one in folded.split()}
    if not documents:
        return
    session.execute(insert(document), documents)
    connection = session.connection()
    connection.execute(WRITE_WORDS[connection.dialect.name], texts)
    kept = [{"site": site, "locale": locale, "word": one} for locale, one in sorted(words)]
    if kept:
        connection.execute(KEEP_WORD, kept)


def _words(number: int, row: Mapping[Any, Any], site: str, year: int) -> dict[str, object]:
    """The words of one article as either database takes them."""
    found = describe_document(row["headline"], row["lead"], row["body_text"])
    scope = scope_words(site, row["locale"], row["kind"], row["section_id"], year)
    values: dict[str, object] = {"number": number, "scope": " ".join(scope)}
    for field in found.folded:
        values[field] = " ".join(found.folded[field])
        values[f"{field}_exact"] = " ".join(found.exact[field])
    values["folded"] = spell_tsvector(found.folded, scope)
    values["exact"] = spell_tsvector(found.exact, scope)
    return values
