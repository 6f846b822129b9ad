"""The block BanTin_Related: titles and days of articles that the page linked to."""

from __future__ import annotations

import re

from portal.importing.dates import parse_date_line
from portal.importing.dump import RelatedTitle
from portal.importing.markers import MarkedBlock
from portal.importing.notes import Notes

_HEADING = re.compile(
    r"(?:các\s+)?(?:tin|bài|bản\s+tin)(?:\s+(?:tức|bài|viết))?"
    r"\s+(?:liên\s+quan|khác|mới(?:\s+hơn|\s+nhất)?|cũ(?:\s+hơn)?|cùng\s+chuyên\s+mục|đã\s+đưa|đã\s+đăng)"
    r"|theo\s+dòng\s+sự\s+kiện|xem\s+thêm|đọc\s+thêm",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(?:[-–—+*•·▪»]\s*)?(?P<title>\S.*?)\s*\((?P<date>[^()]{6,60})\)\s*")


def read_related(block: MarkedBlock, notes: Notes, start: int) -> tuple[RelatedTitle, ...]:
    """Read the block; `start` is the number of titles that earlier blocks gave."""
    titles: list[RelatedTitle] = []
    for at, line in enumerate(block.lines):
        if _HEADING.fullmatch(line.text.rstrip(" :")):
            continue
        match = _TITLE.fullmatch(line.text) if len(line.text) <= 1000 else None
        printed = parse_date_line(match["date"].strip()) if match else None
        if match is None or printed is None:
            if at == 0 and len(block.lines) > 1:
                notes.flag(
                    "related-heading", line.number, f"taken as the list's heading: {line.text!r}"
                )
                continue
            title, day = line.text.lstrip("-–—+*•·▪» "), None
        else:
            title, day = match["title"], printed.day
            for rule, message in printed.problems:
                notes.flag(rule, line.number, message)
        if title:
            notes.origin(f"related[{start + len(titles)}]", line.number, "related-title")
            titles.append(RelatedTitle(title, day))
    return tuple(titles)
