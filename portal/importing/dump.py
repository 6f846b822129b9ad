"""What reading a text dump gives: frozen values with the place each came from.

A dump is what a reader saw on an article page of the old system, saved as plain text. Nothing in
it is guessed silently: where the text allows two readings there is a flag for a person to decide.
All text is NFC. Lines are counted from 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from datetime import time

from portal.content.values import Author
from portal.content.values import Precision
from portal.content.values import Source
from portal.errors import ImportRefused


class DumpRefused(ImportRefused):
    """A file that is no readable dump: which file, which line, why and what to do."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a field of the result stands in the file, and the rule that took it from there.

    `field` is `headline`, `lead`, `published`, `body[0]`, `authors`, `source`, `related[0]` or
    `raw[0]`.
    """

    field: str
    file: str
    first_line: int
    last_line: int
    rule: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A place that a person has to look at, named by a stable `rule`."""

    rule: str
    first_line: int
    last_line: int
    message: str


@dataclass(frozen=True, slots=True)
class Published:
    """The publication day as printed, with the time of day where the page showed one.

    Both are local to the old site.
    """

    day: date
    time: time | None

    @property
    def precision(self) -> Precision:
        """`minute` where a time of day is known."""
        return "day" if self.time is None else "minute"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the body."""

    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture of which the dump kept only the caption."""

    caption: str


BodyItem = Paragraph | Figure


@dataclass(frozen=True, slots=True)
class RelatedTitle:
    """An article the page linked to: the link is lost, title and day remain."""

    title: str
    day: date | None


@dataclass(frozen=True, slots=True)
class RawBlock:
    """Text kept without being understood. `ident` is empty before the first marker."""

    ident: str
    text: str


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes were read; `confidence` runs from 0 to 1.

    `declared` says that the caller named the encoding and nothing was guessed.
    """

    name: str
    confidence: float
    declared: bool = False


@dataclass(frozen=True, slots=True)
class Dump:
    """One article as a text dump holds it.

    `content_hash` is the SHA-256 of the cleaned text, so the same page saved in another encoding
    or with other line ends is the same content. `system` is the site name of the first marker.
    """

    file: str
    system: str
    content_hash: str
    encoding: Encoding
    headline: str
    lead: str
    published: Published | None
    body: tuple[BodyItem, ...]
    end_mark: bool
    authors: tuple[Author, ...]
    source: Source | None
    related: tuple[RelatedTitle, ...]
    raw: tuple[RawBlock, ...]
    flags: tuple[Flag, ...]
    origins: tuple[Origin, ...]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The texts of the paragraphs, without captions."""
        return tuple(item.text for item in self.body if isinstance(item, Paragraph))

    @property
    def captions(self) -> tuple[str, ...]:
        """The captions of the figures."""
        return tuple(item.caption for item in self.body if isinstance(item, Figure))

    def origin(self, field: str) -> Origin | None:
        """Where a field came from; nothing for a field the dump does not have."""
        return next((origin for origin in self.origins if origin.field == field), None)
