"""Titles as a commune's office writes them, made up from parts, and the ways readers type them."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator

from portal.text import fold

_DEEDS = (
    "Khởi công", "Khánh thành", "Nghiệm thu", "Kiểm tra tiến độ", "Lấy ý kiến về", "Bàn giao",
    "Hỗ trợ kinh phí cho", "Tuyên truyền về", "Tập huấn nghiệp vụ quản lý", "Công bố quy hoạch",
    "Rà soát", "Khắc phục sự cố ở", "Thuỷ lợi phục vụ", "Hoà giải tranh chấp quanh", "Kế hoạch sửa",
)  # fmt: skip
_THINGS = (
    "cầu treo", "đường liên thôn", "trạm y tế", "trường tiểu học", "nhà văn hoá", "chợ phiên",
    "kênh mương", "bể nước sạch", "khu tái định cư", "vườn ươm chè", "hồ chứa", "sân vận động",
    "lớp xoá mù chữ", "tổ hợp tác khoẻ đẹp", "xưởng dệt thổ cẩm", "đập thuỷ điện nhỏ",
    "quỹ khuyến học",
)  # fmt: skip
_PLACES = (
    "bản Nậm Lụa", "thôn Trung Trà", "xóm Đồi Chè", "bản Pú Sương", "thôn Hạ Trà", "khu Bến Ngần",
    "bản Nà Mây", "thôn Khuôn Lâm", "xóm Đông Hoà", "bản Uý Lộc", "thôn Quý Thuỷ", "bản Toả Sáng",
)  # fmt: skip
_TIMES = (
    "năm {year}", "quý {quarter}/{year}", "tháng {month}/{year}", "đợt {number}",
    "giai đoạn {number}",
    "theo Quyết định {number}/QĐ-UBND", "theo Chỉ thị {number}/CT-UBND", "nhiệm kỳ {number}",
)  # fmt: skip
_NEWER = {
    unicodedata.normalize("NFC", pair[0] + tone + pair[1]): unicodedata.normalize(
        "NFC", pair + tone
    )
    for pair in ("oa", "oe", "uy")
    for tone in "\u0300\u0309\u0303\u0301\u0323"
}
_OLDER = {newer: older for older, newer in _NEWER.items()}


def make_titles(count: int, seed: int = 4) -> list[str]:
    """Different titles, always the same ones for a seed."""
    chance = random.Random(seed)  # noqa: S311 - sample data
    titles: dict[str, None] = {}
    while len(titles) < count:
        time = chance.choice(_TIMES).format(
            year=chance.randint(2019, 2026),
            quarter=chance.choice(("I", "II", "III", "IV")),
            month=chance.randint(1, 12),
            number=chance.randint(1, 40),
        )
        parts = (chance.choice(_DEEDS), chance.choice(_THINGS), chance.choice(_PLACES), time)
        titles[" ".join(parts)] = None
    return list(titles)


def spellings(title: str) -> Iterator[tuple[str, str]]:
    """The ways in which readers type a title: as it is, without marks, tones moved, decomposed."""
    yield "exact", title
    yield "unaccented", fold(title)
    yield "tone moved", _move_tones(title)
    yield "NFD", unicodedata.normalize("NFD", title)


def _move_tones(title: str) -> str:
    """Every open syllable with its tone on the other vowel."""
    words = []
    for word in title.split(" "):
        for placements in (_NEWER, _OLDER):
            ending = next((end for end in placements if word.endswith(end)), None)
            if ending is not None and not word[: -len(ending)].lower().endswith("q"):
                word = word[: -len(ending)] + placements[ending]
                break
        words.append(word)
    return " ".join(words)
