"""The pure parts of the article view: body, tables, description, machine-readable metadata."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from blocks.viewdata import file_type
from blocks.viewdata.body import Body
from blocks.viewdata.body import BodyWriter
from blocks.viewdata.body import without_end_mark
from blocks.viewdata.metadata import add_article_metadata
from blocks.viewdata.metadata import describe
from blocks.viewdata.metadata import machine_moment
from blocks.viewdata.metadata import news_article
from blocks.viewdata.metadata import serialise
from blocks.viewdata.metadata import web_page
from blocks.viewdata.settings import ViewDataSettings
from blocks.viewdata.tables import TableMode
from portal.block import Head
from portal.content.values import Article
from portal.content.values import Attachment
from portal.content.values import Author
from portal.content.values import Correction
from portal.content.values import FigurePart
from portal.content.values import Html
from portal.content.values import HtmlPart
from portal.content.values import Image
from portal.content.values import Moment
from portal.content.values import Rendition
from portal.content.values import Section
from portal.content.values import Source
from portal.content.values import Term
from portal.site import Contact
from portal.site import Site

SITE = Site(
    key="mau",
    name={"vi": "Cổng xã Mẫu", "en": "Mẫu Commune Portal"},
    organisation={"vi": "Ủy ban nhân dân xã Mẫu", "en": "People's Committee of Mẫu"},
    base_url="https://mau.example",
    contact=Contact(
        unit={"vi": "Văn phòng"},
        responsible={"vi": "Bà An"},
        address={"vi": "Số 1 đường Chính"},
        phone="0200 555 0110",
        email="vanphong@mau.example",
    ),
)

ARTICLE = Article(
    id=7,
    kind="article",
    locale="vi",
    headline="Cầu Bến Ngàn thông xe",
    lead="Sau 29 tháng thi công, cầu Bến Ngàn thông xe sáng 19/4./.",
    body=(),
    body_text="Cầu dài 212 mét.",
    path="/kinh-te/cau-ben-ngan-7",
    published=Moment(datetime(2022, 4, 19, 1, 5, tzinfo=UTC), "minute", "Asia/Ho_Chi_Minh"),
    updated=None,
    expires=None,
    section=Section(3, "kinh-te", "Kinh tế", "", "/kinh-te/", 1, None, ()),
    hero=None,
    authors=(),
    source=None,
    tags=(),
    topic=None,
    attachments=(),
    corrections=(),
    translations=(),
    end_mark=True,
    legacy_url=None,
)

IMAGE = Image(
    id=4,
    alt="Cây cầu mới",
    decorative=False,
    caption="Cầu nhìn từ bờ tây",
    credit="Lê Mai",
    width=1600,
    height=900,
    renditions=(
        Rendition("/-/media/cau-1600.avif", 1600, 900, "avif"),
        Rendition("/-/media/cau-1200.jpg", 1200, 675, "jpeg"),
    ),
)

TEXTS = {
    "external_link": "liên kết ngoài",
    "table": "Bảng {number}",
    "table_with_caption": "Bảng {number}: {caption}",
}


def write(source: str, *, level: int = 2, tables: TableMode = "scroll", end: bool = True) -> Body:
    writer = BodyWriter(
        key="than",
        level=level,
        base_url="https://mau.example",
        table_mode=tables,
        keep_end_mark=end,
        translate=lambda key, **values: TEXTS[key].format(**values),
    )
    return writer.write((HtmlPart(Html(source)),))


def html_of(body: Body) -> str:
    return "".join(part.html.source for part in body.parts if isinstance(part, HtmlPart))


# Headings and contents


def test_headings_get_ids_that_begin_with_the_placement_key() -> None:
    body = write("<h2>Kết quả đạt được</h2><p>…</p>")
    assert html_of(body) == '<h2 id="than-s-ket-qua-dat-duoc">Kết quả đạt được</h2><p>…</p>'


def test_contents_list_headings_in_order_with_resolved_text() -> None:
    body = write("<h2>Thu &amp; chi</h2><h3>Chi tiết</h3><h2>Việc <em>cần</em> làm</h2>")
    assert [(entry.id, entry.text) for entry in body.contents] == [
        ("than-s-thu-chi", "Thu & chi"),
        ("than-s-viec-can-lam", "Việc cần làm"),
    ]


def test_equal_headings_get_different_ids() -> None:
    body = write("<h2>Kết luận</h2><h2>Kết luận</h2><h2>Kết luận 2</h2>")
    ids = [entry.id for entry in body.contents]
    assert len(set(ids)) == 3


def test_heading_without_latin_letters_still_gets_an_id() -> None:
    assert write("<h2>漢字</h2>").contents[0].id == "than-s-x"


def test_empty_heading_is_not_listed() -> None:
    assert write("<h2></h2>").contents == ()


@pytest.mark.parametrize(
    ("level", "expected"),
    [(2, "<h2 id"), (3, "<h3 id"), (6, "<h6 id")],
    ids=["below the title", "one deeper", "deepest"],
)
def test_body_begins_at_the_level_the_page_gives(level: int, expected: str) -> None:
    assert html_of(write("<h2>Một</h2>", level=level)).startswith(expected)


def test_heading_levels_never_go_below_six() -> None:
    assert html_of(write("<h4>Sâu</h4>", level=6)) == "<h6>Sâu</h6>"


def test_long_heading_gives_a_short_id() -> None:
    entry = write(f"<h2>{'Nâng cao chất lượng ' * 20}</h2>").contents[0]
    assert len(entry.id) <= len("than-s-") + 48


# Links


def test_link_that_leaves_the_portal_says_so() -> None:
    body = write('<p>Xem <a href="https://chinhphu.example/vb">văn bản</a>.</p>')
    assert html_of(body) == (
        '<p>Xem <a href="https://chinhphu.example/vb" data-external="">văn bản'
        '<span class="visually-hidden"> (liên kết ngoài)</span></a>.</p>'
    )


@pytest.mark.parametrize(
    "address",
    ["/tin-tuc/", "#muc-1", "https://MAU.example/tin-tuc/", "mailto:a@b.example", "tel:0200"],
    ids=["path", "fragment", "own host", "mail", "telephone"],
)
def test_other_links_stay_as_they_are(address: str) -> None:
    source = f'<p><a href="{address}">đây</a></p>'
    assert html_of(write(source)) == source


def test_link_with_an_unreadable_address_stays_as_it_is() -> None:
    source = '<p><a href="https://[bad">đây</a></p>'
    assert html_of(write(source)) == source


# Tables


def test_table_stands_in_a_focusable_region_named_by_its_caption() -> None:
    table = "<table><caption>Thu &amp; chi</caption><tbody><tr><td>1</td></tr></tbody></table>"
    assert html_of(write(table)) == (
        '<div class="viewdata__table table-scroll" role="region" tabindex="0"'
        f' aria-label="Bảng 1: Thu &amp; chi">{table}</div>'
    )


def test_tables_without_caption_are_numbered_so_that_regions_differ() -> None:
    table = "<table><tbody><tr><td>1</td></tr></tbody></table>"
    html = html_of(write(f"{table}<p>rồi</p>{table}"))
    assert 'aria-label="Bảng 1"' in html
    assert 'aria-label="Bảng 2"' in html


def test_table_within_a_table_gets_no_region_of_its_own() -> None:
    inner = "<table><tbody><tr><td>trong</td></tr></tbody></table>"
    html = html_of(write(f"<table><tbody><tr><td>{inner}</td></tr></tbody></table>"))
    assert html.count('role="region"') == 1


def test_links_in_tables_are_treated_like_others() -> None:
    html = html_of(
        write('<table><tbody><tr><td><a href="https://xa.example/">x</a></td></tr></tbody></table>')
    )
    assert "liên kết ngoài" in html


def test_stacked_cells_carry_their_column_heading_and_roles() -> None:
    html = html_of(
        write(
            "<table><thead><tr><th>Thôn</th><th>Số hộ</th></tr></thead>"
            '<tbody><tr><th scope="row">Trung Trà</th><td>120</td></tr></tbody></table>',
            tables="stack",
        )
    )
    assert "viewdata__table--stack" in html
    assert '<table role="table">' in html
    assert '<th role="columnheader">Thôn</th>' in html
    assert '<th scope="row" role="rowheader">Trung Trà</th>' in html
    assert '<td role="cell" data-label="Số hộ">120</td>' in html


@pytest.mark.parametrize(
    "table",
    [
        "<table><tbody><tr><td>không</td><td>tiêu đề</td></tr></tbody></table>",
        '<table><tbody><tr><th>A</th></tr><tr><td colspan="2">gộp</td></tr></tbody></table>',
        "<table><tbody></tbody></table>",
    ],
    ids=["no headings", "merged cells", "no rows"],
)
def test_table_that_cannot_be_stacked_scrolls(table: str) -> None:
    html = html_of(write(table, tables="stack"))
    assert "table-scroll" in html
    assert table in html


# End mark


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nhà nước./.", "nhà nước."),
        ("nhà nước ./.", "nhà nước."),
        ("nhà nước…”/.", "nhà nước…”"),
        ("<p>nhà nước<strong>./.</strong></p>\n", "<p>nhà nước<strong>.</strong></p>\n"),
        ("Số 12/./. còn nữa", "Số 12/./. còn nữa"),
        ("nhà nước.", "nhà nước."),
        ("", ""),
    ],
    ids=["plain", "spaced", "slash only", "in HTML", "not at the end", "none", "empty"],
)
def test_end_mark_goes_and_the_sentence_stays(text: str, expected: str) -> None:
    assert without_end_mark(text) == expected


def test_hidden_end_mark_leaves_the_last_text_before_a_closing_figure() -> None:
    writer = BodyWriter("than", 2, "https://mau.example", "scroll", False, lambda key, **_: key)
    figure = FigurePart(None, "Ảnh", "")
    body = writer.write((HtmlPart(Html("<p>Hết./.</p>")), figure))
    assert html_of(body) == "<p>Hết.</p>"
    assert body.parts[1] == figure


def test_kept_end_mark_stays() -> None:
    assert html_of(write("<p>Hết./.</p>")) == "<p>Hết./.</p>"


# What must not change


def test_foreign_language_of_a_fragment_is_kept() -> None:
    source = '<p><span lang="ar" dir="rtl">سلام</span></p>'
    assert html_of(write(source)) == source


@pytest.mark.parametrize(
    "source",
    [
        '<p><abbr title="a &gt; b">x</abbr></p>',
        "<p>1 &lt; 2 &amp;&amp; 3 &gt; 2</p>",
        "<p>a<br>b</p><hr><p>&nbsp;</p>",
        "<p>2 < 3 và <b</p>",
    ],
    ids=["bracket in attribute", "references", "void elements", "not canonical"],
)
def test_everything_else_passes_byte_for_byte(source: str) -> None:
    assert html_of(write(source)) == source


@given(st.text(alphabet='<>/="ab h2pté &;#table', max_size=80))
def test_any_text_can_be_written(source: str) -> None:
    write(source, tables="stack", end=False)


# Description and metadata


def test_description_is_the_lead_without_its_end_mark() -> None:
    assert describe(ARTICLE) == "Sau 29 tháng thi công, cầu Bến Ngàn thông xe sáng 19/4"


def test_description_falls_back_to_the_body() -> None:
    assert describe(replace(ARTICLE, lead="")) == "Cầu dài 212 mét."


def test_long_description_ends_at_a_word_within_160_characters() -> None:
    text = describe(replace(ARTICLE, lead="nghiên cứu " * 40))
    assert len(text) <= 160
    assert text.endswith(("cứu…", "nghiên…"))


def test_description_of_one_unbroken_token_is_cut() -> None:
    assert len(describe(replace(ARTICLE, lead="x" * 300))) == 160


def test_publication_known_by_its_day_has_no_time_anywhere() -> None:
    day = Moment(datetime(2022, 4, 18, 17, tzinfo=UTC), "day", "Asia/Ho_Chi_Minh")
    article = replace(ARTICLE, published=day)
    head = Head()
    add_article_metadata(head, article, SITE)
    meta = {part.attributes[0][1]: part.attributes[1][1] for part in head.parts}
    assert meta["article:published_time"] == "2022-04-19"
    assert meta["DC.date"] == "2022-04-19"
    assert news_article(article, SITE, "")["datePublished"] == "2022-04-19"


def test_publication_known_by_the_minute_carries_its_offset() -> None:
    assert machine_moment(ARTICLE.published) == "2022-04-19T08:05:00+07:00"


def test_unsigned_article_is_by_the_organisation() -> None:
    head = Head()
    add_article_metadata(head, ARTICLE, SITE)
    creators = [part.attributes[1][1] for part in head.parts if "DC.creator" in part.identity]
    assert creators == ["Ủy ban nhân dân xã Mẫu"]
    assert news_article(ARTICLE, SITE, "")["author"] == [
        {"@type": "GovernmentOrganization", "name": "Ủy ban nhân dân xã Mẫu"}
    ]


def test_dublin_core_separates_values_by_semicolons() -> None:
    article = replace(
        ARTICLE,
        authors=(Author("Thu Trang"), Author("Minh Hà"), Author("Lê Mai", role="photo")),
        tags=(Term("cau", "Cầu"), Term("duong", "Đường")),
        source=Source("Báo Mẫu", "https://bao.example/1"),
    )
    head = Head()
    add_article_metadata(head, article, SITE)
    meta = {part.attributes[0][1]: part.attributes[1][1] for part in head.parts}
    assert meta["DC.creator"] == "Thu Trang; Minh Hà"
    assert meta["DC.contributor"] == "Lê Mai"
    assert meta["DC.subject"] == "Cầu; Đường"
    assert meta["DC.source"] == "Báo Mẫu; https://bao.example/1"


# Properties of schema.org and the types they belong to (release 29; `Thing` properties included).
VOCABULARY = {
    "NewsArticle": {
        "articleSection", "author", "contributor", "correction", "dateModified", "datePublished",
        "description", "expires", "headline", "image", "inLanguage", "isBasedOn", "keywords",
        "mainEntityOfPage", "publisher", "translator", "url",
    },
    "WebPage": {
        "dateModified", "description", "image", "inLanguage", "mainEntityOfPage", "name",
        "publisher", "url",
    },
    "GovernmentOrganization": {"address", "email", "logo", "name", "telephone", "url"},
    "Person": {"name", "url"},
    "ImageObject": {"caption", "creditText", "height", "url", "width"},
    "CorrectionComment": {"datePublished", "text"},
    "CreativeWork": {"name", "url"},
}  # fmt: skip


def assert_in_vocabulary(node: object) -> None:
    """Every object has a known type, and only properties of that type."""
    if isinstance(node, list):
        for item in node:
            assert_in_vocabulary(item)
    if isinstance(node, dict):
        kind = node["@type"]
        assert {name for name in node if not name.startswith("@")} <= VOCABULARY[kind]
        for value in node.values():
            assert_in_vocabulary(value)


def full_article() -> Article:
    return replace(
        ARTICLE,
        hero=IMAGE,
        updated=datetime(2022, 4, 20, 2, tzinfo=UTC),
        expires=datetime(2023, 1, 1, tzinfo=UTC),
        authors=(
            Author("Thu Trang"),
            Author("Văn phòng", kind="unit"),
            Author("Lê Mai", role="photo"),
            Author("An", role="translation"),
        ),
        source=Source("Báo Mẫu", "https://bao.example/1"),
        tags=(Term("cau", "Cầu"),),
        corrections=(Correction(datetime(2022, 4, 20, 2, tzinfo=UTC), "fix", "Sửa số liệu."),),
    )


@pytest.mark.parametrize("article", [ARTICLE, full_article()], ids=["sparse", "full"])
def test_json_ld_uses_only_the_words_of_schema_org(article: Article) -> None:
    assert_in_vocabulary(news_article(article, SITE, describe(article)))
    assert_in_vocabulary(web_page(article, SITE, describe(article)))


def test_full_article_says_everything_in_json_ld() -> None:
    document = news_article(full_article(), SITE, "Mô tả", "https://mau.example/e.svg")
    assert set(document) == {"@context", "@type"} | VOCABULARY["NewsArticle"]
    assert set(document["publisher"]) == {"@type"} | VOCABULARY["GovernmentOrganization"]
    assert document["dateModified"] == "2022-04-20T09:00:00+07:00"
    assert document["image"] == {
        "@type": "ImageObject",
        "url": "https://mau.example/-/media/cau-1200.jpg",
        "width": 1200,
        "height": 675,
        "caption": "Cầu nhìn từ bờ tây",
        "creditText": "Lê Mai",
    }


def test_static_page_has_neither_author_nor_publication_date() -> None:
    document = web_page(full_article(), SITE, "Mô tả")
    assert document["@type"] == "WebPage"
    assert not {"author", "datePublished", "headline"} & document.keys()


def test_json_ld_cannot_end_its_script_element() -> None:
    text = serialise({"headline": "</script><script>alert(1)</script>&<!--\u2028"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text)["headline"] == "</script><script>alert(1)</script>&<!--\u2028"


# Settings and small things


def test_a_part_may_stand_only_once() -> None:
    with pytest.raises(ValidationError, match="headline stands more than once"):
        ViewDataSettings(show=("headline", "body", "headline"))


def test_unknown_part_is_refused() -> None:
    with pytest.raises(ValidationError, match="show"):
        ViewDataSettings.model_validate({"show": ["headlines"]})


@pytest.mark.parametrize(
    ("name", "expected"),
    [("bao-cao.pdf", "PDF"), ("mau.so.1.docx", "DOCX"), ("khongduoi", "")],
    ids=["simple", "dots", "no suffix"],
)
def test_file_type_comes_from_the_file_name(name: str, expected: str) -> None:
    assert file_type(Attachment(1, "Tệp", name, "application/pdf", 10, None, "/x")) == expected
