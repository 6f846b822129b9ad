"""The newest articles on real pages: whose, how old, and never twice."""

from __future__ import annotations

from typing import Any

from tests.clocks import StandingClock
from tests.integration.blocks.pages import Look
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose


def placed(key: str = "news", **settings: Any) -> dict[str, Any]:
    return {"key": key, "block": "latest", "settings": settings}


def shown(page: Look, key: str = "news") -> list[str]:
    return page.texts(f'[data-block="{key}"] li a')


def home(site: SmallSite) -> Look:
    return Look(compose(site.portal()))


def test_newest_articles_come_first(site: SmallSite):
    site.lay_out("home", placed(limit=2))
    for days in (3, 1, 2):
        site.article(f"Tin {days}", days=days)
    assert shown(home(site)) == ["Tin 1", "Tin 2"]


def test_no_articles_leave_no_trace(site: SmallSite):
    site.lay_out("home", placed())
    assert not home(site).has(".latest")


def test_second_list_goes_on_where_the_first_ended(site: SmallSite):
    site.lay_out("home", placed("first", limit=2), placed("second", limit=2))
    for days in range(1, 6):
        site.article(f"Tin {days}", days=days)
    page = home(site)
    assert shown(page, "first") == ["Tin 1", "Tin 2"]
    assert shown(page, "second") == ["Tin 3", "Tin 4"]


def test_sections_choose_and_exclude_with_all_below_them(site: SmallSite):
    site.lay_out(
        "home", placed("some", sections=["tin-tuc"]), placed("rest", exclude_sections=["tin-tuc"])
    )
    site.article("Trên", days=1)
    site.article("Dưới", days=2, section="tin-tuc/hoat-dong")
    site.article("Khác", days=3, section="thong-bao")
    page = home(site)
    assert shown(page, "some") == ["Trên", "Dưới"]
    assert shown(page, "rest") == ["Khác"]


def test_an_article_leaves_when_it_passes_the_age(site: SmallSite, clock: StandingClock):
    site.lay_out("home", placed(max_age="5d"))
    site.article("Bốn ngày", days=4.5)
    site.article("Sáu ngày", days=6)
    portal = site.portal()
    assert shown(Look(compose(portal))) == ["Bốn ngày"]
    clock.advance(days=1)
    assert not Look(compose(portal)).has(".latest")


def test_lead_layout_shows_the_first_one_large(site: SmallSite):
    site.lay_out("home", placed(layout="lead", limit=3))
    for days in (1, 2, 3):
        site.article(f"Tin {days}", days=days, lead="Câu dẫn.")
    page = home(site)
    assert page.texts(".latest__first a") == ["Tin 1"]
    assert page.texts(".latest .cards a") == ["Tin 2", "Tin 3"]


def test_link_to_all_leads_to_the_first_section(site: SmallSite):
    site.lay_out("home", placed(sections=["tin-tuc"], more_link=True))
    site.article("Tin")
    page = home(site)
    assert page.texts(".more") == ["Xem tất cả Tin tức"]
    assert page.links(".more") == ["/tin-tuc/"]
