"""Vietnamese text: one normal form, folding for search and slugs, order, syllables."""

from __future__ import annotations

import re
import unicodedata

_LOOKALIKES = str.maketrans({"\u00d0": "Đ", "\u0189": "Đ", "\u0256": "đ"})
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2060\ufeff\u202a-\u202e]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_WORDS = re.compile(r"[^\W_]+", re.UNICODE)
_END_MARK = re.compile(r"\s*(?:\./\.|/\.|\./)\s*$")

# Tone marks in the order the alphabet sorts them: none, grave, hook, tilde, acute, dot below.
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: rank for rank, letter in enumerate(_ALPHABET, start=100)}
# In oa, oe and uy the tone stands on either vowel; both spellings are the same word.
_OPEN_PAIRS = ("oa", "oe", "uy")


def normalise(text: str) -> str:
    """Text as it is stored: NFC, line feeds only, no controls, no lone surrogates."""
    text = _SURROGATES.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _CONTROLS.sub("", unicodedata.normalize("NFC", text.translate(_LOOKALIKES)))


def normalise_line(text: str) -> str:
    """The same for one line: every run of white space, no-break spaces too, becomes one space."""
    return " ".join(normalise(text).split())


def fold(text: str) -> str:
    """Text without marks and case, for readers who type without them: `Đường` → `duong`."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return bare.replace("đ", "d")


def match_key(text: str) -> str:
    """Text with one spelling for each word: `hoà` and `hòa` give the same key, `quý` stays."""
    return " ".join(_canonical(word) for word in _WORDS.findall(normalise(text).casefold()))


def _canonical(word: str) -> str:
    """Move the tone of an open oa, oe, uy onto the first vowel."""
    bare, tone = _split_tone(word)
    plain = bare
    for pair in _OPEN_PAIRS:
        if plain.endswith(pair) and not (pair == "uy" and plain.startswith("q")):
            position = len(plain) - 2
            return unicodedata.normalize("NFC", plain[: position + 1] + tone + plain[position + 1 :])
    return word


def _split_tone(word: str) -> tuple[str, str]:
    tone, letters = "", []
    for letter in unicodedata.normalize("NFD", word):
        if letter in _TONES:
            tone = letter
        else:
            letters.append(letter)
    return unicodedata.normalize("NFC", "".join(letters)), tone


def slug(text: str, longest: int = 80) -> str:
    """ASCII words joined by hyphens, cut at a word: `Lễ hội trà` → `le-hoi-tra`."""
    words = re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")
    if len(words) <= longest:
        return words or "bai"
    return words[: longest + 1].rpartition("-")[0] or words[:longest]


def vietnamese_order(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A sort key: letters of the Vietnamese alphabet first, then tones."""
    letters: list[int] = []
    tones: list[int] = []
    for letter in unicodedata.normalize("NFC", text.casefold()):
        bare, tone = _split_tone(letter)
        letters.append(_RANK.get(bare, ord(bare[0]) if bare and ord(bare[0]) < 97 else 1000))
        tones.append(_TONES.get(tone, 0))
    return tuple(letters), tuple(tones)


def syllables(text: str) -> int:
    """How many syllables (written words) the text has."""
    return len(_WORDS.findall(text))


def same_title(first: str, second: str) -> bool:
    """Whether two headlines are the same or nearly so (nine of ten syllables shared)."""
    one, two = (set(fold(match_key(title)).split()) for title in (first, second))
    if not one or not two:
        return False
    return one == two or len(one & two) / len(one | two) >= 0.9


def without_end_mark(text: str) -> str:
    """The text without the `./.` that closes official texts."""
    return _END_MARK.sub(".", text) if _END_MARK.search(text) else text


def excerpt(text: str, longest: int = 160) -> str:
    """The beginning of a text, cut at a word, without end mark."""
    line = " ".join(without_end_mark(text).split())
    if len(line) <= longest:
        return line
    return line[: longest - 1].rpartition(" ")[0].rstrip(" ,;:–-") + "…"
