"""A stored body as parts, as text, and as the pictures it refers to."""

from __future__ import annotations

from portal.content.body import media_in
from portal.content.body import split_body
from portal.content.body import text_of
from portal.content.values import FigurePart
from portal.content.values import Html
from portal.content.values import HtmlPart
from portal.content.values import Image

PICTURE = Image(12, "Cầu", False, "Chú thích chung", "Quàng Minh", 10, 10, ())


def html(source: str) -> HtmlPart:
    return HtmlPart(Html(source))


def test_pictures_stand_between_runs_of_html() -> None:
    body = '<p>A</p>\n<h2>B</h2>\n<figure data-media="12"></figure>\n<p>C</p>'
    assert split_body(body, {12: PICTURE}) == (
        html("<p>A</p>\n<h2>B</h2>"),
        FigurePart(PICTURE, "Chú thích chung", "Quàng Minh"),
        html("<p>C</p>"),
    )


def test_caption_in_the_body_wins_over_the_pictures_own() -> None:
    body = '<figure data-media="12"><figcaption>Cầu &amp; <em>đò</em></figcaption></figure>'
    assert split_body(body, {12: PICTURE}) == (FigurePart(PICTURE, "Cầu & đò", "Quàng Minh"),)


def test_figure_with_a_caption_only_is_a_picture_that_was_lost() -> None:
    body = "<figure><figcaption>Ảnh minh hoạ</figcaption></figure>"
    assert split_body(body, {}) == (FigurePart(None, "Ảnh minh hoạ", ""),)


def test_figure_around_a_table_stays_html() -> None:
    table = "<table><tbody><tr><td>1</td></tr></tbody></table>"
    body = f"<figure>{table}<figcaption>B</figcaption></figure>"
    assert split_body(body, {}) == (html(body),)


def test_picture_that_is_gone_and_had_no_caption_leaves_nothing() -> None:
    assert split_body('<figure data-media="12"></figure>', {}) == ()


def test_ids_of_pictures_are_found() -> None:
    assert media_in('<figure data-media="3"></figure><figure data-media="41"></figure>') == {3, 41}
    assert media_in('<p title="data-media=&quot;5&quot;">x</p>') == set()


def test_text_has_a_line_for_each_paragraph_and_no_captions() -> None:
    body = (
        "<h2>Tên</h2>\n<p>Một &amp; <strong>hai</strong>.<br>Ba&nbsp;km</p>"
        '<figure data-media="1"><figcaption>Ảnh</figcaption></figure>'
        "<ul><li>a</li><li>b</li></ul><table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
    )
    assert text_of(body) == "Tên\nMột & hai.\nBa km\na\nb\n1 2"
