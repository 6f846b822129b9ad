"""A section's list on real pages: paging, addresses, what belongs to it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.blocks.pages import Look
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose

ADDRESS = "https://mau.example/tin-tuc/"


def place(site: SmallSite, **settings: Any) -> None:
    """A section page whose title is the list's own."""
    site.write_file(
        "layouts/section.yaml",
        {
            "layout": "section",
            "for": "section",
            "default": True,
            "title": {"vi": "Chuyên mục", "en": "Section"},
            "template": "page",
            "regions": {
                "main": [
                    {
                        "key": "articles",
                        "block": "news_list",
                        "required": True,
                        "settings": settings,
                    }
                ]
            },
        },
    )


def look(site: SmallSite, number: int = 1, path: str = "/tin-tuc/") -> Look:
    return Look(compose(site.portal(), path, page_number=number))


def headlines(page: Look) -> list[str]:
    return page.texts(".news-list .card__link")


def test_every_article_stands_on_exactly_one_page_newest_first(site: SmallSite):
    place(site, per_page=2)
    for days in range(1, 6):
        site.article(f"Tin {days}", days=days)
    assert [headlines(look(site, number)) for number in (1, 2, 3)] == [
        ["Tin 1", "Tin 2"],
        ["Tin 3", "Tin 4"],
        ["Tin 5"],
    ]


def test_first_page_is_canonical_without_a_number(site: SmallSite):
    place(site, per_page=1)
    for days in range(1, 4):
        site.article(f"Tin {days}", days=days)
    first, second, third = (look(site, number) for number in (1, 2, 3))
    assert (first.link("canonical"), first.link("prev")) == (ADDRESS, None)
    assert first.link("next") == f"{ADDRESS}?page=2"
    assert second.link("canonical") == f"{ADDRESS}?page=2"
    assert second.link("prev") == ADDRESS
    assert third.link("next") is None
    assert second.links('.pagination [rel="prev"]') == ["/tin-tuc/"]
    assert second.has(".pagination [aria-current=page]")


def test_later_pages_have_titles_of_their_own(site: SmallSite):
    place(site, per_page=1)
    for days in (1, 2):
        site.article(f"Tin {days}", days=days)
    titles = [look(site, number).texts("title")[0] for number in (1, 2)]
    assert titles[0].startswith("Tin tức –")
    assert titles[1].startswith("Tin tức – Trang 2 –")


@pytest.mark.parametrize("number", [2, 1000], ids=["next", "far"])
def test_page_beyond_the_end_does_not_exist(site: SmallSite, number: int):
    place(site)
    site.article("Tin")
    assert look(site, number).status == 404


def test_empty_section_says_so(site: SmallSite):
    place(site)
    page = look(site)
    assert page.status == 200
    assert "Chuyên mục chưa có tin bài." in page.texts(".news-list p")
    assert not page.has(".pagination")


@pytest.mark.parametrize(
    ("included", "expected"),
    [(True, ["Ở chuyên mục con", "Ở chuyên mục"]), (False, ["Ở chuyên mục"])],
    ids=["with subsections", "alone"],
)
def test_sections_below_belong_to_the_list(site: SmallSite, included: bool, expected: list[str]):
    place(site, include_subsections=included)
    site.article("Ở chuyên mục", days=2)
    site.article("Ở chuyên mục con", days=1, section="tin-tuc/hoat-dong")
    site.article("Ở nơi khác", days=1, section="thong-bao")
    page = look(site)
    assert headlines(page) == expected
    assert page.links(".news-list__subsections a") == ["/tin-tuc/hoat-dong/"]


def test_a_new_article_comes_first_at_the_next_request(site: SmallSite):
    place(site)
    site.article("Cũ", days=2)
    portal = site.portal()
    assert headlines(Look(compose(portal, "/tin-tuc/"))) == ["Cũ"]
    site.article("Mới", days=1)
    assert headlines(Look(compose(portal, "/tin-tuc/"))) == ["Mới", "Cũ"]


def test_title_elsewhere_leaves_a_heading(site: SmallSite):
    site.lay_out(
        "section", {"key": "articles", "block": "news_list", "settings": {"headline": False}}
    )
    site.article("Tin")
    page = look(site)
    assert page.texts("h1") == ["Title section"]
    assert page.texts(".news-list h2") == ["Tin bài: Tin tức"]
