"""What a reader's query asks for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from portal.content.search.terms import TEXT
from portal.content.search.terms import All
from portal.content.search.terms import Either
from portal.content.search.terms import Field
from portal.content.search.terms import Form
from portal.content.search.terms import Phrase
from portal.content.search.terms import Question
from portal.content.search.words import find_numbers
from portal.content.search.words import split_words
from portal.content.search.words import title_key
from portal.text import normalise

_ABBREVIATIONS = Path(__file__).parent.parent / "abbreviations.yaml"

MOST_WORDS = 64

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a result has to contain, in any of its spellings (first: as typed)."""

    exact: tuple[Words, ...]
    folded: tuple[Words, ...]

    def spellings(self, form: Form) -> tuple[Words, ...]:
        """The spellings in one form."""
        return self.exact if form == "exact" else self.folded


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query understood: the parts that a result has all of, and the whole as a title."""

    parts: tuple[Part, ...]
    title_exact: str
    title_folded: str

    def question(self, form: Form, fields: tuple[Field, ...] = TEXT) -> Question:
        """All parts, each in one of these fields."""
        return All(
            tuple(
                Either(tuple(Phrase(words, fields) for words in part.spellings(form)))
                for part in self.parts
            )
        )

    def phrase(self) -> Phrase:
        """The words as typed, one after the other."""
        return Phrase(tuple(self.title_folded.split()))

    def stands_in(self, title: str, form: Form) -> bool:
        """Whether a title (words joined by spaces) has all parts."""
        around = f" {title} "
        return all(
            any(f" {' '.join(words)} " in around for words in part.spellings(form))
            for part in self.parts
        )


def understand(text: str) -> Wanted | None:
    """What a query asks for; none for one without a letter or digit."""
    text = normalise(text)
    words = split_words(text)[:MOST_WORDS]
    if not words:
        return None
    numbers = {
        first: (last, number) for first, last, number in find_numbers(text) if last < len(words)
    }
    parts: list[Part] = []
    place = 0
    while place < len(words):
        if place in numbers:
            last, number = numbers[place]
            typed = words[place : last + 1]
            parts.append(
                Part(
                    ((number.exact,), tuple(word.exact for word in typed)),
                    ((number.folded,), tuple(word.folded for word in typed)),
                )
            )
            place = last + 1
            continue
        length, part = _synonyms(
            tuple(word.exact for word in words[place:]),
            tuple(word.folded for word in words[place:]),
        )
        parts.append(part)
        place += length
    return Wanted(tuple(dict.fromkeys(parts)), *title_key(text))


def _synonyms(exact: Words, folded: Words) -> tuple[int, Part]:
    """The longest run of words that has other spellings, with them; else the first word alone."""
    known = _spellings()
    for length in range(min(len(folded), _longest()), 0, -1):
        spellings = known.get(folded[:length])
        if spellings is None:
            continue
        typed = exact[:length]
        # Without marks it is no exact hit of the marked spelling.
        others = [one for one in spellings if one[0] != typed]
        is_exact = len(others) < len(spellings)
        return length, Part(
            (typed, *(one[0] for one in others if is_exact)),
            tuple(dict.fromkeys((folded[:length], *(one[1] for one in others)))),
        )
    return 1, Part((exact[:1],), (folded[:1],))


@cache
def _spellings() -> dict[Words, tuple[tuple[Words, Words], ...]]:
    """By folded spelling all spellings of the same, each exact and folded."""
    known: dict[Words, tuple[tuple[Words, Words], ...]] = {}
    for line in yaml.safe_load(_ABBREVIATIONS.read_text(encoding="utf-8")):
        forms = []
        for spelling in line:
            words = split_words(spelling)
            forms.append((tuple(w.exact for w in words), tuple(w.folded for w in words)))
        known.update({folded: tuple(forms) for _, folded in forms})
    return known


@cache
def _longest() -> int:
    return max(map(len, _spellings()))
