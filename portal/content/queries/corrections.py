"""What was probably meant where nothing was found."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence

from portal.content.queries.search_index import SearchIndex
from portal.content.queries.summaries import summaries
from portal.content.reader import Reader
from portal.content.search.document import article_of
from portal.content.search.terms import All
from portal.content.search.terms import Phrase
from portal.content.search.terms import Question
from portal.content.search.wanted import Wanted
from portal.content.search.words import split_words

MOST_TRIED = 24
MOST_COUNTED = 100
_MOST_WORDS = 12
_NEIGHBOURS = 4
_LARGEST_DISTANCE = 2


def suggest_correction(
    reader: Reader, index: SearchIndex, scope: Question, wanted: Wanted
) -> str | None:
    """The nearest words of titles that do find something, spelled as a title spells them.

    Words that no title has are replaced first; where every word is known, one at a time.
    """
    typed = wanted.title_folded.split()
    if len(typed) > _MOST_WORDS:
        return None
    known = index.words()
    best: tuple[int, list[str]] | None = None
    for words in _corrections(typed, known):
        fitting = index.count(_all_of(scope, words), MOST_COUNTED)
        if fitting and (best is None or fitting > best[0]):
            best = fitting, words
        if fitting == MOST_COUNTED:
            break  # none is better
    return _spelled(reader, index, scope, best[1]) if best is not None else None


def _corrections(typed: list[str], known: Sequence[str]) -> Iterator[list[str]]:
    """Ways to change a query into words that titles have; the likeliest first."""
    vocabulary = set(known)
    unknown = [place for place, word in enumerate(typed) if word not in vocabulary]
    changed = list(typed)
    nearest = {place: list(_nearest(typed[place], known)) for place in unknown}
    for place in unknown:
        if not nearest[place]:
            return
        changed[place] = nearest[place][0]
    places = unknown or range(len(typed))
    if unknown:
        yield changed
    tried = len(unknown[:1])
    for place in places:
        for word in nearest.get(place) or _nearest(typed[place], known):
            if word == changed[place]:
                continue
            if tried >= MOST_TRIED:
                return
            tried += 1
            yield [*changed[:place], word, *changed[place + 1 :]]


def _nearest(word: str, known: Sequence[str]) -> Iterator[str]:
    """The known words closest to one, by edits, then by the pairs of letters they share."""
    pairs = _pairs(word)
    likely = [
        other
        for other in known
        if other != word
        and abs(len(other) - len(word)) <= _LARGEST_DISTANCE
        and (pairs & _pairs(other) or len(word) <= 2)
    ]
    allowed = 1 if len(word) <= 4 else _LARGEST_DISTANCE
    near = sorted(
        (distance, -len(pairs & _pairs(other)), other)
        for other in likely
        if (distance := _distance(word, other)) <= allowed
    )
    return (other for _, _, other in near[:_NEIGHBOURS])


def _pairs(word: str) -> set[str]:
    around = f" {word} "
    return {around[place : place + 2] for place in range(len(around) - 1)}


def _distance(one: str, other: str) -> int:
    """Insertions, deletions, replacements and swaps of neighbours between two words."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        line = [row]
        for column, opposite in enumerate(other, start=1):
            cost = min(
                last[column] + 1, line[column - 1] + 1, last[column - 1] + (letter != opposite)
            )
            if row > 1 and column > 1 and letter == other[column - 2] and opposite == one[row - 2]:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return last[-1]


def _all_of(scope: Question, words: Sequence[str]) -> Question:
    return All((scope, *(Phrase((word,)) for word in words)))


def _spelled(reader: Reader, index: SearchIndex, scope: Question, words: Sequence[str]) -> str:
    """The words as the newest title that has them writes them."""
    newest = index.newest(_all_of(scope, words), 20)
    titled = [one for one in newest if set(words) <= set(one.title_folded.split())] or newest
    shown = summaries(reader, [article_of(titled[0].number)]) if titled else ()
    headline = shown[0].headline if shown else ""
    written = {word.folded: headline[word.start : word.end] for word in split_words(headline)}
    return " ".join(written.get(word, word) for word in words)
