"""Vietnamese text: one stored form, and the keys that find, sort, compare and shorten it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

_REMOVED = {
    code: None
    for first, last in (
        (0x00, 0x08),
        (0x0B, 0x1F),
        (0x7F, 0x9F),
        (0x202A, 0x202E),  # embeddings and overrides of direction: they leak out of their text
        (0xFEFF, 0xFEFF),
    )
    for code in range(first, last + 1)
}
# Icelandic eth and African d look like the Vietnamese đ; old fonts and OCR mix them up.
_LOOKALIKES = {0x00D0: "Đ", 0x0189: "Đ", 0x00F0: "đ", 0x0256: "đ"}
_REPAIRS = _REMOVED | _LOOKALIKES | {code: "\ufffd" for code in range(0xD800, 0xE000)}
_NEEDS_REPAIR = re.compile(f"[{''.join(map(chr, _REMOVED | _LOOKALIKES))}\ud800-\udfff]")
_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")

_LINE_END = re.compile(r"\r\n?|[\u0085\u2028\u2029]")
_END_MARK = re.compile(r"\s*(?:\./\.|/\.|\./)\s*$")
_SPACES = re.compile(r"\s+")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_NOT_WORD = re.compile(r"[\W_]+")

_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: the order of dictionaries
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANKS = {letter: rank for rank, letter in enumerate(_ALPHABET, start=0x100)}


def _tone_placements() -> Mapping[str, str]:
    """From the newer placement of a tone to the older one: `oà` to `òa`."""
    return {
        unicodedata.normalize("NFC", pair + tone): unicodedata.normalize(
            "NFC", pair[0] + tone + pair[1]
        )
        for pair in ("oa", "oe", "uy")
        for tone in _TONES
    }


_PLACEMENTS = _tone_placements()
# Only in open syllables (`hoà`, not `hoàng`), and not after q, where u is no vowel (`quý`).
_PLACED = re.compile(rf"(?<!q)(?:{'|'.join(_PLACEMENTS)})(?![^\W\d_])")


def normalise(text: str) -> str:
    """The form in which all text is stored.

    NFC; line ends are newlines; control characters, overrides of direction and byte order marks
    are gone; lone surrogates become U+FFFD; look-alikes of Đ and đ become these letters.
    """
    text = _LINE_END.sub("\n", text)
    if _NEEDS_REPAIR.search(text):  # rare, and looking is far cheaper than translating
        text = text.translate(_REPAIRS)
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """Normalised text with every run of white space, also no-break, as one space."""
    return _SPACES.sub(" ", normalise(text)).strip()


def is_storable(text: str) -> bool:
    """Whether either database takes a text: bytes that were no UTF-8 are in it as half a pair."""
    return _NOT_STORABLE.search(text) is None


def fold(text: str) -> str:
    """Without case, marks and đ, as one types without Vietnamese keys: `Đường` is `duong`."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return bare.replace("đ", "d").replace("ð", "d").replace("ɖ", "d")


def match_key(text: str) -> str:
    """Equal for spellings of the same words: case, punctuation and tone placement do not count.

    `Hoà bình!` and `hòa bình` are the same, `hoa bình` is not.
    """
    composed = unicodedata.normalize("NFC", text.casefold())
    placed = _PLACED.sub(lambda match: _PLACEMENTS[match[0]], composed)
    return _NOT_WORD.sub(" ", placed).strip()


def slugify(text: str, limit: int = 80) -> str:
    """ASCII words joined by hyphens, cut between words; empty when no letter or digit is left."""
    slug = _NOT_SLUG.sub("-", fold(text)).strip("-")
    if len(slug) <= limit:
        return slug
    cut = slug[: limit + 1].rpartition("-")[0]
    return cut or slug[:limit]


@lru_cache(maxsize=4096)
def _letter_key(letter: str) -> tuple[int, int]:
    """Rank of a letter in the alphabet, and of its tone."""
    decomposed = unicodedata.normalize("NFD", letter)
    tone = next((_TONES.index(mark) + 1 for mark in decomposed if mark in _TONES), 0)
    toneless = "".join(mark for mark in decomposed if mark not in _TONES)
    bare = unicodedata.normalize("NFC", toneless)
    return _RANKS.get(bare, ord(bare[0]) + (0x1000 if ord(bare[0]) > 0x7F else 0)), tone


def vi_sort_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """Dictionary order: letters (a ă â b c d đ …), then tones, then lower before upper case."""
    composed = unicodedata.normalize("NFC", text)
    keys = [_letter_key(letter) for letter in unicodedata.normalize("NFC", composed.casefold())]
    return tuple(key[0] for key in keys), tuple(key[1] for key in keys), composed.swapcase()


def count_syllables(text: str) -> int:
    """How many written syllables (or words, in other languages) the text has."""
    return sum(any(letter.isalnum() for letter in token) for token in text.split())


def similar_titles(first: str, second: str) -> bool:
    """Whether two titles are the same to a reader: equal when folded, or nine of ten syllables."""
    one, two = _title_words(first), _title_words(second)
    if one == two:
        return True
    together = set(one) | set(two)
    return bool(together) and len(set(one) & set(two)) / len(together) >= 0.9


@lru_cache(maxsize=8192)
def _title_words(title: str) -> tuple[str, ...]:
    # Remembered: one page compares its headline with those of all candidates.
    return tuple(_NOT_WORD.sub(" ", fold(title)).split())


def excerpt(text: str, limit: int = 160) -> str:
    """At most `limit` characters on one line, cut between words, without the end mark `./.`."""
    line = _END_MARK.sub("", one_line(text))
    if len(line) <= limit:
        return line
    cut = line[:limit].rpartition(" ")[0] or line[: limit - 1]
    return cut.rstrip(" ,;:–-") + "…"
