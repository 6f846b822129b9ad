"""Addresses without the passwords in them, for whatever is shown or logged.

A password may have any character: who forgot to write `@` or `/` as `%40` or `%2F` is just who gets
to see the message. Where an address can be read in two ways, more of it is masked than has to be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "********"

_SCHEME = r"[a-z][a-z0-9+.-]*://"
_VALUE = re.compile(rf"\s*['\"]?{_SCHEME}", re.IGNORECASE)
_IN_VALUE = re.compile(rf"({_SCHEME})(.*)", re.IGNORECASE | re.DOTALL)
# From the end of its scheme on: looked for from its beginning, each letter of a word could be one.
_IN_PROSE = re.compile(r"((?<=[a-z0-9+.-])://)(\S*)", re.IGNORECASE)
# One setting may hold several addresses. Only known schemes begin another one: `a://` may as well
# be a part of a password.
_NEXT = re.compile(
    r"(?<=[\s,;])(?=(?:https?|mysql|postgres(?:ql)?|rediss?|s3|sqlite|unix|valkeys?)(?:\+\w+)?://)",
    re.IGNORECASE,
)
_USER = re.compile(r"[^/:?#\s]*:(.*)@", re.DOTALL)
_BARE = re.compile(r"[^/:?#\s]*:(?!\s)(.*)@", re.DOTALL)
_NAMED = r"[\w.-]*(?:password|passwd|pwd|secret|token)"
# What ends a sentence or a list behind an address is not of its last value.
_END, _WORD = r"[\s,;'\"]*+", r"[^\s,;'\"&]++"
_PARAMETER = re.compile(
    rf"[?&]{_NAMED}=((?:{_END}{_WORD})*+(?:{_END}(?=&))?)",
    re.IGNORECASE,
)
# As psql takes them: host=db password='of it'.
_PAIR = re.compile(rf"((?<![\w.-]){_NAMED}\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&]+)", re.IGNORECASE)


def mask_url(text: str) -> str:
    """The same text without the passwords of the addresses in it.

    In a text that is an address from its beginning a password may have spaces, too.
    """
    is_address = _VALUE.match(text) is not None
    if not is_address:
        text = _mask_bare(text)
    if "://" not in text:
        return _PAIR.sub(rf"\1{MASK}", text)
    address = _IN_VALUE if is_address else _IN_PROSE
    return "".join(address.sub(_mask_address, piece) for piece in _NEXT.split(text))


def _mask_bare(text: str) -> str:
    """An address whose scheme was forgotten; a sentence has a space behind its first colon."""
    user = _BARE.match(text)
    return _cover(text, [user.span(1)]) if user else text


def _mask_address(match: re.Match[str]) -> str:
    scheme, rest = match.groups()
    places = [found.span(1) for found in _PARAMETER.finditer(rest)]
    if user := _USER.match(rest):
        places.append(user.span(1))
    return scheme + _cover(rest, sorted(places))


def _cover(text: str, places: Iterable[tuple[int, int]]) -> str:
    """The text with each place masked; places that overlap are one."""
    shown, end = "", -1
    for first, last in places:
        if first > end:
            shown += text[max(end, 0) : first] + MASK
        end = max(end, last)
    return shown + text[max(end, 0) :]
