"""Dumps of our own invention and writers for the encodings they may arrive in."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

DUMPS = Path(__file__).parents[2] / "data" / "dumps"

_TONES = "\u0300\u0309\u0303\u0301\u0323"

# Each row: a vowel, then its codes plain and with grave, hook, tilde, acute, dot below.
_TCVN3_ROWS = """
a 61 B5 B6 B7 B8 B9
ă A8 BB BC BD BE C6
â A9 C7 C8 C9 CA CB
e 65 CC CE CF D0 D1
ê AA D2 D3 D4 D5 D6
i 69 D7 D8 DC DD DE
o 6F DF E1 E2 E3 E4
ô AB E5 E6 E7 E8 E9
ơ AC EA EB EC ED EE
u 75 EF F1 F2 F3 F4
ư AD F5 F6 F7 F8 F9
y 79 FA FB FC FD FE
"""
_TCVN3_CAPITALS = dict(zip("ĂÂÊÔƠƯĐđ", b"\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xae", strict=True))

_VNI_ROWS = """
a a aø aû aõ aù aï
ă aê aè aú aü aé aë
â aâ aà aå aã aá aä
e e eø eû eõ eù eï
ê eâ eà eå eã eá eä
i i ì æ ó í ò
o o oø oû oõ où oï
ô oâ oà oå oã oá oä
ơ ô ôø ôû ôõ ôù ôï
u u uø uû uõ uù uï
ư ö öø öû öõ öù öï
y y yø yû yõ yù î
"""


def _table(rows: str) -> dict[str, str]:
    table = {}
    for row in rows.split("\n"):
        if row:
            vowel, *codes = row.split()
            for tone, code in zip(("", *_TONES), codes, strict=True):
                table[unicodedata.normalize("NFC", vowel + tone)] = code
    return table


_TCVN3 = {letter: int(code, 16) for letter, code in _table(_TCVN3_ROWS).items()}
_VNI = _table(_VNI_ROWS) | {"đ": "ñ"}


def _to_tcvn3(text: str) -> bytes:
    out = bytearray()
    for letter in text:
        if letter in _TCVN3_CAPITALS:
            out.append(_TCVN3_CAPITALS[letter])
        elif letter.lower() in _TCVN3 and not letter.isascii():
            out.append(_TCVN3[letter.lower()])
        else:
            out += letter.encode("cp1252")
    return bytes(out)


def _to_vni(text: str) -> bytes:
    letters = []
    for letter in text:
        code = _VNI.get(letter.lower(), letter)
        letters.append(code.upper() if letter.isupper() else code)
    return "".join(letters).encode("cp1252")


def _to_cp1258(text: str) -> bytes:
    out = bytearray()
    for letter in text:
        try:
            out += letter.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            tone = next(mark for mark in parts if mark in _TONES)
            plain = unicodedata.normalize("NFC", parts.replace(tone, ""))
            out += plain.encode("cp1258") + tone.encode("cp1258")
    return bytes(out)


_WRITERS: dict[str, Callable[[str], bytes]] = {
    "tcvn3": _to_tcvn3,
    "vni": _to_vni,
    "cp1258": _to_cp1258,
}


@pytest.fixture
def write_as() -> Callable[[str, str], bytes]:
    """Write a text in an encoding by name, also in those that Python does not know."""

    def write(text: str, encoding: str) -> bytes:
        writer = _WRITERS.get(encoding)
        return writer(text) if writer else text.encode(encoding)

    return write


@pytest.fixture
def bridge() -> str:
    """A whole dump with every feature of the real ones: six NBSP, a caption, ./. and a byline."""
    return (DUMPS / "cau-ban-ngan.txt").read_text(encoding="utf-8")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests that take `whole_dump` on every dump at hand, the operator's own included."""
    if "whole_dump" in metafunc.fixturenames:
        files = sorted(DUMPS.glob("*.txt"))
        if named := os.environ.get("PORTAL_LEGACY_DUMP"):
            files.append(Path(named))
        metafunc.parametrize("whole_dump", files, ids=[file.stem for file in files])
