"""What is indexed of an article: the words of its title, lead and body, in both forms.

The lists are made here for both databases, within the limits of the narrower one (PostgreSQL
remembers 255 places of a word and 16,383 places of a text), so that both find the same.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from hashlib import blake2b
from zoneinfo import ZoneInfo

from portal.content.search.words import list_forms
from portal.content.search.words import list_number_forms
from portal.text import normalise

FIELDS = ("title", "lead", "body")
MOST_PLACES_OF_A_WORD = 250
MOST_WORDS = {"title": 500, "lead": 1_500, "body": 12_000}

_SCOPE_WORD = re.compile(r"x[0-9a-f]{12}|k(?:article|page)|[sy][0-9]+")
_PLACES_OF_ID = 1 << 30
_LAST_SECOND = (1 << 33) - 1  # the year 2242; with the id it fills the 63 bits of a row's number


@dataclass(frozen=True, slots=True)
class Document:
    """The words of an article by field, in reading order; numbers as a whole follow at the end."""

    exact: dict[str, tuple[str, ...]]
    folded: dict[str, tuple[str, ...]]


def describe_document(title: str, lead: str, body: str) -> Document:
    """Split an article into the words that are indexed."""
    exact: dict[str, tuple[str, ...]] = {}
    folded: dict[str, tuple[str, ...]] = {}
    seen: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for field, text in zip(FIELDS, (title, lead, body), strict=True):
        stored = normalise(text)
        forms = (list_forms(stored) + list_number_forms(stored))[: MOST_WORDS[field]]
        first, second = zip(*forms, strict=True) if forms else ((), ())
        exact[field] = _bounded(first, seen[0])
        folded[field] = _bounded(second, seen[1])
    return Document(exact, folded)


def _bounded(words: tuple[str, ...], seen: Counter[str]) -> tuple[str, ...]:
    """The words up to the most places of each; `seen` counts those of all fields."""
    seen.update(words)
    # Nearly every text keeps all its words, and a counter tells that faster than a loop.
    if "" not in seen and max(seen.values(), default=0) <= MOST_PLACES_OF_A_WORD:
        return words
    seen.subtract(words)
    kept = []
    for word in words:
        seen[word] += 1
        if word and seen[word] <= MOST_PLACES_OF_A_WORD:
            kept.append(word)
    return tuple(kept)


def scope_words(
    site: str, locale: str, kind: str, section_id: int | None, year: int
) -> tuple[str, ...]:
    """What narrows a search, as words: a database then counts and orders only what fits."""
    return (
        scope_of(site, locale),
        kind_word(kind),
        section_word(section_id or 0),
        year_word(year),
    )


def scope_of(site: str, locale: str) -> str:
    """The word that all documents of a site in one language have."""
    return "x" + blake2b(f"{site} {locale}".encode(), digest_size=6).hexdigest()


def kind_word(kind: str) -> str:
    """The word of articles, or of static pages."""
    return f"k{kind}"


def section_word(number: int) -> str:
    """The word of what stands directly in a section; 0 for none."""
    return f"s{number}"


def year_word(year: int) -> str:
    """The word of what was published in a year."""
    return f"y{year}"


def is_scope_word(word: str) -> bool:
    """Whether a word of a text is spelled like one of a scope."""
    return _SCOPE_WORD.fullmatch(word) is not None


def number_of(published: datetime, article_id: int) -> int:
    """The number of a document: newer articles have higher ones, of equal times higher ids.

    It is the order of the index, so that the newest matches come without sorting.
    """
    seconds = int(published.astimezone(UTC).timestamp())
    seconds = min(max(seconds, 0), _LAST_SECOND)
    return seconds * _PLACES_OF_ID + article_id % _PLACES_OF_ID


def last_number(moment: datetime) -> int:
    """The highest number that a document published until `moment` can have."""
    return number_of(moment, 0) + _PLACES_OF_ID - 1


def article_of(number: int) -> int:
    """The article of a document's number."""
    return number % _PLACES_OF_ID


def year_of(published: datetime, time_zone: str) -> int:
    """The year in which readers saw it appear."""
    return published.astimezone(ZoneInfo(time_zone)).year


def digest_of(key: str) -> int:
    """64 signed bits that stand for a title, for an index of equal length whatever the title."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)
