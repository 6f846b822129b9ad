"""The article view on real pages: parts, notices, metadata, and what changes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portal.content import commands
from portal.content.values import Author
from portal.content.values import Correction
from portal.content.values import Source
from portal.testing.harness import SITE
from tests.clocks import StandingClock
from tests.integration.blocks.pages import Look
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose

HEADLINE = "Cầu Bến Ngàn thông xe"


def show(site: SmallSite, page: str = "article", **settings: Any) -> None:
    """Place the view on a kind of page, without another title."""
    parts = settings.setdefault(
        "show", ["headline", "lead", "notices", "toc", "body", "authors", "source", "corrections"]
    )
    placement = {"key": "body", "block": "viewdata", "required": True, "settings": settings}
    site.lay_out(page, placement)
    if "headline" in parts:
        layout = {
            "layout": page,
            "for": page,
            "default": True,
            "title": {"vi": page, "en": page},
            "template": "print" if page == "print" else "page",
            "regions": {"main": [placement]},
        }
        site.write_file(f"layouts/{page}.yaml", layout)


def look(site: SmallSite, number: int, slug: str = "cau-ben-ngan-thong-xe", **more: Any) -> Look:
    return Look(compose(site.portal(), f"/tin-tuc/{slug}-{number}", **more))


def test_article_without_optional_parts_shows_no_empty_ones(site: SmallSite):
    show(site)
    page = look(site, site.article(HEADLINE))
    assert page.texts("h1") == [HEADLINE]
    assert page.texts(".viewdata__body p") == ["Một đoạn văn."]
    for part in ("authors", "source", "lead", "toc", "corrections"):
        assert not page.has(f".viewdata__{part}")
    assert not page.has("figure")
    assert not page.has(".notice")


def test_parts_stand_in_the_order_of_the_setting(site: SmallSite):
    show(site, show=["authors", "body", "headline"])
    page = look(site, site.article(HEADLINE, authors=(Author("Thu Trang"),)))
    marks = ("viewdata__authors", "viewdata__body", "<h1")
    assert sorted(marks, key=page.html.index) == list(marks)


def test_without_the_headline_the_article_is_still_named(site: SmallSite):
    show(site, show=["body"])
    page = look(site, site.article(HEADLINE))
    assert page.texts("h1") == ["Title article"]
    assert page.has(f'article[aria-label="{HEADLINE}"]')


def test_contents_appear_from_four_headings_on(site: SmallSite):
    show(site)
    three = "".join(f"<h2>Mục {number}</h2><p>x</p>" for number in range(3))
    short = look(site, site.article("Ngắn", body=three), "ngan")
    long = look(site, site.article("Dài", body=three + "<h2>Mục 4</h2><p>x</p>"), "dai")
    assert not short.has(".viewdata__toc")
    assert long.links(".viewdata__toc a") == [f"#body-s-muc-{number}" for number in (0, 1, 2, 4)]
    assert long.has("#body-s-muc-4")


def test_expiry_shows_a_notice_from_its_moment_on(site: SmallSite, clock: StandingClock):
    show(site)
    number = site.article(HEADLINE, expires=clock() + timedelta(hours=1))
    portal = site.portal()
    before = Look(compose(portal, f"/tin-tuc/cau-ben-ngan-thong-xe-{number}"))
    clock.advance(hours=2)
    after = Look(compose(portal, f"/tin-tuc/cau-ben-ngan-thong-xe-{number}"))
    assert not before.has(".notice")
    assert before.meta("robots") is None
    assert after.texts(".notice") == ["Nội dung đã hết hiệu lực ngày 23/11/2026."]
    assert after.meta("robots") == "noindex"


@pytest.mark.parametrize(
    ("days", "noticed"), [(600, True), (1, False)], ids=["before the merger", "after it"]
)
def test_article_older_than_the_merger_says_so(site: SmallSite, days: int, noticed: bool):
    show(site)
    site.write_file("site.yaml", {**SITE, "legacy_notice_before": "2025-07-01"})
    page = look(site, site.article(HEADLINE, days=days))
    assert page.texts(".notice") == (
        ["Bài đăng trước ngày 01/07/2025; tên đơn vị hành chính có thể đã thay đổi."]
        if noticed
        else []
    )


def test_a_correction_shows_at_the_next_request_newest_first(site: SmallSite, clock: StandingClock):
    show(site)
    number = site.article(HEADLINE)
    portal = site.portal()
    path = f"/tin-tuc/cau-ben-ngan-thong-xe-{number}"
    assert not Look(compose(portal, path)).has(".viewdata__corrections")
    for kind, note in (("fix", "Sửa tên cầu."), ("correction", "Sửa chiều dài.")):
        clock.advance(minutes=1)
        correction = Correction(clock(), kind, note)  # type: ignore[arg-type]
        site.edit(commands.add_correction, number, correction, now=clock())
    shown = Look(compose(portal, path)).texts(".viewdata__corrections li")
    assert [text.partition(" – ")[0] for text in shown] == ["Đính chính", "Sửa lỗi"]
    assert shown[0].endswith("Sửa chiều dài.")


def test_publication_by_day_shows_no_time_to_anyone(site: SmallSite):
    show(site, show=["headline", "date", "body"])
    page = look(site, site.article(HEADLINE, precision="day"))
    assert page.texts(".viewdata__date time") == ["Chủ Nhật, 22/11/2026"]
    assert page.document("NewsArticle")["datePublished"] == "2026-11-22"
    assert page.meta("article:published_time") == page.meta("DC.date") == "2026-11-22"


def test_a_static_page_is_no_news(site: SmallSite):
    show(site, "page", show=["headline", "body", "authors"])
    site.article("Giới thiệu", kind="page", section=None, slug="gioi-thieu")
    page = Look(compose(site.portal(), "/gioi-thieu"))
    assert page.document("WebPage")["name"] == "Giới thiệu"
    assert page.meta("og:type") == "website"
    assert page.meta("article:published_time") is None
    assert not page.has(".viewdata__authors")


def test_the_print_page_leads_search_engines_to_the_article(site: SmallSite):
    show(site, "print", show=["headline", "body", "printed"], noindex="always")
    page = look(site, number := site.article(HEADLINE), printing=True)
    address = f"https://mau.example/tin-tuc/cau-ben-ngan-thong-xe-{number}"
    assert page.link("canonical") == address
    assert page.meta("robots") == "noindex"
    assert page.texts(".viewdata__printed") == [f"In từ {address} ngày 23/11/2026"]


def test_two_views_on_a_page_describe_it_once(site: SmallSite):
    site.lay_out(
        "article",
        {"key": "above", "block": "viewdata", "settings": {"show": ["lead"]}},
        {"key": "below", "block": "viewdata", "settings": {"show": ["body"]}},
    )
    page = look(site, site.article(HEADLINE, lead="Sáng nay."))
    assert page.html.count('rel="canonical"') == 1
    assert page.html.count("application/ld+json") == 1
    assert page.html.count("og:title") == 1


def test_what_an_author_wrote_cannot_become_code(site: SmallSite):
    show(site)
    attack = '</script><script>alert("1")</script>'
    page = look(
        site,
        site.article(
            HEADLINE + attack,
            slug="x",
            lead=attack,
            body=f"<p>{attack}<a href='javascript:alert(1)'>x</a></p>",
            authors=(Author(attack),),
            source=Source(attack, "https://example.org/?a=1&b=</script>"),
        ),
        "x",
    )
    assert "<script>alert" not in page.html
    assert "javascript:" not in page.html
    assert page.document("NewsArticle")["headline"].startswith(HEADLINE)


def test_source_is_linked_and_says_that_it_leads_away(site: SmallSite):
    show(site)
    page = look(site, site.article(HEADLINE, source=Source("Báo Mẫu", "https://bao.example/1")))
    assert page.texts(".viewdata__source") == ["Nguồn: Báo Mẫu (liên kết ngoài)"]
    assert page.links(".viewdata__source a") == ["https://bao.example/1"]
