"""The lines after the end of an article: who wrote it and where it came from."""

from __future__ import annotations

import re
from typing import Literal

from portal.content.values import Author
from portal.content.values import Source
from portal.importing.markers import PARAGRAPH_END

PersonOrUnit = Literal["person", "unit"]
Role = Literal["author", "photo", "translation"]

_LONGEST_NAME = 8
_LONGEST_SOURCE = 16

_LABEL = re.compile(
    r"(?P<label>(?:người\s+)?dịch|biên\s+dịch|tác\s+giả|người\s+viết|thực\s+hiện|biên\s+tập"
    r"|(?:tin|bài|ảnh|clip|video)(?:\s*(?:,|và|&|-|/)\s*(?:tin|bài|ảnh|clip|video))*)\s*:\s*",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"\(?(?:nguồn(?:\s+tin)?\s*:\s*|nguồn\s+|theo\s*:\s*|theo\s+)(?P<name>[^()]+)\)?", re.IGNORECASE
)
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_UNIT = re.compile(
    r"(?:phòng|sở|ban|bbt|trung\s+tâm|tt\b|văn\s+phòng|vp\b|ubnd|hđnd|ủy\s+ban|uỷ\s+ban|hội|đoàn|báo|đài"
    r"|cổng|công\s+an|bộ|cục|chi\s+cục|tổ|nhóm|trường|bệnh\s+viện|chi\s+nhánh|huyện|tỉnh|liên\s+đoàn"
    r"|đảng|ttxvn|thông\s+tấn)(?!\w)",
    re.IGNORECASE,
)
_BETWEEN_NAMES = re.compile(r"\s*[,;/&]\s*|\s+[-–—]\s+")


def parse_authors(line: str) -> tuple[Author, ...]:
    """Read a line as a byline; return nothing where it is none.

    A byline has at most 8 syllables for each name and no full stop: `Thu Trang`,
    `Tin, ảnh: Lê Hà`, `Bài: Lê Hà - Ảnh: Văn Tú`, `Phòng Văn hóa - Thông tin`.
    """
    labels = list(_LABEL.finditer(line))
    if labels and labels[0].start() == 0:
        ends = [*(label.start() for label in labels[1:]), len(line)]
        authors: list[Author] = []
        for label, end in zip(labels, ends, strict=True):
            names = _names(line[label.end() : end].strip(" ,;-–—/.()"))
            if not names:
                return ()
            role = _role(label["label"].lower())
            authors.extend(Author(name, _kind(name), role) for name in names)
        return tuple(authors)
    if line.endswith(PARAGRAPH_END) or ":" in line:
        return ()
    return tuple(Author(name, _kind(name)) for name in _names(line.strip("()")))


def has_author_label(line: str) -> bool:
    """Whether the line says that it names an author (`Tác giả: …`)."""
    return _LABEL.match(line) is not None


def parse_source(line: str) -> Source | None:
    """Read `Theo …`, `Nguồn: …`, also in brackets; return nothing for any other line."""
    match = _SOURCE.fullmatch(line)
    if match is None or line.endswith((".", "…", ":", ";", "?", "!")):
        return None
    name = match["name"].strip()
    if not name or len(name.split()) > _LONGEST_SOURCE:
        return None
    address = _ADDRESS.search(name)
    if address is None:
        return Source(name)
    title = name.replace(address[0], "").strip(" ,;:-–—")
    return Source(title or address[0], address[0])


def _names(text: str) -> tuple[str, ...]:
    """The names in a byline; a unit's name keeps its dashes and commas."""
    parts = (text,) if _UNIT.match(text) else tuple(_BETWEEN_NAMES.split(text))
    names = tuple(part.strip() for part in parts if part.strip())
    longest = max((len(name.split()) for name in names), default=0)
    limit = 2 * _LONGEST_NAME if _UNIT.match(text) else _LONGEST_NAME
    return names if 0 < longest <= limit and any(map(str.isalpha, text)) else ()


def _kind(name: str) -> PersonOrUnit:
    return "unit" if _UNIT.match(name) else "person"


def _role(label: str) -> Role:
    if "dịch" in label:
        return "translation"
    return "photo" if label in ("ảnh", "clip", "video") else "author"
