"""Unicode normal form C for text that nobody has checked yet."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# The Stream-Safe Text Format of UAX #15 allows 30 marks on a letter; no script needs them.
_MOST_MARKS = 30
# Runs without any of the blocks that hold no combining marks and make up nearly all text.
_UNUSUAL = re.compile(
    r"[^\x00-\u02ff\u1e00-\u20cf\u2100-\u2bff\u3100-\ua5ff\uac00-\ud7ff]"
    f"{{{_MOST_MARKS + 1},}}"
)


def compose(text: str) -> str:
    """Bring text into NFC; a letter keeps at most 30 marks.

    Ordering the marks of one letter takes time quadratic in their number, so that a file of
    nothing but marks would keep a processor busy for hours.
    """
    return unicodedata.normalize("NFC", _UNUSUAL.sub(_limit_marks, text))


def _limit_marks(match: re.Match[str]) -> str:
    return "".join(_limited(match[0]))


def _limited(text: str) -> Iterator[str]:
    marks = 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks <= _MOST_MARKS:
            yield letter
