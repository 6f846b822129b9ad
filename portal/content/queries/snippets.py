"""Results as readers see them: the article, and where in it the words stand."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence

from sqlalchemy import bindparam
from sqlalchemy import select

from portal.content.queries.summaries import summaries
from portal.content.queries.visibility import article
from portal.content.reader import Reader
from portal.content.search.terms import Form
from portal.content.search.wanted import Wanted
from portal.content.search.words import forms_of
from portal.content.search.words import list_places
from portal.content.search.words import list_words
from portal.content.values import SearchHit
from portal.content.values import TextRun

LONGEST_SNIPPET = 220
_BEFORE = 60
# A hit further down is not looked for: the text above tells what the article is about.
_LONGEST_TEXT = 40_000

_TEXTS = select(article.c.id, article.c.body_text).where(
    article.c.id.in_(bindparam("ids", expanding=True))
)
_FORMS: tuple[Form, ...] = ("exact", "folded")
Span = tuple[int, int]


def read_hits(reader: Reader, ids: Sequence[int], wanted: Wanted) -> tuple[SearchHit, ...]:
    """The articles with these ids, in their order, with the places that fit."""
    found = summaries(reader, ids)
    if not found:
        return ()
    rows = reader.session.execute(_TEXTS, {"ids": sorted(item.id for item in found)})
    texts = {row.id: row.body_text for row in rows}
    return tuple(
        SearchHit(
            item,
            tuple(mark_words(item.headline, wanted)),
            make_snippet(item.lead, texts.get(item.id, ""), wanted),
        )
        for item in found
    )


def make_snippet(lead: str, body: str, wanted: Wanted) -> tuple[TextRun, ...]:
    """The part of lead or body with the most hits, cut between words; else the lead's start."""
    spans = _find(lead, wanted)
    if spans:
        return tuple(_cut(lead, spans))
    # Stored text is normalised; only its paragraphs have to become one line.
    text = " ".join(body[:_LONGEST_TEXT].split())
    spans = _find(text, wanted)
    return tuple(_cut(text if spans else lead or text, spans))


def mark_words(text: str, wanted: Wanted) -> Iterator[TextRun]:
    """The whole text in runs."""
    return _runs(text, _find(text, wanted), 0, len(text))


def _find(text: str, wanted: Wanted) -> list[Span]:
    """Where the parts of a query stand, with the marks as typed, else without."""
    words = list_words(text)
    # A text has the same words again and again: each is looked up once.
    forms = {word: forms_of(word) for word in set(words)}
    for place, form in enumerate(_FORMS):
        spelled = [forms[word][place] for word in words]
        hits = [
            hit
            for part in wanted.parts
            for spelling in part.spellings(form)
            for hit in _occurrences(spelled, spelling)
        ]
        if hits:
            places = list_places(text)
            spans = [(places[first][0], places[last][1]) for first, last in hits]
            return _joined(text, sorted(spans))
    return []


def _occurrences(spelled: list[str], wanted: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """The first and the last word of every run of words that is the one wanted."""
    place, length = -1, len(wanted)
    for _ in range(spelled.count(wanted[0])):
        place = spelled.index(wanted[0], place + 1)
        if tuple(spelled[place : place + length]) == wanted:
            yield place, place + length - 1


def _joined(text: str, spans: Sequence[Span]) -> list[Span]:
    """Hits with nothing but a space between them are one."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and (start <= joined[-1][1] or text[joined[-1][1] : start].isspace()):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _cut(text: str, spans: Sequence[Span]) -> Iterator[TextRun]:
    """The window with the most hits, from a word's start to a word's end."""
    if len(text) <= LONGEST_SNIPPET:
        yield from _runs(text, spans, 0, len(text))
        return
    start = max(0, _densest(spans) - _BEFORE)
    if start > 0:
        start = text.find(" ", start, start + _BEFORE) + 1 or start
    end = min(len(text), start + LONGEST_SNIPPET)
    if end < len(text):
        space = text.rfind(" ", start, end)
        end = space if space > start else end
    if start > 0:
        yield TextRun("… ", False)
    yield from _runs(text, spans, start, end)
    if end < len(text):
        yield TextRun(" …", False)


def _densest(spans: Sequence[Span]) -> int:
    """Where the window begins that holds most of what was found."""
    reach = LONGEST_SNIPPET - _BEFORE

    def held(start: int) -> int:
        return sum(end - first for first, end in spans if start <= first and end <= start + reach)

    return max((start for start, _ in spans[:200]), key=held, default=0)


def _runs(text: str, spans: Sequence[Span], start: int, end: int) -> Iterator[TextRun]:
    at = start
    for first, last in spans:
        if first < at or last > end:
            continue
        if first > at:
            yield TextRun(text[at:first], False)
        yield TextRun(text[first:last], True)
        at = last
    if at < end:
        yield TextRun(text[at:end], False)
