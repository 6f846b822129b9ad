"""One article as readers see it: what it holds, when it is there, what it depends on."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.content import commands
from portal.content import queries
from portal.content.drafts import AttachmentDraft
from portal.content.drafts import MediaDraft
from portal.content.values import Article
from portal.content.values import Author
from portal.content.values import Correction
from portal.content.values import FigurePart
from portal.content.values import HtmlPart
from portal.content.values import Rendition
from portal.content.values import Source
from portal.content.values import Term
from portal.content.values import Withdrawn
from tests.integration.content.conftest import SITE
from tests.integration.content.conftest import Content

PICTURE = MediaDraft(
    name="ben-ngan",
    width=1200,
    height=800,
    renditions=(Rendition("ab/ben-ngan-1200.webp", 1200, 800, "webp"),),
    alt={"vi": "Cầu Bến Ngần nhìn từ bờ tây"},
    caption={"vi": "Cầu ngày thông xe", "en": "The bridge on opening day"},
    credit="Quàng Minh",
)


def picture(content: Content, draft: MediaDraft = PICTURE) -> int:
    return content.write(lambda session: commands.save_media(session, SITE, draft).id)


def found(content: Content, number: int, locale: str = "vi") -> Article:
    article = content.ask(lambda reader: queries.find_article(reader, number), locale)
    assert isinstance(article, Article)
    return article


def test_article_has_everything_that_was_saved(content: Content) -> None:
    hero = picture(content)
    number = content.save(
        section="tin-tuc/cai-cach",
        lead="Cây cầu dài 126 m.",
        body=f'<p>Một.</p><figure data-media="{hero}"></figure><p>Hai. ./.</p>',
        authors=(Author("Bàn Tuấn"), Author("Quàng Minh", role="photo")),
        source=Source("Báo Lam Khê", "https://bao.example/1"),
        tags=(Term("giao-thong", "Giao thông"), Term("cau-duong", "Cầu đường")),
        topic=Term("cau-ben-ngan", "Cầu Bến Ngần"),
        hero_id=hero,
        attachments=(
            AttachmentDraft("Báo cáo", "bao-cao.pdf", "application/pdf", 9, "ab/c.pdf", 3),
        ),
        corrections=(Correction(content.now, "fix", "Sửa số liệu."),),
        end_mark=True,
        expires=content.now + timedelta(days=9),
        legacy_url="/Pages/tin.aspx?ItemID=7",
    )
    article = found(content, number)
    assert article.path == f"/tin-tuc/cai-cach/cau-ben-ngan-thong-xe-{number}"
    assert [type(part) for part in article.body] == [HtmlPart, FigurePart, HtmlPart]
    assert article.body_text == "Một.\nHai. ./."
    assert article.authors[1] == Author("Quàng Minh", role="photo")
    assert article.source == Source("Báo Lam Khê", "https://bao.example/1")
    assert [term.name for term in article.tags] == ["Giao thông", "Cầu đường"]
    assert article.topic == Term("cau-ben-ngan", "Cầu Bến Ngần")
    assert article.hero is not None
    assert article.hero.renditions[0].src == "/-/media/ab/ben-ngan-1200.webp"
    assert article.attachments[0].src == "/-/media/ab/c.pdf"
    assert article.corrections == (Correction(content.now, "fix", "Sửa số liệu."),)
    assert article.section is not None
    assert [ancestor.key for ancestor in article.section.ancestors] == ["tin-tuc"]
    assert (article.end_mark, article.legacy_url) == (True, "/Pages/tin.aspx?ItemID=7")


def test_article_costs_three_statements_and_once_a_page(content: Content) -> None:
    hero = picture(content)
    number = content.save(
        hero_id=hero, tags=(Term("a", "A"),), translation_group="g", topic=Term("t", "T")
    )
    statements: list[str] = []
    with content.read() as reader:
        event.listen(
            content.engine,
            "before_cursor_execute",
            lambda *event: statements.append(event[2]),
        )
        queries.find_article(reader, number)
        first = len(statements)
        queries.find_article(reader.recording(), number)
    assert (first, len(statements)) == (3, 3)


@pytest.mark.parametrize("minutes", [1, 60 * 24 * 30])
def test_scheduled_article_is_not_there_before_its_time(content: Content, minutes: int) -> None:
    due = content.now + timedelta(minutes=minutes)
    number = content.save(published=due)
    with content.read() as reader:
        assert queries.find_article(reader, number) is None
        assert reader.reads.until == due
    content.clock.moment = due
    assert found(content, number).published.at == due


def test_draft_is_not_there(content: Content) -> None:
    number = content.save(status="draft")
    with content.read() as reader:
        assert queries.find_article(reader, number) is None
        assert reader.reads.tags == {f"article:{number}"}


def test_article_of_another_site_is_not_there(content: Content) -> None:
    number = content.save()
    with content.read() as reader:
        elsewhere = replace(reader, site="other")
        assert queries.find_article(elsewhere, number) is None


def test_expired_article_stays_readable_and_ends_the_answer_when_it_expires(
    content: Content,
) -> None:
    expiry = content.now + timedelta(hours=2)
    number = content.save(expires=expiry)
    with content.read() as reader:
        queries.find_article(reader, number)
        assert reader.reads.until == expiry
    content.clock.advance(hours=3)
    with content.read() as reader:
        article = queries.find_article(reader, number)
        assert isinstance(article, Article)
        assert article.expires == expiry
        assert reader.reads.until is None


def test_withdrawn_article_says_why_and_what_replaces_it(content: Content) -> None:
    better = content.save("Bài đăng lại")
    number = content.save("Bài sai số liệu")
    content.write(
        lambda session: commands.withdraw(
            session, SITE, number, now=content.now, reason="Sai số liệu", successor=better
        )
    )
    with content.read() as reader:
        gone = queries.find_article(reader, number)
        assert isinstance(gone, Withdrawn)
        assert gone.reason == "Sai số liệu"
        assert gone.successor is not None
        assert gone.successor.id == better
        assert f"article:{better}" in reader.reads.tags


def test_restored_article_is_as_it_was(content: Content) -> None:
    number = content.save("Bài sai số liệu")
    before = found(content, number)
    content.write(
        lambda session: commands.withdraw(session, SITE, number, now=content.now, reason="Sai")
    )
    content.write(lambda session: commands.restore(session, SITE, number, now=content.now))
    assert found(content, number) == before


def test_translations_name_each_other_and_hide_what_is_not_due(content: Content) -> None:
    due = content.now + timedelta(hours=1)
    vietnamese = content.save(translation_group="cau")
    english = content.save(
        "Bến Ngần bridge opens", locale="en", translation_group="cau", published=due
    )
    with content.read() as reader:
        article = queries.find_article(reader, vietnamese)
        assert isinstance(article, Article)
        assert article.translations == ()
        assert reader.reads.until == due
        assert "group:cau" in reader.reads.tags
    content.clock.moment = due
    (translation,) = found(content, vietnamese).translations
    assert translation.path == f"/en/tin-tuc/ben-ngan-bridge-opens-{english}"
    assert translation.headline == "Bến Ngần bridge opens"


def test_linked_articles_become_translations(content: Content) -> None:
    vietnamese = content.save()
    english = content.save("Bridge opens", locale="en")
    content.write(
        lambda session: commands.link_translation(
            session, SITE, [vietnamese, english], now=content.now
        )
    )
    assert [item.locale for item in found(content, english, "en").translations] == ["vi"]


def test_page_has_a_short_address_and_keeps_the_old_one(content: Content) -> None:
    number = content.save("Giới thiệu", kind="page", section=None)
    with content.read() as reader:
        page = queries.find_page(reader, "gioi-thieu")
        assert isinstance(page, Article)
        assert (page.id, page.path) == (number, "/gioi-thieu")
        assert queries.find_page(reader, "khong-co") is None
        assert "page:khong-co" in reader.reads.tags

    def rename(session: Session) -> None:
        draft = commands.read_draft(session, SITE, number)
        commands.save_article(
            session,
            SITE,
            replace(draft, slug="ve-chung-toi"),
            now=content.now,
        )

    content.write(rename)
    with content.read() as reader:
        assert queries.find_page(reader, "gioi-thieu") is None
        moved = queries.find_redirect(reader, "example.vn", "/Gioi-Thieu/", {})
        assert moved is not None
        assert (moved.target, moved.code) == ("/ve-chung-toi", 301)


def test_missing_picture_leaves_its_caption(content: Content) -> None:
    number = content.save(
        body='<p>A</p><figure data-media="404"><figcaption>Bến đò cũ</figcaption></figure>'
        '<figure data-media="405"></figure>'
    )
    article = found(content, number)
    assert [part for part in article.body if isinstance(part, FigurePart)] == [
        FigurePart(None, "Bến đò cũ", "")
    ]


def test_picture_without_words_is_decorative(content: Content) -> None:
    hero = picture(content, replace(PICTURE, alt={}, caption={}))
    article = found(content, content.save(hero_id=hero))
    assert article.hero is not None
    assert (article.hero.alt, article.hero.decorative) == ("", True)


def test_names_fall_back_to_the_default_language(content: Content) -> None:
    number = content.save(
        "Digital", locale="en", section="tin-tuc/chuyen-doi-so", tags=(Term("so", "Digital"),)
    )
    article = found(content, number, "en")
    assert article.section is not None
    assert article.section.name == "Chuyển đổi số"
    assert article.section.ancestors[0].name == "News"
    assert article.path == f"/en/tin-tuc/chuyen-doi-so/digital-{number}"


HARD_TEXTS = {
    "decomposed": unicodedata.normalize("NFD", "Đường về bản Nậm Lụa đã thông"),
    "nul": "Thông\x00 báo",
    "lone_surrogate": "Thông báo \ud83d hỏng",
    "long": "Tiêu đề rất dài của một bài viết " * 9,
    "unbroken": "x" * 60,
    "markup": "<script>alert(1)</script> & 5 < 6",
    "quotes": "Robert'); DROP TABLE article;--",
}


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS.keys())
def test_hard_text_survives_in_every_plain_field(content: Content, text: str) -> None:
    number = content.save(
        text,
        lead=text,
        authors=(Author(text),),
        source=Source(text),
        tags=(Term("tag", text),),
        provenance=({"rule": text},),
    )
    article = found(content, number)
    assert unicodedata.is_normalized("NFC", article.headline)
    assert article.headline == article.lead == article.authors[0].name.strip()
    assert article.tags[0].name == article.headline
    assert len(article.headline) >= len(text.strip().replace("\x00", "")) * 0.6
    assert "\x00" not in article.headline
    assert "\ud83d" not in article.headline


def test_large_body_survives(content: Content) -> None:
    body = "".join(f"<p>Đoạn {number}: {'chữ ' * 40}</p>" for number in range(1200))
    assert len(body) > 200_000
    number = content.save(body=body)
    assert found(content, number).body_text.count("\n") == 1199


def test_empty_body_has_no_parts(content: Content) -> None:
    assert found(content, content.save(body=" <p>&nbsp;</p> ")).body == ()


def test_scripts_never_reach_the_store(content: Content) -> None:
    number = content.save(body='<p onclick="a()">A<script>b()</script></p>')
    article = found(content, number)
    assert article.body == (article.body[0],)
    assert isinstance(article.body[0], HtmlPart)
    assert article.body[0].html.source == "<p>A</p>"
