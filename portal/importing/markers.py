"""The outermost grammar of a dump: marker lines cut the file into the blocks of the old page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from portal.importing.dump import DumpRefused

TOOLBAR = "BanTin_Toolbar"
VIEW_DATA = "BanTin_ViewData"
RELATED = "BanTin_Related"

PARAGRAPH_END = (".", "!", "?", "…", ":", ";", "”", '"', "»")

_MARKER = re.compile(r"(?P<site>\S.{0,63}?)\s*[-–—]\s*Block_(?P<ident>[A-Za-z0-9_]{1,80})")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank, with its number in the file, counted from 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class MarkedBlock:
    """One block: its marker (`ident`, `site`, line) and the lines up to the next marker.

    The text before the first marker is a block with an empty `ident`.
    """

    ident: str
    site: str
    marker_line: int
    lines: tuple[Line, ...]

    @property
    def last_line(self) -> int:
        """The last line that is not blank; the marker's where there is none."""
        return self.lines[-1].number if self.lines else self.marker_line

    @property
    def text(self) -> str:
        """The lines as they stand, blank ones left out."""
        return "\n".join(line.text for line in self.lines)


def cut_into_blocks(lines: Sequence[str], *, file: str) -> tuple[MarkedBlock, ...]:
    """Cut a file at its markers; raise `DumpRefused` where there is none."""
    blocks: list[MarkedBlock] = []
    ident, site, marker_line = "", "", 1
    inside: list[Line] = []
    for number, text in enumerate(lines, start=1):
        match = _MARKER.fullmatch(text) if "Block_" in text else None
        if match is not None:
            blocks.append(MarkedBlock(ident, site, marker_line, tuple(inside)))
            ident, site, marker_line = match["ident"], match["site"], number
            inside = []
        elif text:
            inside.append(Line(number, text))
    blocks.append(MarkedBlock(ident, site, marker_line, tuple(inside)))
    if len(blocks) == 1:
        first = inside[0].number if inside else 1
        raise DumpRefused(
            file,
            first,
            "no line of the form 'Site - Block_Name', such as"
            f" 'PublishingPortal - Block_{TOOLBAR}': this is not a PublishingPortal dump",
        )
    return tuple(block for block in blocks if block.ident or block.lines)
