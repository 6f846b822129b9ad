"""From the bytes of a dump to its text: which encoding, how sure, and refusal where it is unclear.

The yardstick is spelling: of the words with a letter outside ASCII, how many are Vietnamese
syllables once decoded.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass

from portal.importing.composing import compose
from portal.importing.dump import DumpRefused
from portal.importing.dump import Encoding
from portal.importing.legacy_encodings import decode_western
from portal.importing.legacy_encodings import from_cp1258
from portal.importing.legacy_encodings import from_tcvn3
from portal.importing.legacy_encodings import from_vni
from portal.importing.syllables import is_syllable

LARGEST_DUMP = 2 * 1024 * 1024
ACCEPTED_CONFIDENCE = 0.8
_CLEAR_LEAD = 0.2
_CUT = ("unexpected end of data", "truncated data")

_ALIASES = {
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "windows-1258": "cp1258",
    "abc": "tcvn3",
    "tcvn-3": "tcvn3",
    "vni-windows": "vni",
}
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1258", "tcvn3", "vni")
_WAY_OUT = f"name the encoding with --encoding ({', '.join(ENCODINGS)}) or save the file as UTF-8"

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# A word: no ASCII but letters, no space and none of the signs that official texts use.
_SIGNS = "\u00a0«»°·§¨½¼¾²³±×÷“”„‘’‚–—…•€₫‰\ufeff\u200b"
_WORD = re.compile(rf"[^\s\x00-\x40\x5b-\x60\x7b-\x7f{_SIGNS}]+")

_Converter = Callable[[str], str]
_FONTS: dict[str, _Converter] = {"tcvn3": from_tcvn3, "vni": from_vni}
_SINGLE_BYTE: dict[str, _Converter] = {**_FONTS, "cp1258": from_cp1258}


def _unchanged(text: str) -> str:
    return text


_READINGS: dict[str, _Converter] = {**_SINGLE_BYTE, "utf-8": _unchanged}


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file (lines end in LF) with the encoding it was read in.

    `truncated` says that the file ends within a character, which is left out.
    """

    text: str
    encoding: Encoding
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class _Spelling:
    """How many words with a letter outside ASCII there are, and how many are syllables."""

    words: int
    syllables: int

    @property
    def confidence(self) -> float:
        """Share of syllables, lowered where there are few words to judge by."""
        return self.syllables / (self.words + 1)

    @property
    def share(self) -> float:
        """Share of syllables; 1 where there is nothing to judge."""
        return self.syllables / self.words if self.words else 1.0


def decode(data: bytes, *, file: str, encoding: str | None = None) -> Decoded:
    """Turn bytes into text; raise `DumpRefused` where that would be a guess.

    `encoding` overrides the detection: one of `ENCODINGS` or a usual other name of one.
    """
    if not data.strip(b"\x00\t\n\r \xef\xbb\xbf\xff\xfe"):
        raise DumpRefused(file, 1, "the file is empty; delete it or dump the page again")
    refuse_large(len(data), file)
    decoded = _declared(data, file, encoding) if encoding else _detected(data, file)
    position = decoded.text.find("\x00")
    if position >= 0:
        line = decoded.text.count("\n", 0, position) + 1
        raise DumpRefused(
            file, line, f"a NUL character: this is not text in {decoded.encoding.name}; {_WAY_OUT}"
        )
    return decoded


def refuse_large(size: int, file: str) -> None:
    """Raise `DumpRefused` for a file of `size` bytes that cannot be one article."""
    if size > LARGEST_DUMP:
        raise DumpRefused(
            file,
            1,
            f"the file has {size:,} bytes; a dump of one article has at most {LARGEST_DUMP:,};"
            " split it into one file per article",
        )


def _declared(data: bytes, file: str, name: str) -> Decoded:
    known = _ALIASES.get(name.lower().replace("_", "-"), name.lower().replace("_", "-"))
    if known == "utf-16":
        known = "utf-16-be" if data.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"
    if known not in ENCODINGS:
        raise DumpRefused(
            file, 1, f"unknown encoding {name!r} (known: {', '.join(ENCODINGS)}, utf-16)"
        )
    if known in _FONTS:
        text = _FONTS[known](_line_feeds(_unicode_or_western(data)))
        return Decoded(text, Encoding(known, 1.0, declared=True))
    for mark, marked in _BYTE_ORDER_MARKS:
        if marked == known:
            data = data.removeprefix(mark)
    return _strict(data, file, Encoding(known, 1.0, declared=True))


def _unicode_or_western(data: bytes) -> str:
    """Text whose letters still have to be exchanged: stored as Unicode or as single bytes."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return decode_western(data)


def _strict(data: bytes, file: str, encoding: Encoding) -> Decoded:
    """Decode without replacement characters; only a cut last character is let go."""
    try:
        return Decoded(_line_feeds(data.decode(encoding.name)), encoding)
    except UnicodeDecodeError as problem:
        rest = data[problem.start :]
        if problem.end == len(data) and problem.reason in _CUT:
            text = _line_feeds(data[: problem.start].decode(encoding.name))
            return Decoded(text, encoding, truncated=True)
        line = _line_feeds(data[: problem.start].decode(encoding.name)).count("\n") + 1
        raise DumpRefused(
            file,
            line,
            f"byte {rest[:1].hex()} at offset {problem.start} is not {encoding.name}"
            f" ({problem.reason}); {_WAY_OUT}",
        ) from None


def _detected(data: bytes, file: str) -> Decoded:
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            decoded = _strict(data[len(mark) :], file, Encoding(name, 1.0))
            return _unwrapped(decoded, file) if name == "utf-8" else decoded
    wide = data.find("Block_".encode("utf-16-le"))
    if wide >= 0:
        return _unmarked_utf16(data, file, "utf-16-be" if wide % 2 else "utf-16-le")
    if b"Block_" not in data:
        raise DumpRefused(
            file, 1, "no line of the form 'Site - Block_Name': this is not a PublishingPortal dump"
        )
    try:
        decoded = _strict(data, file, Encoding("utf-8", 1.0))
    except DumpRefused:
        _refuse_partly_unicode(data, file)
        return _single_byte(data, file)
    return _unwrapped(decoded, file)


def _unmarked_utf16(data: bytes, file: str, name: str) -> Decoded:
    """UTF-16 without a byte order mark: markers give the byte order, spelling the confidence."""
    decoded = _strict(data, file, Encoding(name, 1.0))
    return Decoded(
        decoded.text,
        Encoding(name, round(max(_spelling(decoded.text).share, 0.5), 3)),
        decoded.truncated,
    )


def _unwrapped(decoded: Decoded, file: str) -> Decoded:
    """Undo TCVN3 or VNI letters that were stored as if they were Unicode."""
    native = _spelling(decoded.text)
    if native.share >= 0.9 and not _foreign_lines(decoded.text, "utf-8"):
        return decoded
    for name, convert in _FONTS.items():
        text = convert(decoded.text)
        spelling = _spelling(text)
        if spelling.confidence >= ACCEPTED_CONFIDENCE and native.share < 1 - ACCEPTED_CONFIDENCE:
            _refuse_mixture(decoded.text, name, file)
            encoding = Encoding(name, round(spelling.confidence, 3))
            return Decoded(text, encoding, decoded.truncated)
    _refuse_mixture(decoded.text, "utf-8", file)
    return decoded


def _single_byte(data: bytes, file: str) -> Decoded:
    """Choose between cp1258, TCVN3 and VNI by spelling; refuse without a clear winner."""
    western = _line_feeds(decode_western(data))
    candidates = {name: convert(western) for name, convert in _SINGLE_BYTE.items()}
    ranked = sorted(
        ((_spelling(text).confidence, name) for name, text in candidates.items()), reverse=True
    )
    (confidence, name), (next_confidence, next_name) = ranked[:2]
    if confidence < ACCEPTED_CONFIDENCE or confidence - next_confidence < _CLEAR_LEAD:
        _refuse_mixture(western, name, file)
        raise DumpRefused(
            file,
            1,
            f"the encoding is unclear: most like {name} (confidence {confidence:.2f}, needed"
            f" {ACCEPTED_CONFIDENCE}), then {next_name} ({next_confidence:.2f}); {_WAY_OUT}",
        )
    _refuse_mixture(western, name, file)
    return Decoded(candidates[name], Encoding(name, round(confidence, 3)))


def _refuse_partly_unicode(data: bytes, file: str) -> None:
    """Refuse bytes of which some lines are Vietnamese UTF-8 and others no UTF-8 at all."""
    unicode_line = other_line = None
    for number, line in enumerate(data.splitlines(), start=1):
        if line.isascii():
            continue
        try:
            spelling = _spelling(line.decode("utf-8"))
        except UnicodeDecodeError:
            other_line = other_line or number
        else:
            if spelling.words >= 3 and spelling.share >= ACCEPTED_CONFIDENCE:
                unicode_line = unicode_line or number
    if unicode_line and other_line:
        raise _mixture(file, other_line, "another encoding", unicode_line, "utf-8")


def _refuse_mixture(text: str, name: str, file: str) -> None:
    """Refuse a text of which some lines spell well in one encoding, others only in another."""
    foreign = _foreign_lines(text, name)
    if not foreign:
        return
    for number, line in enumerate(text.split("\n"), start=1):
        spelling = _spelling(_READINGS[name](line))
        if spelling.words >= 3 and spelling.share >= ACCEPTED_CONFIDENCE:
            other_line, other = foreign
            raise _mixture(file, other_line, other, number, name)


def _mixture(file: str, line: int, name: str, other_line: int, other: str) -> DumpRefused:
    return DumpRefused(
        file,
        line,
        f"mixed encodings: this line is in {name}, line {other_line} in {other};"
        " convert the file to UTF-8 by hand",
    )


def _foreign_lines(text: str, name: str) -> tuple[int, str] | None:
    """The first line that is misspelt in encoding `name` and well spelt in another one."""
    for number, line in enumerate(text.split("\n"), start=1):
        own = _spelling(_READINGS[name](line))
        if own.words < 3 or own.share >= 0.5:
            continue
        for other, convert in _READINGS.items():
            spelling = _spelling(convert(line))
            if other != name and spelling.words >= 3 and spelling.share >= ACCEPTED_CONFIDENCE:
                return number, other
    return None


def _line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _words(text: str) -> Iterator[str]:
    for word in _WORD.findall(compose(text)):
        if not word.isascii():
            yield word


def _spelling(text: str) -> _Spelling:
    verdicts = [is_syllable(word) for word in _words(text)]
    return _Spelling(len(verdicts), sum(verdicts))
