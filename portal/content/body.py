"""Reads the stored body of an article: its pictures, its parts, its plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from portal.content.markup import VOID
from portal.content.markup import Token
from portal.content.markup import plain_text
from portal.content.markup import read_tokens
from portal.content.markup import write_tokens
from portal.content.values import BodyPart
from portal.content.values import FigurePart
from portal.content.values import Html
from portal.content.values import HtmlPart
from portal.content.values import Image

# Paragraphs of the plain text end where one of these begins or ends.
_BLOCKS = frozenset(
    {
        "aside",
        "blockquote",
        "caption",
        "dd",
        "details",
        "dl",
        "dt",
        "h2",
        "h3",
        "h4",
        "hr",
        "li",
        "ol",
        "p",
        "summary",
        "table",
        "tr",
        "ul",
    }
)
_SPACES = re.compile(r"[ \t\r\n]+")
_LINES = re.compile(r" *\n[\n ]*")
_MEDIA = re.compile(r'<figure data-media="(\d{1,18})">')


def media_in(body: str) -> set[int]:
    """The ids of the pictures that a stored body refers to."""
    return {int(number) for number in _MEDIA.findall(body)}


def split_body(body: str, images: Mapping[int, Image]) -> tuple[BodyPart, ...]:
    """A stored body as runs of HTML and the pictures between them.

    A figure is a picture when it refers to one or holds nothing but a caption; figures around a
    table or a quotation stay HTML. A picture that is gone and had no caption leaves nothing.
    """
    parts: list[BodyPart] = []
    run: list[Token] = []
    for element in _elements(body):
        figure = _as_figure(element, images)
        if figure is None:
            run += element
            continue
        _flush(run, parts)
        run = []
        if figure.image is not None or figure.caption:
            parts.append(figure)
    _flush(run, parts)
    return tuple(parts)


def _flush(run: list[Token], parts: list[BodyPart]) -> None:
    source = write_tokens(run).strip()
    if source:
        parts.append(HtmlPart(Html(source)))


def _elements(body: str) -> list[list[Token]]:
    """The outermost elements and texts of a body, each as its tokens."""
    elements: list[list[Token]] = []
    depth = 0
    for token in read_tokens(body):
        if depth == 0:
            elements.append([])
        elements[-1].append(token)
        if token.kind == "start" and token.name not in VOID:
            depth += 1
        elif token.kind == "end":
            depth -= 1
    return elements


def _as_figure(element: list[Token], images: Mapping[int, Image]) -> FigurePart | None:
    first = element[0]
    if first.kind != "start" or first.name != "figure":
        return None
    number = first.attributes.get("data-media")
    names = [token.name for token in element[1:-1] if token.kind == "start"]
    if number is None and names[:1] != ["figcaption"]:
        return None
    image = images.get(int(number)) if number is not None else None
    caption = plain_text(element) or (image.caption if image is not None else "")
    return FigurePart(image, caption, image.credit if image is not None else "")


def text_of(body: str) -> str:
    """The plain text of a sanitised body: one paragraph a line, captions of pictures left out."""
    pieces: list[str] = []
    hidden = 0
    for token in read_tokens(body):
        if token.name == "figcaption":
            hidden += 1 if token.kind == "start" else -1
        elif token.kind == "text" and not hidden:
            pieces.append(_SPACES.sub(" ", html.unescape(token.text).replace("\u00a0", " ")))
        elif token.name in _BLOCKS or token.name == "br":
            pieces.append("\n")
        elif token.name in {"td", "th"} and token.kind == "end":
            pieces.append(" ")
    return _LINES.sub("\n", "".join(pieces)).strip()
