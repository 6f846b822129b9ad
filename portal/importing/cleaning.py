"""From decoded text to the lines the grammar reads: NFC, plain spaces, no invisible characters."""

from __future__ import annotations

import re
from dataclasses import dataclass

from portal.importing.composing import compose
from portal.importing.syllables import is_syllable

_INVISIBLE = dict.fromkeys(
    (
        0x00AD,  # soft hyphen
        0x034F,
        0x061C,
        0x180E,
        *range(0x200B, 0x2010),  # zero-width space and joiners, direction marks
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        0xFEFF,
    )
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_LOST = re.compile("\ufffd")

# Eth and African D look like the Vietnamese letter in most fonts and were typed for it.
_LOOKALIKE = re.compile(r"\b[\u00d0\u0189\u00f0\u0256][^\W\d_]*")


@dataclass(frozen=True, slots=True)
class CleanText:
    """The lines of a file, in order; `changes` names what was removed and deserves a look.

    Each change is a pair of rule and the first line it happened on, counted from 1.
    """

    lines: tuple[str, ...]
    changes: tuple[tuple[str, int], ...]


def clean(text: str) -> CleanText:
    """Normalise text (lines end in LF) line by line; line numbers stay what an editor shows."""
    raw = text.split("\n")
    changes = []
    for rule, pattern in (("control-character", _CONTROLS), ("lost-character", _LOST)):
        line = next((number for number, line in enumerate(raw, 1) if pattern.search(line)), None)
        if line is not None:
            changes.append((rule, line))
    return CleanText(tuple(map(_clean_line, raw)), tuple(changes))


def _clean_line(line: str) -> str:
    visible = _CONTROLS.sub("", line.translate(_INVISIBLE))
    composed = compose(" ".join(visible.split()))
    return _LOOKALIKE.sub(_vietnamese_d, composed)


def _vietnamese_d(match: re.Match[str]) -> str:
    word = match[0]
    if not is_syllable(word):
        return word
    return ("Đ" if word[0] in "\u00d0\u0189" else "đ") + word[1:]
