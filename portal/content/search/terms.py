"""Questions to a full-text index, and their spelling for FTS5 and for tsquery.

A question is built of words that hold letters and digits only and are quoted all the same:
whatever a reader types, no part of it is ever read as syntax.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from portal.content.search.document import is_scope_word

Form = Literal["exact", "folded"]
Field = Literal["title", "lead", "body", "scope"]

TEXT: tuple[Field, ...] = ("title", "lead", "body")
_WEIGHTS: dict[Field, str] = {"title": "A", "lead": "B", "body": "C", "scope": "D"}
_SCOPE_MARK = "_"  # no word of a text has one


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other in one of some fields; `prefix` leaves the last one open."""

    words: tuple[str, ...]
    fields: tuple[Field, ...] = TEXT
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """Every one of these."""

    parts: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of these."""

    parts: tuple[Question, ...]


Question = Phrase | All | Either


def spell_fts5(question: Question, form: Form) -> str:
    """The question as an FTS5 query over the columns of one form."""
    if isinstance(question, Phrase):
        star = "*" if question.prefix else ""
        words = f'"{" ".join(question.words)}"{star}'
        if form == "folded" and _is_anywhere(question):
            return words
        columns = " ".join(_column(field, form) for field in question.fields)
        return f"{{{columns}}} : {words}"
    return _join(" AND " if isinstance(question, All) else " OR ", question.parts, form)


def _is_anywhere(phrase: Phrase) -> bool:
    """Whether a folded phrase fits the same documents without naming columns, which costs less.

    Where words without marks stand in an exact column, they stand in the folded one too; only
    words of the scope are no text.
    """
    return (
        phrase.fields == TEXT
        and not phrase.prefix
        and not any(is_scope_word(word) for word in phrase.words)
    )


def fits(question: Question, fields: Mapping[Field, str]) -> bool:
    """Whether a text, its words joined by single spaces and with one at either end, fits.

    The same answer as that of an index, for questions without an open end.
    """
    if isinstance(question, Phrase):
        wanted = f" {' '.join(question.words)} "
        return any(wanted in fields[field] for field in question.fields)
    if isinstance(question, All):
        return all(fits(part, fields) for part in question.parts)
    return any(fits(part, fields) for part in question.parts)


def _join(link: str, parts: Sequence[Question], form: Form) -> str:
    return "(" + link.join(spell_fts5(part, form) for part in parts) + ")"


def _column(field: Field, form: Form) -> str:
    return field if form == "folded" or field == "scope" else f"{field}_exact"


def has_several_words_in_a_row(question: Question) -> bool:
    """Whether the places of words decide, not only which words a document has."""
    if isinstance(question, Phrase):
        return len(question.words) > 1
    return any(has_several_words_in_a_row(part) for part in question.parts)


def spell_tsquery(
    question: Question, *, in_titles: bool = False, in_any_order: bool = False
) -> str:
    """The question as a tsquery; fields are weights.

    A weight is named only where it tells documents apart, because the index of words knows none:
    with one PostgreSQL has to fetch the words of every row that may fit. `in_titles` is for the
    words of titles alone, where nothing else can fit. `in_any_order` asks for the words of
    phrases wherever they stand, for the same reason: whatever fits, fits this as well.
    """
    if not isinstance(question, Phrase):
        link = " & " if isinstance(question, All) else " | "
        parts = (
            spell_tsquery(part, in_titles=in_titles, in_any_order=in_any_order)
            for part in question.parts
        )
        return "(" + link.join(parts) + ")"
    is_scope = question.fields == ("scope",)
    weights = ""
    if not (is_scope or in_titles or question.fields == TEXT):
        weights = "".join(_WEIGHTS[field] for field in question.fields)
    suffixes = [weights] * len(question.words)
    if question.prefix:
        suffixes[-1] = "*" + weights
    words = (
        f"'{_SCOPE_MARK if is_scope else ''}{word}'{':' if suffix else ''}{suffix}"
        for word, suffix in zip(question.words, suffixes, strict=True)
    )
    return "(" + (" & " if in_any_order else " <-> ").join(words) + ")"


def spell_tsvector(fields: dict[str, tuple[str, ...]], scope: tuple[str, ...]) -> str:
    """The words of a document as a tsvector, each field in places of its own."""
    places: dict[str, str] = {}
    start = 1
    marked = tuple(f"{_SCOPE_MARK}{word}" for word in scope)
    for field, words in (*fields.items(), ("scope", marked)):
        weight = _WEIGHTS[field]  # type: ignore[index]  # the keys of a document are fields
        for place, word in enumerate(words, start):
            if word in places:
                places[word] += f",{place}{weight}"
            else:
                places[word] = f"'{word}':{place}{weight}"
        start += len(words) + 2  # no phrase reaches from one field into the next
    return " ".join(places.values())
