"""Controls of the old page that a dump took for text: text size, print, share, view counter."""

from __future__ import annotations

import re

_ITEMS = r"""
    (?:tăng|giảm|mặc\s+định)\s+(?:cỡ|kích\s+thước)\s+chữ(?:\s+mặc\s+định)?
    | cỡ\s+chữ(?:\s+mặc\s+định)?\s*:?
    | a\s?[-–+] | a(?=\s*[-–+|]?\s*(?:a\b|$)) | [-–+]a
    | in(?:\s+(?:bài(?:\s+(?:viết|này))?|trang(?:\s+này)?|ấn|tin)) | in(?=\s*(?:$|[|•·,/]))
    | bản\s+in | print
    | gửi\s+(?:e-?mail|thư|bài(?:\s+viết)?|tin|cho\s+bạn(?:\s+bè)?)(?:\s+cho\s+bạn(?:\s+bè)?)?
    | e-?mail
    | chia\s+sẻ(?:\s+(?:bài(?:\s+viết)?|tin))?
      (?:\s+(?:qua|lên)\s+(?:facebook|zalo|twitter|e-?mail))?\s*:?
    | (?:đọc|nghe)\s+bài(?:\s+viết)? | (?:tạm\s+)?dừng(?:\s+đọc)? | lưu(?:\s+bài(?:\s+viết)?)
    | tương\s+phản(?:\s+cao)?
    | (?:số\s+)?lượt\s+(?:xem|truy\s+cập|đọc)\s*:?\s*\(?[\d.,]*\)? | [\d.,]+\s+lượt\s+(?:xem|đọc)
    | facebook | zalo | twitter | google\s?\+ | quay\s+lại | về\s+đầu\s+trang
"""
_BETWEEN = r"[\s|•·,;/]*"
_LEADING = re.compile(rf"{_BETWEEN}(?:{_ITEMS})(?!\w)", re.IGNORECASE | re.VERBOSE)
_SEPARATORS = "| •·,;/"
_LONGEST = 200


def without_chrome(line: str) -> str:
    """What remains of a line once page controls are taken from both its ends.

    The empty string means that the line held nothing else. A title that begins like a control
    ("In ấn …") loses words here: use the answer only where it is empty or a date.
    """
    if len(line) > _LONGEST:
        return line
    rest = line
    while match := _LEADING.match(rest):
        rest = rest[match.end() :]
    return _strip_trailing(rest.strip(_SEPARATORS))


def _strip_trailing(line: str) -> str:
    for match in _LEADING.finditer(line):
        tail = line[match.start() :]
        while found := _LEADING.match(tail):
            tail = tail[found.end() :]
        if not tail.strip(_SEPARATORS):
            return line[: match.start()].strip(_SEPARATORS)
    return line
