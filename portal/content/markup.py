"""Sanitised HTML as tokens. Only for the sanitiser's own output, which is always well formed.

In that output every `<` of the text is escaped, every attribute value stands in double quotes
and every element that is not void is closed, so a pattern reads it exactly.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Literal

VOID = frozenset({"br", "col", "hr", "img", "wbr"})

_TOKEN = re.compile(
    r"""<(?P<end>/)?(?P<name>[a-z][a-z0-9]*)(?P<attributes>(?:\s+[a-z][a-z-]*="[^"]*")*)\s*/?>"""
)
_ATTRIBUTE = re.compile(r"""([a-z][a-z-]*)="([^"]*)\"""")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of HTML: `text` (escaped, as it stands), or the start or end of element `name`."""

    kind: Literal["text", "start", "end"]
    name: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    def __str__(self) -> str:
        if self.kind == "text":
            return self.text
        if self.kind == "end":
            return f"</{self.name}>"
        attributes = "".join(
            f' {name}="{html.escape(value)}"' for name, value in self.attributes.items()
        )
        return f"<{self.name}{attributes}>"


def read_tokens(source: str) -> Iterator[Token]:
    """The tokens of sanitised HTML in order."""
    at = 0
    for match in _TOKEN.finditer(source):
        if match.start() > at:
            yield Token("text", text=source[at : match.start()])
        at = match.end()
        if match["end"]:
            yield Token("end", match["name"])
        else:
            attributes = {
                name: html.unescape(value)
                for name, value in _ATTRIBUTE.findall(match["attributes"])
            }
            yield Token("start", match["name"], attributes)
    if at < len(source):
        yield Token("text", text=source[at:])


def write_tokens(tokens: Iterable[Token]) -> str:
    """The HTML of tokens."""
    return "".join(map(str, tokens))


def plain_text(tokens: Iterable[Token]) -> str:
    """The text of tokens on one line, without markup."""
    pieces = (
        html.unescape(token.text) if token.kind == "text" else " " if token.name == "br" else ""
        for token in tokens
    )
    return " ".join("".join(pieces).split())
