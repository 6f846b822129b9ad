"""Reading one dump: bytes in, a frozen `Dump` out, nothing else touched."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from portal.importing.cleaning import CleanText
from portal.importing.cleaning import clean
from portal.importing.decoding import Decoded
from portal.importing.decoding import decode
from portal.importing.dump import Dump
from portal.importing.dump import DumpRefused
from portal.importing.dump import RawBlock
from portal.importing.dump import RelatedTitle
from portal.importing.markers import RELATED
from portal.importing.markers import TOOLBAR
from portal.importing.markers import VIEW_DATA
from portal.importing.markers import MarkedBlock
from portal.importing.markers import cut_into_blocks
from portal.importing.notes import Notes
from portal.importing.related_titles import read_related
from portal.importing.toolbar import read_toolbar
from portal.importing.view_data import read_view_data

_CHANGES = {
    "control-character": "control characters were removed",
    "lost-character": "the dump holds a replacement character: a letter was lost before",
}


def read_dump(data: bytes, *, file: str, encoding: str | None = None) -> Dump:
    """Read the bytes of one text dump.

    `file` names the dump in messages and origins; `encoding` overrides the detection. Raises
    `ImportRefused` with file, line and reason for anything that is not a dump.
    """
    decoded = decode(data, file=file, encoding=encoding)
    text = clean(decoded.text)
    notes = Notes(file)
    blocks = cut_into_blocks(text.lines, file=file)
    toolbar_block = _only(TOOLBAR, blocks, file)
    view_data_block = _only(VIEW_DATA, blocks, file)
    toolbar = read_toolbar(toolbar_block, notes)
    view_data = read_view_data(view_data_block, notes)
    related = _read_all_related(blocks, notes)
    raw = _keep_unknown(blocks, (toolbar_block, view_data_block), notes)
    _flag_damage(decoded, text, notes)
    return Dump(
        file=file,
        system=toolbar_block.site,
        content_hash=hashlib.sha256("\n".join(text.lines).strip().encode()).hexdigest(),
        encoding=decoded.encoding,
        headline=toolbar.headline,
        lead=toolbar.lead,
        published=toolbar.published,
        body=view_data.body,
        end_mark=view_data.end_mark,
        authors=view_data.authors,
        source=view_data.source,
        related=related,
        raw=raw,
        flags=tuple(sorted(notes.flags, key=lambda flag: flag.first_line)),
        origins=tuple(notes.origins),
    )


def _only(ident: str, blocks: Sequence[MarkedBlock], file: str) -> MarkedBlock:
    """The first block of that name; without one, headline or body would have to be guessed."""
    for block in blocks:
        if block.ident == ident:
            return block
    found = ", ".join(f"Block_{block.ident}" for block in blocks if block.ident)
    what = "headline and date stand" if ident == TOOLBAR else "the body stands"
    raise DumpRefused(
        file,
        blocks[0].marker_line,
        f"no line 'PublishingPortal - Block_{ident}', below which {what} (found: {found});"
        " add the line where that block begins",
    )


def _read_all_related(blocks: Sequence[MarkedBlock], notes: Notes) -> tuple[RelatedTitle, ...]:
    related: tuple[RelatedTitle, ...] = ()
    for block in blocks:
        if block.ident == RELATED:
            related += read_related(block, notes, len(related))
    return related


def _keep_unknown(
    blocks: Sequence[MarkedBlock], used: Sequence[MarkedBlock], notes: Notes
) -> tuple[RawBlock, ...]:
    raw: list[RawBlock] = []
    for block in blocks:
        if block in used or block.ident == RELATED:
            continue
        if not block.ident:
            first, rule = block.lines[0].number, "text-before-first-marker"
            message = "text before the first marker is kept but not part of the article"
        elif block.ident in (TOOLBAR, VIEW_DATA):
            first, rule = block.marker_line, "repeated-block"
            message = f"a second Block_{block.ident} is kept but not part of the article"
        else:
            first, rule = block.marker_line, "unknown-block"
            message = f"Block_{block.ident} is kept but not part of the article"
        notes.flag(rule, first, message, last_line=block.last_line)
        notes.origin(f"raw[{len(raw)}]", first, rule, last_line=block.last_line)
        raw.append(RawBlock(block.ident, block.text))
    return tuple(raw)


def _flag_damage(decoded: Decoded, text: CleanText, notes: Notes) -> None:
    for rule, line in text.changes:
        notes.flag(rule, line, _CHANGES[rule])
    if decoded.truncated:
        notes.flag("cut-file", len(text.lines), "the file ends within a character: text is missing")
