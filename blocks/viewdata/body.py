"""Turns the stored body of an article into what this page shows of it.

The store keeps neutral HTML: headings from `h2`, no ids. Only here is it known which heading
level the page leaves to the block, which prefix keeps ids unique, and which links lead away.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from urllib.parse import urlsplit

from blocks.viewdata.tables import TableMode
from blocks.viewdata.tables import Translate
from blocks.viewdata.tables import end_of
from blocks.viewdata.tables import frame_table
from blocks.viewdata.tables import opens
from blocks.viewdata.tables import with_attributes
from portal.block import Token
from portal.block import plain_text
from portal.block import read_tokens
from portal.block import slugify
from portal.block import write_tokens
from portal.content.values import BodyPart
from portal.content.values import FigurePart
from portal.content.values import Html
from portal.content.values import HtmlPart

_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_SLUG_LENGTH = 48
_END_MARK = re.compile(r"\.?/\.((?:</[a-z0-9]+>|\s)*)$")
_SENTENCE_ENDS = (".", "!", "?", "…", "”", '"')


@dataclass(frozen=True, slots=True)
class ContentsEntry:
    """A line of the table of contents: the id of a heading and its words."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Body:
    """A body ready for the template: its parts in order, and its first-level headings."""

    parts: tuple[BodyPart, ...]
    contents: tuple[ContentsEntry, ...]


@dataclass(slots=True)
class BodyWriter:
    """Prepares body HTML for one placement.

    `key` prefixes ids, `level` is the level of the body's first headings (2 to 6), `base_url`
    tells links within the portal from links that leave it, `translate` gives catalog texts.
    """

    key: str
    level: int
    base_url: str
    table_mode: TableMode
    keep_end_mark: bool
    translate: Translate
    _entries: list[ContentsEntry] = field(default_factory=list)
    _slugs: set[str] = field(default_factory=set)
    _tables: int = 0

    def write(self, parts: Iterable[BodyPart]) -> Body:
        """The parts with ids, levels, table regions and link hints; figures pass unchanged."""
        written = [self._write_part(part) for part in parts]
        if not self.keep_end_mark:
            written = drop_end_mark(written)
        return Body(tuple(written), tuple(self._entries))

    def _write_part(self, part: BodyPart) -> BodyPart:
        if isinstance(part, FigurePart):
            return part
        tokens = self._adapt(list(read_tokens(part.html.source)))
        return HtmlPart(Html(write_tokens(tokens)))

    def _adapt(self, tokens: Sequence[Token]) -> list[Token]:
        adapted: list[Token] = []
        position = 0
        while position < len(tokens):
            if opens(tokens[position], "table"):
                end = end_of(tokens, position)
                table = [piece for i in range(position, end) for piece in self._piece(tokens, i)]
                self._tables += 1
                adapted += frame_table(table, self._tables, self.table_mode, self.translate)
                position = end
            else:
                adapted += self._piece(tokens, position)
                position += 1
        return adapted

    def _piece(self, tokens: Sequence[Token], position: int) -> list[Token]:
        token = tokens[position]
        if token.name in _HEADINGS:
            return [self._heading(tokens, position)]
        if opens(token, "a") and self._leaves(token):
            return [with_attributes(token, {"data-external": ""})]
        if token.kind == "end" and token.name == "a" and self._leaves(_link(tokens, position)):
            return [*self._hint(), token]
        return [token]

    def _heading(self, tokens: Sequence[Token], position: int) -> Token:
        token = tokens[position]
        renamed = replace(token, name=f"h{min(int(token.name[1]) - 2 + self.level, 6)}")
        if token.kind == "end" or token.name != "h2":
            return renamed
        text = plain_text(tokens[position : end_of(tokens, position)])
        if not text:
            return renamed
        entry = ContentsEntry(f"{self.key}-{self._unique_slug(text)}", text)
        self._entries.append(entry)
        return with_attributes(renamed, {"id": entry.id})

    def _unique_slug(self, text: str) -> str:
        slug = first = f"s-{slugify(text, _SLUG_LENGTH) or 'x'}"
        count = 1
        while slug in self._slugs:
            count += 1
            slug = f"{first}-{count}"
        self._slugs.add(slug)
        return slug

    def _leaves(self, link: Token | None) -> bool:
        if link is None:
            return False
        try:
            host = urlsplit(link.attributes.get("href", "")).netloc.lower()
        except ValueError:
            return False
        return bool(host) and host != urlsplit(self.base_url).netloc.lower()

    def _hint(self) -> list[Token]:
        hint = html.escape(f" ({self.translate('external_link')})")
        hidden = Token("start", "span", {"class": "visually-hidden"})
        return [hidden, Token("text", text=hint), Token("end", "span")]


def _link(tokens: Sequence[Token], end: int) -> Token | None:
    """The start tag of the link that ends at `end`; links never stand within links."""
    return next((tokens[i] for i in range(end, -1, -1) if opens(tokens[i], "a")), None)


def drop_end_mark(parts: Sequence[BodyPart]) -> list[BodyPart]:
    """The parts without the closing `./.` of official texts."""
    kept = list(parts)
    for position in range(len(kept) - 1, -1, -1):
        part = kept[position]
        if isinstance(part, HtmlPart):
            kept[position] = HtmlPart(Html(without_end_mark(part.html.source)))
            break
    return kept


def without_end_mark(text: str) -> str:
    """Text or HTML without a closing `./.` or `/.`; its last sentence keeps its full stop."""
    mark = _END_MARK.search(text)
    if mark is None:
        return text
    rest = text[: mark.start()].rstrip()
    return f"{rest}{'' if rest.endswith(_SENTENCE_ENDS) else '.'}{mark[1]}"
