"""Stores many sample articles with plain inserts, where commands would take a quarter of an hour.

The rows are those that commands write, as far as lists, related articles, search and the article
page read them. Left out is what only editors see (revisions) and what is costly to compute: the
similar articles are drawn at random, because their number is what a query's time depends on.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Any
from typing import cast

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import Table
from sqlalchemy import insert
from sqlalchemy import select

from portal.content.commands.search import KEEP_WORD
from portal.content.commands.search import WRITE_WORDS
from portal.content.drafts import ArticleDraft
from portal.content.models import Article
from portal.content.models import ArticleAuthor
from portal.content.models import ArticleTag
from portal.content.models import SearchDocument
from portal.content.models import Section
from portal.content.models import Similar
from portal.content.models import Tag
from portal.content.models import Topic
from portal.content.search.document import digest_of
from portal.content.search.document import number_of
from portal.content.search.document import scope_words
from portal.content.search.document import year_of
from portal.content.search.terms import spell_tsvector
from portal.content.search.words import split_words
from portal.text import normalise
from portal.text import slugify

BATCH = 1000
ZONE = "Asia/Ho_Chi_Minh"
NEIGHBOURS = 8
_MARKUP = re.compile(r"<[^>]+>")


def store(engine: Engine, site: str, drafts: Iterable[ArticleDraft], now: datetime) -> int:
    """Insert published articles into an empty site that has its sections; returns the last id."""
    writer = _Writer(site, now)
    remaining = iter(drafts)
    while batch := list(islice(remaining, BATCH)):
        with engine.begin() as connection:
            writer.write(connection, batch)
    with engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    return writer.last


class _Writer:
    def __init__(self, site: str, now: datetime) -> None:
        self.site, self.now, self.last = site, now, 0
        self.terms: dict[tuple[str, str], int] = {}
        self.words: set[str] = set()
        self.forms = _Forms()
        self.chance = random.Random(3)  # noqa: S311 - sample data, the same in every run

    def write(self, connection: Connection, drafts: list[ArticleDraft]) -> None:
        sections = {row.key: row.id for row in connection.execute(select(Section.id, Section.key))}
        rows: dict[Any, list[dict[str, Any]]] = {}
        texts = []
        for draft in drafts:
            self.last += 1
            number = self.last
            section = sections[draft.section] if draft.section else None
            rows.setdefault(Article, []).append(self._article(connection, draft, section))
            at = {"article_id": number, "first_published_at": draft.published}
            rows.setdefault(ArticleAuthor, []).extend(
                at | {"slug": slugify(one.name), "site": self.site, "name": one.name}
                for one in draft.authors
            )
            rows.setdefault(ArticleTag, []).extend(
                at | {"tag_id": self._term(connection, Tag, term), "position": position}
                for position, term in enumerate(draft.tags)
            )
            rows.setdefault(Similar, []).extend(self._neighbours())
            document, words = self._words(draft, section)
            rows.setdefault(SearchDocument, []).append(document)
            texts.append(words)
        for model, some in rows.items():
            if some:
                connection.execute(insert(cast("Table", model.__table__)), some)
        connection.execute(WRITE_WORDS[connection.dialect.name], texts)
        connection.execute(
            KEEP_WORD,
            [{"site": self.site, "locale": "vi", "word": word} for word in sorted(self.words)],
        )
        self.words.clear()

    def _article(
        self, connection: Connection, draft: ArticleDraft, section: int | None
    ) -> dict[str, Any]:
        columns = {column.name: None for column in Article.__table__.columns}
        return columns | {
            "id": self.last,
            "site": self.site,
            "section_id": section,
            "kind": "article",
            "slug": slugify(draft.headline)[:80],
            "locale": draft.locale,
            "headline": draft.headline,
            "sanitiser_version": 1,
            "topic_id": self._term(connection, Topic, draft.topic) if draft.topic else None,
            "status": "published",
            "first_published_at": draft.published,
            "first_published_precision": "minute",
            "time_zone": ZONE,
            "end_mark": False,
            "withdrawn_reason": "",
            "created_at": self.now,
            "modified_at": self.now,
            "revision": 1,
            "lead": draft.lead,
            "authors": [{"name": one.name, "role": "author"} for one in draft.authors],
            "corrections": [],
            "body": draft.body,
            "body_text": _MARKUP.sub(" ", draft.body).strip(),
            "provenance": [],
            "review_flags": [],
        }

    def _term(self, connection: Connection, model: Any, term: Any) -> int:
        key = (model.__tablename__, term.slug)
        if key not in self.terms:
            values = {"site": self.site, "slug": term.slug, "name": {"vi": term.name}}
            statement = insert(model.__table__).values(**values).returning(model.__table__.c.id)
            self.terms[key] = connection.execute(statement).scalar_one()
        return self.terms[key]

    def _neighbours(self) -> Iterator[dict[str, Any]]:
        oldest = max(1, self.last - 5_000)
        for other in sorted({self.chance.randint(oldest, self.last) for _ in range(NEIGHBOURS)}):
            if other != self.last:
                yield {
                    "article_id": self.last,
                    "other_id": other,
                    "score": self.chance.random(),
                }

    def _words(
        self, draft: ArticleDraft, section: int | None
    ) -> tuple[dict[str, Any], Mapping[str, Any]]:
        assert draft.published is not None
        number = number_of(draft.published, self.last)
        year = year_of(draft.published, ZONE)
        scope = scope_words(self.site, draft.locale, "article", section, year)
        exact, folded = {}, {}
        values: dict[str, Any] = {"number": number, "scope": " ".join(scope)}
        body = _MARKUP.sub(" ", draft.body)
        for field, text in (("title", draft.headline), ("lead", draft.lead), ("body", body)):
            forms = [form for typed in text.split() for form in self.forms[typed]]
            exact[field] = tuple(form[0] for form in forms)
            folded[field] = tuple(form[1] for form in forms)
            values[field] = " ".join(folded[field])
            values[f"{field}_exact"] = " ".join(exact[field])
        values["folded"] = spell_tsvector(folded, scope)
        values["exact"] = spell_tsvector(exact, scope)
        self.words.update(folded["title"])
        document = {
            "number": number,
            "article_id": self.last,
            "site": self.site,
            "locale": draft.locale,
            "kind": "article",
            "section_id": section,
            "year": year,
            "expires_at": None,
            "title_digest": digest_of(values["title"]),
            "title_folded": values["title"],
            "title_exact": values["title_exact"],
        }
        return document, values


class _Forms(dict[str, list[tuple[str, str]]]):
    """The forms of what stands between two spaces; there are few, so each is split once."""

    def __missing__(self, typed: str) -> list[tuple[str, str]]:
        self[typed] = [(word.exact, word.folded) for word in split_words(normalise(typed))]
        return self[typed]
