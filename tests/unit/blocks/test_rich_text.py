"""Free text: sanitised when it is loaded, headings that fit the page."""

from __future__ import annotations

import pytest

from blocks.rich_text import RichTextSettings
from blocks.rich_text import set_headings
from portal.block import read_tokens
from portal.block import write_tokens


def headings(source: str, top: int) -> str:
    return write_tokens(set_headings(read_tokens(source), top))


@pytest.mark.parametrize(
    ("source", "top", "result"),
    [
        ("<p>Không có</p>", 3, "<p>Không có</p>"),
        ("<h2>A</h2>", 3, "<h3>A</h3>"),
        ("<h4>A</h4><h2>B</h2>", 3, "<h3>A</h3><h3>B</h3>"),
        ("<h2>A</h2><h4>B</h4>", 2, "<h2>A</h2><h3>B</h3>"),
        ("<h2>A</h2><h3>B</h3><h4>C</h4>", 5, "<h5>A</h5><h6>B</h6><h6>C</h6>"),
        (
            '<h3 class="text-center">A <em>b</em></h3>',
            3,
            '<h3 class="text-center">A <em>b</em></h3>',
        ),
    ],
)
def test_headings_begin_at_the_top_and_never_skip_a_level(source: str, top: int, result: str):
    assert headings(source, top) == result


def test_text_is_sanitised_when_the_layout_is_loaded():
    settings = RichTextSettings(
        body={"vi": "<p onclick='x()'>An toàn</p><script>alert(1)</script>", "en": ""}
    )
    assert settings.body == {"vi": "<p>An toàn</p>", "en": ""}


def test_sanitised_text_survives_being_loaded_again():
    once = RichTextSettings(body={"vi": "<div><b>Đậm</b><p>Đoạn</p></div>"})
    assert RichTextSettings.model_validate_json(once.model_dump_json()) == once
