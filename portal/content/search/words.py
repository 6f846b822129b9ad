"""Text as the words that search compares.

Every word has two forms: exact (case folded, tone placement of the older school, so that `Hoà` and
`hòa` are one) and folded (without marks and đ, as one types without Vietnamese keys). Both hold
letters and digits only, so that no word can be read as syntax by a database.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from portal.text import fold
from portal.text import match_key
from portal.text import normalise

LONGEST_WORD = 200
"""Characters of a word that are compared; PostgreSQL takes no more than 2,046 bytes."""

_WORD = re.compile(r"[^\W_]+")
# Numbers of documents (`03/CT-UBND`, also with spaces around the marks), dates and amounts: one
# word as a whole, beside their parts.
_NUMBER = re.compile(
    r"(?<![^\W_])(?:"
    r"\d+(?:\s?/\s?[^\W_]+)+(?:\s?[-–]\s?[^\W_]+)*"
    r"|\d+(?:[.,:–-][^\W_]+)+"
    r")"
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: its two forms, and where it stands."""

    exact: str
    folded: str
    start: int
    end: int


def split_words(text: str) -> list[Word]:
    """The words of a text in their order; `text` has to be normalised."""
    return [Word(*forms_of(found[0]), *found.span()) for found in _WORD.finditer(text)]


def list_words(text: str) -> list[str]:
    """The words of a text as they stand in it, in their order."""
    return _WORD.findall(text)


def list_places(text: str) -> list[tuple[int, int]]:
    """Where the words of `list_words` begin and end."""
    return [found.span() for found in _WORD.finditer(text)]


def find_numbers(text: str) -> list[tuple[int, int, Word]]:
    """The numbers of a text: first and last place among its words, and the whole as one word."""
    words = split_words(text)
    starts = {word.start: place for place, word in enumerate(words)}
    ends = {word.end: place for place, word in enumerate(words)}
    numbers = []
    for found in _NUMBER.finditer(text):
        first, last = starts[found.start()], ends[found.end()]
        parts = words[first : last + 1]
        exact = "".join(part.exact for part in parts)[:LONGEST_WORD]
        folded = "".join(part.folded for part in parts)[:LONGEST_WORD]
        numbers.append((first, last, Word(exact, folded, *found.span())))
    return numbers


def title_key(text: str) -> tuple[str, str]:
    """The words of a title joined by spaces, exact and folded: equal for equal titles."""
    words = split_words(normalise(text))
    return " ".join(word.exact for word in words), " ".join(word.folded for word in words)


@lru_cache(maxsize=32_768)
def forms_of(word: str) -> tuple[str, str]:
    """The exact and the folded form of one word of a text."""
    # Vietnamese has a few thousand syllables: nearly every word was seen before.
    exact = match_key(word).replace(" ", "")[:LONGEST_WORD]
    return exact, _only_letters(fold(exact))[:LONGEST_WORD]


def _only_letters(text: str) -> str:
    return "".join(_WORD.findall(text))
