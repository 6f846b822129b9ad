"""The statements over the search index: the same answers from FTS5 and from tsvector.

Documents come newest first by their number. FTS5 keeps them in that order and stops where enough
are found. The index of PostgreSQL has no order: it finds all that fit, of which the newest are
kept; so what is common is looked for among the newest documents first. Nothing is scored here:
how well a document fits is decided in `portal.content.queries.search` from what is asked here, so
that both databases give one and the same order.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from functools import lru_cache
from typing import Any
from typing import Literal

from sqlalchemy import ARRAY
from sqlalchemy import BigInteger
from sqlalchemy import TextClause
from sqlalchemy import bindparam
from sqlalchemy import text

from portal.content.columns import UtcDateTime
from portal.content.reader import Reader
from portal.content.search.document import digest_of
from portal.content.search.document import last_number
from portal.content.search.document import number_of
from portal.content.search.terms import TEXT
from portal.content.search.terms import Field
from portal.content.search.terms import Form
from portal.content.search.terms import Question
from portal.content.search.terms import fits
from portal.content.search.terms import has_several_words_in_a_row
from portal.content.search.terms import spell_fts5
from portal.content.search.terms import spell_tsquery

SAMPLED = 100
"""So many of the newest documents are looked through for what is common."""

# Documents of a year stand there by their own time zones.
_ZONES = timedelta(days=2)
_COLUMNS = "d.number, d.section_id, d.year, d.kind, d.title_folded, d.title_exact"
_UNEXPIRED = "(d.expires_at IS NULL OR d.expires_at > :now)"

Where = Literal["text", "title"]


@dataclass(frozen=True, slots=True)
class Found:
    """A document that fits, with what it is judged and counted by."""

    number: int
    section_id: int | None
    year: int
    kind: str
    title_folded: str
    title_exact: str


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """The index as one reader sees it: published until now, and about `year` if there is one.

    Questions are in folded words. `where` says whether they are about titles only.
    """

    reader: Reader
    year: int | None = None

    def count(self, question: Question, most: int) -> int:
        """How many documents fit, counted up to `most`. Expired ones are counted too."""
        if self._database == "postgresql":
            # What is common is counted among the newest, before the index gives all of it.
            statement = _sampled(self._database, "text")
            newest = self._numbers(statement, question, "text", sampled=4 * most)
            if len(newest) >= most:
                return most
        values = self._values(question, "text") | {"most": most}
        statement = _count(self._database)
        return int(self.reader.session.execute(statement, values).scalar_one())

    def fitting(self, question: Question, most: int, where: Where = "text") -> list[int]:
        """The numbers of the newest documents that fit, at most `most`; also of expired ones."""
        return self._fitting(question, where, self._last, most)

    def sampled(self, question: Question, where: Where = "text") -> list[int]:
        """Those that fit of the `SAMPLED` newest documents, whatever fits of the others."""
        return self._numbers(_sampled(self._database, where), question, where, sampled=SAMPLED)

    def holds_more_than(self, number: int) -> bool:
        """Whether there are more documents, fitting or not."""
        values = {"first": self._first, "last": self._last, "number": number}
        return self.reader.session.execute(_NTH_NEWEST, values).scalar() is not None

    def newest(
        self, question: Question, limit: int, below: int | None = None, where: Where = "text"
    ) -> list[Found]:
        """The newest unexpired documents that fit, only those with a lower number than `below`."""
        last = self._last if below is None else min(self._last, below - 1)
        statement = _sampled(self._database, where)
        sampled = self._numbers(statement, question, where, last=last, sampled=SAMPLED)
        found = self.documents(sampled[: 2 * limit]) if len(sampled) >= limit else []
        if len(found) >= limit:
            return found[:limit]
        found, most = [], 2 * limit
        while len(found) < limit:
            numbers = self._fitting(question, where, last, most)
            found += self.documents(numbers)
            if len(numbers) < most:
                break
            # Rarely: many that fit have expired.
            last, most = numbers[-1] - 1, 4 * most
        return found[:limit]

    def documents(self, numbers: Sequence[int]) -> list[Found]:
        """The unexpired ones of these documents, newest first."""
        if not numbers:
            return []
        values = {"numbers": self._list(numbers), "now": self.reader.now}
        rows = self.reader.session.execute(_documents(self._database), values)
        return [Found(*row) for row in rows]

    def numbers(
        self, questions: Mapping[str, tuple[Question, Form]], among: Sequence[int]
    ) -> dict[str, set[int]]:
        """For every named question which of the documents `among` fit, in one statement.

        Looks at these documents alone, whatever else fits: what is common costs no more than
        what is rare.
        """
        if self._database == "sqlite":
            return self._numbers_by_text(questions, among)
        values: dict[str, Any] = {"numbers": self._list(among)}
        for name, (question, _) in questions.items():
            values[name] = spell_tsquery(question)
        forms = tuple((name, form) for name, (_, form) in questions.items())
        found: dict[str, set[int]] = {name: set() for name in questions}
        for number, *answers in self.reader.session.execute(_judged(forms), values):
            for name, fitting in zip(questions, answers, strict=True):
                if fitting:
                    found[name].add(number)
        return found

    def _numbers_by_text(
        self, questions: Mapping[str, tuple[Question, Form]], among: Sequence[int]
    ) -> dict[str, set[int]]:
        """The same from the words that FTS5 keeps; asking it anew means to go through them all."""
        found: dict[str, set[int]] = {name: set() for name in questions}
        rows = self.reader.session.execute(_STORED, {"numbers": self._list(among)})
        for number, *texts in rows:
            around = [f" {words} " for words in texts]
            fields: dict[Form, dict[Field, str]] = {
                "folded": dict(zip(TEXT, around[:3], strict=True)),
                "exact": dict(zip(TEXT, around[3:], strict=True)),
            }
            for name, (question, form) in questions.items():
                if fits(question, fields[form]):
                    found[name].add(number)
        return found

    def titled(self, folded: str) -> list[Found]:
        """The documents whose whole title is this one, newest first."""
        values = {
            "site": self.reader.site,
            "locale": self.reader.locale,
            "digest": digest_of(folded),
            "first": self._first,
            "last": self._last,
            "now": self.reader.now,
        }
        rows = self.reader.session.execute(_TITLED, values)
        return [found for found in (Found(*row) for row in rows) if found.title_folded == folded]

    def years(self) -> range:
        """From the newest year in which something was published down to the oldest."""
        values = {"site": self.reader.site, "locale": self.reader.locale}
        first, last = self.reader.session.execute(_YEARS, values).one()
        return range(0) if last is None else range(last, first - 1, -1)

    def words(self) -> Sequence[str]:
        """Every folded word that stood in a title."""
        values = {"site": self.reader.site, "locale": self.reader.locale}
        return self.reader.session.execute(_WORDS, values).scalars().all()

    @property
    def _database(self) -> str:
        return self.reader.session.get_bind().dialect.name

    @property
    def _first(self) -> int:
        """The lowest number that a document can have."""
        if self.year is None:
            return 0
        return number_of(datetime(self.year, 1, 1, tzinfo=UTC) - _ZONES, 0)

    @property
    def _last(self) -> int:
        """The highest number that a document can have."""
        now = last_number(self.reader.now)
        if self.year is None:
            return now
        return min(now, last_number(datetime(self.year, 12, 31, tzinfo=UTC) + _ZONES))

    def _fitting(self, question: Question, where: Where, last: int, most: int) -> list[int]:
        if self._database == "sqlite" or not has_several_words_in_a_row(question):
            statement = _fitting(self._database, where)
            return self._numbers(statement, question, where, last=last, most=most)
        values = self._values(question, where) | {"last": last, "most": most}
        values["loose"] = spell_tsquery(question, in_titles=where == "title", in_any_order=True)
        return list(self.reader.session.execute(_fitting_in_a_row(where), values).scalars())

    def _numbers(
        self, statement: TextClause, question: Question, where: Where, **more: int
    ) -> list[int]:
        values = self._values(question, where) | more
        return list(self.reader.session.execute(statement, values).scalars())

    def _values(self, question: Question, where: Where) -> dict[str, Any]:
        if self._database == "sqlite":
            spelled = spell_fts5(question, "folded")
        else:
            spelled = spell_tsquery(question, in_titles=where == "title")
        return {"match": spelled, "first": self._first, "last": self._last}

    def _list(self, numbers: Sequence[int]) -> object:
        """Numbers as one value: a statement's text does not depend on how many there are."""
        return json.dumps(list(numbers)) if self._database == "sqlite" else list(numbers)


# The texts below are put together from our own names alone.
_FITS_FTS5 = "search_text MATCH :match"
_WORDS_OF: dict[Where, str] = {
    "text": "folded",
    # The expression of an index.
    "title": "ts_filter(folded, '{a,d}')",
}


@lru_cache(maxsize=4)
def _count(database: str) -> TextClause:
    return text(f"SELECT count(*) FROM ({_fitting(database, 'text')}) AS fitting")  # noqa: S608 - see above


@lru_cache(maxsize=8)
def _fitting(database: str, where: Where) -> TextClause:
    if database == "sqlite":
        return text(
            f"SELECT rowid FROM search_text WHERE {_FITS_FTS5}"  # noqa: S608 - see above
            " AND rowid BETWEEN :first AND :last ORDER BY rowid DESC LIMIT :most"
        )
    return text(f"{_found_by_index(where, 'match')} LIMIT :most")


@lru_cache(maxsize=2)
def _fitting_in_a_row(where: Where) -> TextClause:
    """The same for a question with phrases, on PostgreSQL.

    Its index knows no places: it finds whatever has the words. The places stand in the rows, at a
    hundredth of a millisecond each, so they are looked up from the newest on until enough fit.
    """
    return text(
        f"SELECT number FROM ({_found_by_index(where, 'loose')}"  # noqa: S608 - see above
        # An offset keeps the planner from merging the two, which would look up all of them.
        " OFFSET 0) AS candidate WHERE"
        f" (SELECT {_WORDS_OF[where]} @@ CAST(:match AS tsquery)"
        " FROM search_text AS judged WHERE judged.number = candidate.number) LIMIT :most"
    )


def _found_by_index(where: Where, question: Literal["match", "loose"]) -> str:
    """The numbers of all that fits a question, newest first, on PostgreSQL.

    A sum has no index, which would tempt the planner to walk through all that does not fit. Nor
    does it learn from a subselect what is asked: where the words are common it would read every
    row instead of the index, not knowing that the words are kept apart and cost to fetch.
    """
    return (
        f"SELECT number FROM search_text WHERE {_WORDS_OF[where]}"  # noqa: S608 - see above
        f" @@ (SELECT CAST(:{question} AS tsquery))"
        " AND number + 0 BETWEEN :first AND :last ORDER BY number + 0 DESC"
    )


@lru_cache(maxsize=8)
def _sampled(database: str, where: Where) -> TextClause:
    """Those of the newest documents that fit; of all where there are fewer than a sample."""
    if database == "sqlite":
        return text(
            f"SELECT rowid FROM search_text WHERE {_FITS_FTS5}"  # noqa: S608 - see above
            " AND rowid <= :last AND rowid >= max(:first, coalesce((SELECT number"
            " FROM search_document WHERE number <= :last ORDER BY number DESC"
            " LIMIT 1 OFFSET :sampled - 1), 0)) ORDER BY rowid DESC"
        )
    return text(
        "SELECT number FROM (SELECT number, folded FROM search_text"  # noqa: S608 - see above
        " WHERE number BETWEEN :first AND :last ORDER BY number DESC LIMIT :sampled) AS newest"
        f" WHERE {_WORDS_OF[where]} @@ CAST(:match AS tsquery) ORDER BY number DESC"
    )


_NUMBERS = bindparam("numbers", type_=ARRAY(BigInteger))


@lru_cache(maxsize=4)
def _documents(database: str) -> TextClause:
    among = "IN (SELECT value FROM json_each(:numbers))"
    if database == "postgresql":
        among = "= ANY(:numbers)"
    statement = text(
        f"SELECT {_COLUMNS} FROM search_document AS d"  # noqa: S608 - see above
        f" WHERE d.number {among} AND {_UNEXPIRED} ORDER BY d.number DESC"
    ).bindparams(bindparam("now", type_=UtcDateTime()))
    return statement.bindparams(_NUMBERS) if database == "postgresql" else statement


@lru_cache(maxsize=32)
def _judged(forms: tuple[tuple[str, Form], ...]) -> TextClause:
    """The questions as columns: no index is asked, the rows are looked at one by one."""
    answers = ", ".join(f"{form} @@ CAST(:{name} AS tsquery)" for name, form in forms)
    return text(
        f"SELECT number, {answers} FROM search_text"  # noqa: S608 - see above
        " WHERE number = ANY(:numbers)"
    ).bindparams(_NUMBERS)


_STORED = text(
    "SELECT rowid, title, lead, body, title_exact, lead_exact, body_exact FROM search_text"
    " WHERE rowid IN (SELECT value FROM json_each(:numbers))"
)
_NTH_NEWEST = text(
    "SELECT number FROM search_document WHERE number BETWEEN :first AND :last"
    " ORDER BY number DESC LIMIT 1 OFFSET :number"
)
_TITLED = text(
    f"SELECT {_COLUMNS} FROM search_document AS d"  # noqa: S608 - see above
    " WHERE d.site = :site AND d.locale = :locale AND d.title_digest = :digest"
    f" AND d.number BETWEEN :first AND :last AND {_UNEXPIRED} ORDER BY d.number DESC LIMIT 200"
).bindparams(bindparam("now", type_=UtcDateTime()))
_YEARS = text(
    "SELECT (SELECT min(year) FROM search_document WHERE site = :site AND locale = :locale),"
    " (SELECT max(year) FROM search_document WHERE site = :site AND locale = :locale)"
)
_WORDS = text("SELECT word FROM search_word WHERE site = :site AND locale = :locale ORDER BY word")
