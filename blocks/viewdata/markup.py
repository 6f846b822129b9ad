"""Reads canonical HTML as a flat run of tags and text, without building a tree.

The sanitiser serialises every body the way HTML 5 prescribes: lower-case names, double-quoted
attributes, every element closed. A scan is then exact, linear in the length of the body, and
leaves whatever it does not know as it found it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?:[^\"<>]|\"[^\"]*\")*)>")
_ATTRIBUTE = re.compile(r"([^\s=\"]+)(?:=\"([^\"]*)\")?")


@dataclass(frozen=True, slots=True)
class Token:
    """A tag (`name` is set) or a run of text between tags. `source` is its HTML as written."""

    source: str
    name: str = ""
    closing: bool = False

    def opens(self, *names: str) -> bool:
        """Whether this is the start tag of one of these elements."""
        return not self.closing and self.name in names and self.name != ""

    def closes(self, *names: str) -> bool:
        """Whether this is the end tag of one of these elements."""
        return self.closing and self.name in names

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes of a start tag, character references resolved."""
        inner = self.source[len(self.name) + 1 : -1]
        return {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(inner)}

    def with_attributes(self, **attributes: str) -> Token:
        """The same start tag with attributes added; `data_label` is written `data-label`."""
        added = "".join(
            f' {name.replace("_", "-")}="{html.escape(value)}"'
            for name, value in attributes.items()
        )
        return Token(f"{self.source[:-1]}{added}>", self.name)


def read_tokens(source: str) -> Iterator[Token]:
    """Cut HTML into tags and text; joining the sources gives `source` back."""
    position = 0
    for match in _TAG.finditer(source):
        if match.start() > position:
            yield Token(source[position : match.start()])
        yield Token(match[0], match[2], bool(match[1]))
        position = match.end()
    if position < len(source):
        yield Token(source[position:])


def write_tokens(tokens: Iterable[Token]) -> str:
    """The HTML of a run of tokens."""
    return "".join(token.source for token in tokens)


def text_of(tokens: Iterable[Token]) -> str:
    """The words between the tags, with single spaces."""
    words = "".join(html.unescape(token.source) for token in tokens if not token.name)
    return " ".join(words.split())
