"""The block BanTin_ViewData: paragraphs, captions, the end mark, authors and source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from portal.content.values import Author
from portal.content.values import Source
from portal.importing.bylines import has_author_label
from portal.importing.bylines import parse_authors
from portal.importing.bylines import parse_source
from portal.importing.dump import BodyItem
from portal.importing.dump import Figure
from portal.importing.dump import Paragraph
from portal.importing.markers import PARAGRAPH_END
from portal.importing.markers import Line
from portal.importing.markers import MarkedBlock
from portal.importing.notes import Notes

_LONGEST_CAPTION = 35
_LONGEST_AUTHOR = 8
_POEM = 3

_END_MARK = re.compile(r"(?:\.\s*/\s*\.?|/\s*\.)[\s”\"»)]*$")
_ONLY_END_MARK = re.compile(r"[\s./]+")
_LIST_ITEM = re.compile(r"(?:[-–—+*•·▪]|\(?(?:\d{1,2}|[a-zđ]|[ivx]{1,4})[.)])\s")


@dataclass(frozen=True, slots=True)
class ViewDataText:
    """What the block says of the article."""

    body: tuple[BodyItem, ...]
    end_mark: bool
    authors: tuple[Author, ...]
    source: Source | None


@dataclass(slots=True)
class _Credits:
    authors: tuple[Author, ...] = ()
    source: Source | None = None


def read_view_data(block: MarkedBlock, notes: Notes) -> ViewDataText:
    """Read the block; every line lands in the body, in the authors or in the source."""
    end = next((at for at in reversed(range(len(block.lines))) if _ends(block.lines[at])), None)
    credits = _Credits()
    if end is None:
        body = _take_credits_without_end_mark(list(block.lines), credits, notes)
        late: list[Line] = []
    else:
        body = list(block.lines[: end + 1])
        late = _take_credits(block.lines[end + 1 :], credits, notes)
    body = _join_lone_end_mark(body)
    items = [*_read_body(body, notes), *_read_late_text(late, len(body), notes)]
    if not items:
        notes.flag("empty-body", block.marker_line, f"block {block.ident} has no text")
    return ViewDataText(tuple(items), end is not None, credits.authors, credits.source)


def _ends(line: Line) -> bool:
    """Whether the line closes the article: `./.`, `/.` or `./`, but not a web address."""
    match = _END_MARK.search(line.text)
    if match is None:
        return False
    last_word = line.text[: match.start() + 1].rpartition(" ")[2]
    return "://" not in last_word and "www." not in last_word


def _take_credits(tail: Sequence[Line], credits: _Credits, notes: Notes) -> list[Line]:
    """Take authors and source from the lines after the end mark; return what is neither."""
    late: list[Line] = []
    for line in tail:
        if not _take_credit(line, credits, notes, "after-end-mark"):
            late.append(line)
    return late


def _take_credit(line: Line, credits: _Credits, notes: Notes, rule: str) -> bool:
    source = parse_source(line.text)
    if source is not None and credits.source is None:
        credits.source = source
        notes.origin("source", line.number, rule)
        return True
    authors = parse_authors(line.text) if source is None else ()
    if not authors:
        return False
    credits.authors += authors
    notes.origin("authors", line.number, rule)
    return True


def _take_credits_without_end_mark(
    lines: list[Line], credits: _Credits, notes: Notes
) -> list[Line]:
    """Look for credits from below: labelled ones are certain, a short last line is flagged."""
    while len(lines) > 1:
        line = lines[-1]
        if has_author_label(line.text) or parse_source(line.text):
            before = credits.authors
            credits.authors = ()
            taken = _take_credit(line, credits, notes, "labelled-credit")
            credits.authors += before
            if not taken:
                break
            lines.pop()
            continue
        short = len(line.text.split()) <= _LONGEST_AUTHOR
        if credits.authors or not short or _LIST_ITEM.match(line.text):
            break
        credits.authors = parse_authors(line.text)
        if not credits.authors:
            break
        notes.origin("authors", line.number, "short-last-line")
        notes.flag(
            "author-without-end-mark",
            line.number,
            f"no ./. above: is {line.text!r} the author or a part of the text?",
        )
        lines.pop()
        break
    return lines


def _join_lone_end_mark(lines: list[Line]) -> list[Line]:
    """An end mark on a line of its own belongs to the paragraph above it."""
    if len(lines) < 2 or not _ONLY_END_MARK.fullmatch(lines[-1].text):
        return lines
    *before, last, mark = lines
    return [*before, Line(last.number, f"{last.text}{mark.text}")]


def _read_body(lines: list[Line], notes: Notes) -> list[BodyItem]:
    items: list[BodyItem] = []
    shapes = [_caption_shaped(line, at, len(lines)) for at, line in enumerate(lines)]
    for shaped, group in groupby(zip(shapes, lines, strict=True), key=lambda pair: pair[0]):
        run = [line for _, line in group]
        verses = shaped and len(run) >= _POEM
        if verses:
            notes.flag(
                "verses-or-list",
                run[0].number,
                f"{len(run)} short lines in a row without a full stop: verses, a list or captions?",
                last_line=run[-1].number,
            )
        for line in run:
            field = f"body[{len(items)}]"
            if shaped and not verses:
                items.append(_read_caption(line, field, notes))
            else:
                items.append(_read_paragraph(line, field, notes, known=verses))
    return items


def _caption_shaped(line: Line, at: int, count: int) -> bool:
    """No full stop, at most 35 syllables, neither the first line nor the last."""
    return (
        0 < at < count - 1
        and not line.text.endswith(PARAGRAPH_END)
        and not _ends(line)
        and not _LIST_ITEM.match(line.text)
        and len(line.text.split()) <= _LONGEST_CAPTION
    )


def _read_caption(line: Line, field: str, notes: Notes) -> Figure:
    notes.origin(field, line.number, "caption")
    notes.flag(
        "caption-or-heading",
        line.number,
        f"taken as the caption of a lost picture, may be a sub-heading: {line.text!r}",
    )
    return Figure(line.text)


def _read_paragraph(line: Line, field: str, notes: Notes, *, known: bool) -> Paragraph:
    notes.origin(field, line.number, "paragraph")
    closed = line.text.endswith(PARAGRAPH_END) or _ends(line) or _LIST_ITEM.match(line.text)
    if not closed and not known:
        notes.flag("unpunctuated-paragraph", line.number, "a paragraph without a full stop")
    return Paragraph(line.text)


def _read_late_text(lines: list[Line], start: int, notes: Notes) -> list[BodyItem]:
    for at, line in enumerate(lines):
        notes.origin(f"body[{start + at}]", line.number, "after-end-mark")
    if lines:
        notes.flag(
            "text-after-end-mark",
            lines[0].number,
            "text below ./. that is neither author nor source; kept as the end of the body",
            last_line=lines[-1].number,
        )
    return [Paragraph(line.text) for line in lines]
