"""Publication dates as Vietnamese portals print them, always day before month.

`19/04/2022` · `Thứ Ba, ngày 19/04/2022 08:20 SA` · `28/06/2022 08:31 AM` · `10:8, Thứ Tư, 3-4-2024`
· `Ngày đăng: 08/07/2024  11:38` · `19 tháng 4 năm 2022`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from datetime import time

_LONGEST = 90

_LABEL = r"""(?P<label>(?:(?:ngày|đăng|cập\s+nhật|xuất\s+bản|lúc|lần\s+cuối|gửi|viết|tạo|vào
    |thời\s+gian|giờ|tin|bài)(?:\s*:\s*|\s+)){0,5})"""
_WEEKDAY = r"""(?:(?:thứ\s+)(?P<weekday>hai|ba|tư|năm|sáu|bảy|[2-7])|(?P<sunday>chủ\s+nhật))"""
_DAY = r"""(?:ngày\s+)?(?P<day>\d{1,2})(?:\s*[/.-]\s*|\s+tháng\s+)(?P<month>\d{1,2})
    (?:\s*[/.-]\s*|,?\s+(?:năm\s+)?)(?P<year>\d{4})"""
_TIME = r"""(?P<hour>\d{1,2})\s*(?::|h|g|giờ)\s*(?P<minute>\d{1,2})?(?:\s*phút)?
    (?::(?P<second>\d{1,2}))?\s*(?P<half>SA|CH|AM|PM)?"""
_ZONE = r"""(?:\s*\(?(?:GMT|UTC)\s*\+?\s*0?7(?::00)?\)?)?"""
_BREAK = r"\s*[,|–-]?\s*(?:lúc\s+)?"

_FORMS = tuple(
    re.compile(rf"\(?{_LABEL}{form}{_ZONE}\)?\.?", re.IGNORECASE | re.VERBOSE)
    for form in (
        rf"(?:{_WEEKDAY}\s*,?\s*)?{_DAY}(?:{_BREAK}{_TIME})?",
        rf"{_TIME}{_BREAK}(?:{_WEEKDAY}\s*,?\s*)?{_DAY}",
    )
)
_LIKE_A_DATE = re.compile(
    rf"\(?{_LABEL}(?:{_WEEKDAY}\s*,?\s*)?(?:ngày\s+)?\d{{1,4}}\s*[/.-]\s*\d{{1,4}}\s*[/.-]\s*\d{{1,4}}"
    r"[\s,|:–-]*[\d:\s]*(?:SA|CH|AM|PM)?\)?",
    re.IGNORECASE | re.VERBOSE,
)
_WEEKDAYS = {"hai": 1, "ba": 2, "tư": 3, "năm": 4, "sáu": 5, "bảy": 6}


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A line that is a date. `day` is none where the calendar has no such day.

    `update` marks the date of a change ("Cập nhật"); `problems` holds pairs of rule and message.
    """

    day: date | None
    time: time | None
    update: bool
    problems: tuple[tuple[str, str], ...]


def parse_date_line(line: str) -> PrintedDate | None:
    """Read a whole line as a date; return nothing for a line that is none.

    A date that does not exist is reported and never repaired by swapping day and month.
    """
    if len(line) > _LONGEST:
        return None
    match = next((found for form in _FORMS if (found := form.fullmatch(line))), None)
    if match is None:
        if _LIKE_A_DATE.fullmatch(line):
            problem = ("unreadable-date", f"{line!r} is not day/month/year with a year of 4 digits")
            return PrintedDate(None, None, False, (problem,))
        return None
    problems: list[tuple[str, str]] = []
    day = _day_of(match, line, problems)
    moment = _time_of(match, line, problems) if day else None
    update = "cập nhật" in " ".join((match["label"] or "").lower().split())
    return PrintedDate(day, moment, update, tuple(problems))


def _day_of(match: re.Match[str], line: str, problems: list[tuple[str, str]]) -> date | None:
    try:
        day = date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        problems.append(("impossible-date", f"{line!r}: the calendar has no such day/month/year"))
        return None
    name = match["weekday"]
    weekday = 7 if match["sunday"] else _weekday_number(name) if name else None
    if weekday is not None and weekday != day.isoweekday():
        problems.append(("weekday-mismatch", f"{line!r}: that day is not the weekday printed"))
    return day


def _weekday_number(name: str) -> int:
    return int(name) - 1 if name.isdecimal() else _WEEKDAYS[name.lower()]


def _time_of(match: re.Match[str], line: str, problems: list[tuple[str, str]]) -> time | None:
    if match["hour"] is None:
        return None
    hour = int(match["hour"])
    half = (match["half"] or "").upper()
    if half in ("SA", "AM"):
        hour = 0 if hour == 12 else hour if hour < 12 else 24
    elif half and hour < 12:
        hour += 12
    try:
        return time(hour, int(match["minute"] or 0))
    except ValueError:
        problems.append(("impossible-time", f"{line!r}: no such time; only the day is kept"))
        return None
