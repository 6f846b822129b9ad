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


def list_forms(text: str) -> list[tuple[str, str]]:
    """The same without their places: the exact and the folded form of each."""
    return list(map(forms_of, _WORD.findall(text)))


def list_words(text: str) -> list[str]:
    """The words of a text as they stand in it, in their order."""
    return _WORD.findall(text)


def list_places(text: str) -> list[tuple[int, int]]:
    """Where the words of `list_words` begin and end."""
    return [found.span() for found in _WORD.finditer(text)]


def find_numbers(text: str) -> list[tuple[int, int, Word]]:
    """The numbers of a text: first and last place among its words, and the whole as one word."""
    places = list_places(text)
    starts = {start: place for place, (start, _) in enumerate(places)}
    ends = {end: place for place, (_, end) in enumerate(places)}
    return [
        (starts[found.start()], ends[found.end()], Word(*_joined(found[0]), *found.span()))
        for found in _NUMBER.finditer(text)
    ]


def list_number_forms(text: str) -> list[tuple[str, str]]:
    """The numbers of a text in their order: the exact and the folded form of each as a whole."""
    return list(map(_joined, _NUMBER.findall(text)))


def title_key(text: str) -> tuple[str, str]:
    """The words of a title joined by spaces, exact and folded: equal for equal titles."""
    return _join(" ", list_forms(normalise(text)))


def _joined(number: str) -> tuple[str, str]:
    # A number begins and ends where a word does, so its words are those of the text there.
    exact, folded = _join("", list_forms(number))
    return exact[:LONGEST_WORD], folded[:LONGEST_WORD]


def _join(link: str, forms: list[tuple[str, str]]) -> tuple[str, str]:
    return link.join(exact for exact, _ in forms), link.join(folded for _, folded in forms)


@lru_cache(maxsize=32_768)
def forms_of(word: str) -> tuple[str, str]:
    """The exact and the folded form of one word of a text."""
    # Vietnamese has a few thousand syllables: nearly every word was seen before.
    exact = match_key(word).replace(" ", "")[:LONGEST_WORD]
    return exact, _only_letters(fold(exact))[:LONGEST_WORD]


def _only_letters(text: str) -> str:
    return "".join(_WORD.findall(text))
