"""Vietnamese encodings from before Unicode: TCVN3 (ABC), VNI for Windows and Windows-1258.

The first two draw Vietnamese letters in the places of Western ones, so such a text is read as
Windows-1252 first and its letters are exchanged afterwards. The same exchange repairs text that
was stored as Unicode while only its font was Vietnamese ("B¸o c¸o" under .VnTime).
"""

from __future__ import annotations

import codecs
import re

from portal.importing.composing import compose

# Bytes A1-AE, then the toned letters in the order of TCVN 5712:1993, without the five combining
# marks at B0-B4 and the places that Windows fonts leave empty.
_TCVN3_RUNS = {
    0xA1: "ĂÂÊÔƠƯĐăâêôơưđ",
    0xB5: "àảãáạ",
    0xBB: "ằẳẵắ",
    0xC6: "ặầẩẫấậè",
    0xCE: "ẻẽéẹềểễếệìỉ",
    0xDC: "ĩíịò",
    0xE1: "ỏõóọồổỗốộờởỡớợù",
    0xF1: "ủũúụừửữứựỳỷỹýỵ",
}
_TCVN3 = {
    start + offset: letter
    for start, letters in _TCVN3_RUNS.items()
    for offset, letter in enumerate(letters)
}

_GRAVE, _ACUTE, _TILDE, _HOOK, _DOT = "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"
_CIRCUMFLEX, _BREVE, _HORN = "\u0302", "\u0306", "\u031b"

# A VNI vowel is its plain letter followed by one letter that stands for the marks above it.
_VNI_TONES = {"ù": _ACUTE, "ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ï": _DOT}
_VNI_CIRCUMFLEX = {"â": "", "á": _ACUTE, "à": _GRAVE, "å": _HOOK, "ã": _TILDE, "ä": _DOT}
_VNI_BREVE = {"ê": "", "é": _ACUTE, "è": _GRAVE, "ú": _HOOK, "ü": _TILDE, "ë": _DOT}
_VNI_SINGLE = dict(zip("ñôöíìæóòî", "đơưíìỉĩịỵ", strict=True))
_VNI_PAIR = re.compile(
    "([aA])([ùøûõïâáàåãäêéèúüëÙØÛÕÏÂÁÀÅÃÄÊÉÈÚÜË])"
    "|([eoEO])([ùøûõïâáàåãäÙØÛÕÏÂÁÀÅÃÄ])"
    "|([iuyôöIUYÔÖ])([ùøûõïÙØÛÕÏ])"
    "|([ñôöíìæóòîÑÔÖÍÌÆÓÒÎ])"
)

_CAPITALS = re.compile("[A-Z]")
_SMALL_LETTERS = re.compile("[a-z]")
_WORD = re.compile(r"[^\W\d_]+")


# Windows-1252 leaves five bytes undefined; they become the control characters of Latin-1.
_WESTERN = "".join(
    bytes((byte,)).decode("cp1252" if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else "latin-1")
    for byte in range(256)
)


def decode_western(data: bytes) -> str:
    """Read bytes as Windows-1252; every byte sequence has an answer."""
    return codecs.charmap_decode(data, "strict", _WESTERN)[0]


_CP1258 = {
    ord(letter): bytes((byte,)).decode("cp1258", errors="replace")
    for byte, letter in enumerate(_WESTERN)
    if byte >= 0x80
}


def from_cp1258(western: str) -> str:
    """Read a Windows-1258 text, already read as Windows-1252, anew (NFC).

    A byte that Windows-1258 leaves undefined becomes U+FFFD.
    """
    return compose(western.translate(_CP1258))


def from_tcvn3(western: str) -> str:
    """Exchange the letters of a TCVN3 text read as Windows-1252 for Vietnamese ones (NFC).

    TCVN3 has no toned capitals: they were small letters in a capital font. A line or word whose
    other letters are capitals gets them back; a single toned initial cannot be told and stays.
    """
    lines = western.translate(_TCVN3).split("\n")
    plain = western.split("\n")
    return "\n".join(map(_restore_capitals, lines, plain))


def _restore_capitals(line: str, western: str) -> str:
    if not any(len(_CAPITALS.findall(word)) > 1 for word in western.split()):
        return line
    if not _SMALL_LETTERS.search(western):
        return line.upper()
    return _WORD.sub(_restore_word, line)


def _restore_word(match: re.Match[str]) -> str:
    word = match[0]
    if len(_CAPITALS.findall(word)) > 1 and not _SMALL_LETTERS.search(word):
        return word.upper()
    return word


def from_vni(western: str) -> str:
    """Compose the letter pairs of a VNI text read as Windows-1252 into Vietnamese ones (NFC)."""
    return compose(_VNI_PAIR.sub(_compose_vni, western))


def _compose_vni(match: re.Match[str]) -> str:
    single = match[7]
    if single is not None:
        letter = _VNI_SINGLE[single.lower()]
        return letter.upper() if single.isupper() else letter
    base = match[1] or match[3] or match[5]
    mark = (match[2] or match[4] or match[6]).lower()
    if mark in _VNI_TONES:
        letter = _VNI_SINGLE.get(base.lower(), base.lower()) + _VNI_TONES[mark]
    elif mark in _VNI_CIRCUMFLEX:
        letter = base.lower() + _CIRCUMFLEX + _VNI_CIRCUMFLEX[mark]
    else:
        letter = base.lower() + _BREVE + _VNI_BREVE[mark]
    return letter.upper() if base.isupper() else letter
