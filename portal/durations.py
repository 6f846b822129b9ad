"""Durations as site builders and block authors write them: `150ms`, `30s`, `10m`, `1h`, `7d`."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_PATTERN = re.compile(r"(\d+)(ms|s|m|h|d)")


def parse_duration(text: str) -> timedelta:
    """Turn `10m` into a `timedelta`; raise `ValueError` for anything else.

    Accepted units: ms, s, m, h, d. A bare number has no unit and is refused, because
    `cache: 10` meant seconds to one reader and minutes to the next.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{text!r} is not a duration; write a whole number and a unit (ms, s, m, h, d): 10m"
        )
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def format_duration(value: timedelta) -> str:
    """The shortest spelling that `parse_duration` reads back as the same value."""
    milliseconds = round(value.total_seconds() * 1000)
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"
