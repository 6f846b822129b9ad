"""Whatever comes in, what is stored has the body model's elements only, and is stable."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.content.sanitise import clean_html

OWN_VECTORS = Path(__file__).parents[2] / "data" / "markup_vectors.json"
# A file with more vectors (any JSON; every string in it is one), for corpora that do not ship.
MORE_VECTORS = "PORTAL_XSS_VECTORS"

ELEMENTS = frozenset(
    "a abbr aside bdi blockquote br caption cite code dd del details dl dt em figcaption figure h2"
    " h3 h4 hr img ins li ol p q s small span strong sub summary sup table tbody td tfoot th thead"
    " tr ul".split()
)
ATTRIBUTES = frozenset(
    "alt cite class colspan data-media height href lang open reversed rowspan scope src start title"
    " width".split()
)


class Inspector(HTMLParser):
    """Reads HTML with another parser than the sanitiser's and notes what should not be there."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ELEMENTS:
            self.problems.append(f"<{tag}>")
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.problems.append(f"<{tag} {name}>")
            if name in {"href", "src", "cite"}:
                self._check_address(tag, (value or "").strip().lower())

    def _check_address(self, tag: str, address: str) -> None:
        head = address.partition("/")[0].partition("?")[0].partition("#")[0]
        scheme = head.partition(":")[0] if ":" in head else ""
        if scheme not in {"", "http", "https", "mailto", "tel"} or address.startswith("//"):
            self.problems.append(f"<{tag}> leads to {address}")

    def handle_comment(self, data: str) -> None:
        self.problems.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.problems.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.problems.append("instruction")


def problems(source: str) -> list[str]:
    inspector = Inspector()
    inspector.feed(source)
    inspector.close()
    return inspector.problems


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


VECTORS = {item["name"]: item["html"] for item in json.loads(OWN_VECTORS.read_text("utf-8"))}


@pytest.mark.parametrize("source", VECTORS.values(), ids=VECTORS.keys())
def test_attack_leaves_nothing_behind(source: str) -> None:
    cleaned = clean_html(source)
    assert problems(cleaned) == []
    assert clean_html(cleaned) == cleaned


def test_larger_corpus_leaves_nothing_behind() -> None:
    """Runs over the file that `PORTAL_XSS_VECTORS` names, else over our own vectors again."""
    file = Path(os.environ.get(MORE_VECTORS, OWN_VECTORS))
    sources = list(strings(json.loads(file.read_text("utf-8"))))
    assert len(sources) >= 60
    for source in sources:
        for placed in (
            source,
            f"<p>{source}</p>",
            f"<table><tr><td>{source}",
            f'<p title="{source}',
        ):
            cleaned = clean_html(placed)
            assert problems(cleaned) == [], placed
            assert clean_html(cleaned) == cleaned, placed


PIECES = st.sampled_from(
    [
        *"<p> </p> <b> </b> <div> </div> <br> <ul> <li> </ul> <table> <tr> <td> </table>".split(),
        *"<figure> </figure> <figcaption> <h1> </h1> <blockquote> </blockquote> <a> </a>".split(),
        *"<details> <summary> <script> <svg> <!-- --> &nbsp; < > & \" ' chữ".split(),
        "<a href=/x>",
        "<figure data-media=3>",
        "<span lang=en>",
        "</span>",
        " ",
        "\r\n",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_mixture_of_markup_is_stable_after_one_cleaning(source: str) -> None:
    cleaned = clean_html(source)
    assert problems(cleaned) == []
    assert clean_html(cleaned) == cleaned


@pytest.mark.parametrize(
    ("source", "cleaned"),
    [
        ("<h1>Tên</h1>", "<h2>Tên</h2>"),
        ("<h5>Nhỏ</h5>", "<h4>Nhỏ</h4>"),
        ("<b>Đậm</b> <i>nghiêng</i>", "<p><strong>Đậm</strong> <em>nghiêng</em></p>"),
        ("<font color=red>Chữ</font>", "<p>Chữ</p>"),
        ("<div>Một</div><div>Hai</div>", "<p>Một</p>\n<p>Hai</p>"),
        ("Một<br><br>Hai<br>ba", "<p>Một</p>\n<p>Hai<br>ba</p>"),
        ("<p>&nbsp;</p><p> <br> </p><p>A</p>", "<p>A</p>"),
        ("<p>A&nbsp; &nbsp;B 5&nbsp;km</p>", "<p>A B 5&nbsp;km</p>"),
        ('<p style="text-align: CENTER; color: red">A</p>', '<p class="text-center">A</p>'),
        ('<p align="right">A</p>', '<p class="text-right">A</p>'),
        ("<center>A</center>", '<p class="text-center">A</p>'),
        ('<div align="center"><p>A</p></div>', '<p class="text-center">A</p>'),
        ('<p style="text-align:left">A</p>', "<p>A</p>"),
        ('<p class="MsoNormal"><o:p></o:p>A</p>', "<p>A</p>"),
        ('<span class="ms-rteFontSize-2">A</span>', "<p>A</p>"),
        ('<p>A <span lang="en">one-stop</span></p>', '<p>A <span lang="en">one-stop</span></p>'),
        (
            "<table><tr><th scope=col>Tháng</th><td>10</td></tr></table>",
            '<table><tbody><tr><th scope="col">Tháng</th><td>10</td></tr></tbody></table>',
        ),
        ("<td>rơi</td>", "<p>rơi</p>"),
        (
            '<a href=" https://a.vn/x y ">A</a><a href="/b">B</a><a>C</a>',
            '<p><a href="https://a.vn/x%20y">A</a><a href="/b">B</a>C</p>',
        ),
        ('<a href="mailto:a@b.vn">A</a>', '<p><a href="mailto:a@b.vn">A</a></p>'),
        ('<a href="tel:+84200">A</a>', '<p><a href="tel:+84200">A</a></p>'),
        (
            '<p>A</p><figure data-media="12"><img src="x.jpg"><figcaption>C</figcaption></figure>',
            '<p>A</p>\n<figure data-media="12"><figcaption>C</figcaption></figure>',
        ),
        (
            '<blockquote><p>A</p><figure data-media="12"></figure></blockquote>',
            '<blockquote><p>A</p></blockquote>\n<figure data-media="12"></figure>',
        ),
        ("<ul><li>A<ul><li>B</li></ul></li></ul>", "<ul><li>A<ul><li>B</li></ul></li></ul>"),
        ("<ul><li>A</li><ul><li>B</li></ul></ul>", "<ul><li>A<ul><li>B</li></ul></li></ul>"),
        ("<ol><li><p>A</p></li></ol>", "<ol><li>A</li></ol>"),
        ("<blockquote>A</blockquote>", "<blockquote><p>A</p></blockquote>"),
        ("<aside>Lưu ý</aside>", "<aside><p>Lưu ý</p></aside>"),
        (
            "<details><summary>Hỏi</summary>Đáp</details>",
            "<details><summary>Hỏi</summary><p>Đáp</p></details>",
        ),
        ("CO<sub>2</sub> và m<sup>2</sup>", "<p>CO<sub>2</sub> và m<sup>2</sup></p>"),
        ("5 < 6 & 7", "<p>5 &lt; 6 &amp; 7</p>"),
        ("a\r\nb", "<p>a\nb</p>"),
        ("", ""),
    ],
)
def test_old_markup_becomes_the_body_model(source: str, cleaned: str) -> None:
    assert clean_html(source) == cleaned
    assert clean_html(cleaned) == cleaned
