"""The media type of a file by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.media_types import UNKNOWN
from portal.media_types import media_type_of

REPOSITORY = Path(__file__).parents[2]
SERVED = sorted(
    {
        file.suffix
        for folder in ("portal/static", "blocks")
        for file in (REPOSITORY / folder).rglob("*")
        if "static" in file.parts and file.is_file()
    }
)


def test_every_kind_of_file_that_pages_are_shipped_with_has_a_type():
    assert {".css", ".js", ".svg", ".woff2"} <= set(SERVED)
    assert [suffix for suffix in SERVED if media_type_of(f"a{suffix}") == UNKNOWN] == []


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("ab/abcdef/960.avif", "image/avif"),
        ("files/1/Quyết định 12.PDF", "application/pdf"),
        (
            "files/1/bảng.v2.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        ("app.js", "text/javascript"),
    ],
)
def test_the_last_suffix_decides_however_it_is_written(name: str, media_type: str):
    assert media_type_of(name) == media_type


@pytest.mark.parametrize("name", ["", "pdf", "files/pdf", ".pdf", "a.", "a.unheard", "files.pdf/a"])
def test_a_name_that_tells_nothing_is_of_unknown_type(name: str):
    assert media_type_of(name) == UNKNOWN
