"""Recognises the same story under almost the same headline."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

SAME_FROM = 0.9
"""Share of common syllables from which two headlines count as one."""

_WORD = re.compile(r"[a-z0-9]+")


def syllables_of(title: str) -> frozenset[str]:
    """The headline's syllables without case, marks and punctuation.

    Without marks the two ways to place a tone (hoá, hóa) are equal, and so are NFC and NFD.
    """
    folded = unicodedata.normalize("NFD", title.casefold().replace("đ", "d"))
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return frozenset(_WORD.findall(bare))


def is_same_story(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two headlines share at least nine of ten syllables (Jaccard index)."""
    union = len(one | other)
    return union > 0 and len(one & other) / union >= SAME_FROM


class Headlines:
    """Headlines met so far, to keep the first of each story."""

    def __init__(self, titles: Iterable[str] = ()) -> None:
        self._known = [syllables_of(title) for title in titles]

    def is_new(self, title: str) -> bool:
        """Whether no headline like this was met before; it counts as met from now on."""
        syllables = syllables_of(title)
        if any(is_same_story(syllables, known) for known in self._known):
            return False
        self._known.append(syllables)
        return True
