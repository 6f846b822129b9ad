"""The lists of a home page on real pages: pins, sections, topics, what is read; never twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.content import commands
from portal.content import queries
from portal.content.drafts import MediaDraft
from portal.content.drafts import PinDraft
from portal.content.values import Rendition
from portal.content.values import Term
from tests.clocks import StandingClock
from tests.integration.blocks.pages import Look
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose


def placed(key: str, block: str, **settings: Any) -> dict[str, Any]:
    return {"key": key, "block": block, "settings": settings}


def shown(page: Look, key: str) -> list[str]:
    """The headlines a block links to, without "see all" links."""
    return page.texts(f'[data-block="{key}"] a:not(.more)')


def home(site: SmallSite) -> Look:
    return Look(compose(site.portal()))


def picture(site: SmallSite) -> int:
    draft = MediaDraft(
        name="anh",
        alt={"vi": "Ảnh"},
        width=960,
        height=540,
        renditions=(Rendition("a.jpg", 960, 540, "jpeg"),),
    )
    number: int = site.edit(commands.save_media, draft).id
    return number


def section_number(site: SmallSite, key: str) -> int:
    with site.portal().read("vi") as reader:
        found = queries.find_section(reader, key)
    assert found is not None
    return found.id


# --- lead_news --------------------------------------------------------------------------------


def test_pins_come_first_then_stories_with_picture_and_lead_then_the_newest(site: SmallSite):
    site.lay_out("home", placed("lead", "lead_news", limit=4))
    image = picture(site)
    site.article("Mới nhất", days=1)
    site.article("Có ảnh", days=3, hero_id=image, lead="Câu dẫn")
    pinned = site.article("Được ghim", days=9)
    site.article("Cũ", days=8)
    site.edit(commands.set_pins, "home", [pinned])
    assert shown(home(site), "lead") == ["Được ghim", "Có ảnh", "Mới nhất", "Cũ"]


def test_pin_leaves_the_top_when_it_expires(site: SmallSite, clock: StandingClock):
    site.lay_out("home", placed("lead", "lead_news", limit=2))
    pinned = site.article("Được ghim", days=9)
    site.article("Mới", days=1)
    until = clock() + timedelta(minutes=10)
    site.edit(commands.set_pins, "home", [PinDraft(pinned, until)])
    portal = site.portal()
    assert shown(Look(compose(portal)), "lead") == ["Được ghim", "Mới"]
    clock.advance(minutes=10, seconds=-1)
    assert shown(Look(compose(portal)), "lead")[0] == "Được ghim"
    clock.advance(seconds=1)
    assert shown(Look(compose(portal)), "lead") == ["Mới", "Được ghim"]


def test_pins_of_a_section_lead_its_own_hot_news(site: SmallSite):
    site.lay_out("home", placed("lead", "lead_news", sections=["thong-bao"], limit=1))
    site.article("Mới", days=1, section="thong-bao")
    pinned = site.article("Ghim trong mục", days=5, section="thong-bao")
    site.edit(commands.set_pins, f"section:{section_number(site, 'thong-bao')}", [pinned])
    assert shown(home(site), "lead") == ["Ghim trong mục"]


def test_hot_news_without_pins_ignores_them(site: SmallSite):
    site.lay_out("home", placed("lead", "lead_news", pins=False, limit=1))
    pinned = site.article("Được ghim", days=9)
    site.article("Mới", days=1)
    site.edit(commands.set_pins, "home", [pinned])
    assert shown(home(site), "lead") == ["Mới"]


# --- section_box and section_tabs ---------------------------------------------------------------


def test_box_shows_its_section_and_the_way_to_all_of_it(site: SmallSite):
    site.lay_out("home", placed("box", "section_box", section="tin-tuc", limit=1))
    site.article("Ngoài mục", days=1, section="thong-bao")
    site.article("Một", days=2)
    site.article("Hai", days=3, section="tin-tuc/hoat-dong")
    site.article("Ba", days=4)
    page = home(site)
    assert shown(page, "box") == ["Một", "Hai"]
    assert page.links('[data-block="box"] a.more') == ["/tin-tuc/"]
    assert page.texts('[data-block="box"] a.more') == ["Xem tất cả Tin tức"]


def test_box_of_an_empty_section_leaves_no_trace_until_something_is_published(site: SmallSite):
    site.lay_out("home", placed("box", "section_box", section="thong-bao"))
    portal = site.portal()
    assert not Look(compose(portal)).has(".section-box")
    site.article("Đầu tiên", section="thong-bao")
    assert shown(Look(compose(portal)), "box") == ["Đầu tiên"]


def test_box_hides_subsections_when_told(site: SmallSite):
    site.lay_out("home", placed("box", "section_box", section="tin-tuc", include_subsections=False))
    site.article("Của mục con", section="tin-tuc/hoat-dong")
    site.article("Của mục", days=2)
    assert shown(home(site), "box") == ["Của mục"]


def test_tabs_are_headed_lists_and_an_empty_section_has_none(site: SmallSite):
    site.lay_out("home", placed("tabs", "section_tabs", sections=["tin-tuc", "thong-bao"]))
    site.article("Một")
    page = home(site)
    assert page.texts('[data-block="tabs"] h3') == ["Tin tức"]
    assert not page.has(".tabs__list")
    site.article("Hai", section="thong-bao")
    page = home(site)
    assert page.texts('[data-block="tabs"] h3') == ["Tin tức", "Thông báo"]
    assert page.texts(".tabs__tab") == ["Tin tức", "Thông báo"]
    assert page.has(".tabs__list[hidden]")


def test_article_of_two_tabs_stands_in_the_first(site: SmallSite):
    site.lay_out("home", placed("tabs", "section_tabs", sections=["tin-tuc/hoat-dong", "tin-tuc"]))
    site.article("Chung", section="tin-tuc/hoat-dong")
    site.article("Riêng", days=2)
    assert shown(home(site), "tabs") == ["Chung", "Riêng"]


@pytest.mark.parametrize("sections", [["a", "b", "c", "d", "e"]])
def test_five_tabs_are_refused_when_the_layout_is_loaded(site: SmallSite, sections: list[str]):
    site.lay_out("home", placed("tabs", "section_tabs", sections=sections))
    with pytest.raises(Exception, match="at most 4 items"):
        site.portal()


# --- topic ------------------------------------------------------------------------------------


def test_timeline_names_its_story_and_goes_either_way(site: SmallSite):
    story = Term("cau", "Cầu Bến Ngần")
    site.lay_out(
        "home",
        placed("new", "topic", topic="cau"),
        placed("old", "topic", topic="cau", order="oldest", limit=1),
    )
    for days in (3, 1, 2):
        site.article(f"Kỳ {days}", days=days, topic=story)
    page = home(site)
    assert page.texts('[data-block="new"] h2') == ["Theo dòng sự kiện: Cầu Bến Ngần"]
    assert shown(page, "new") == ["Kỳ 1", "Kỳ 2", "Kỳ 3"]
    assert not page.has('[data-block="old"]')  # everything stands above already


def test_article_page_tells_the_articles_own_story_without_itself(site: SmallSite):
    story = Term("cau", "Cầu Bến Ngần")
    site.lay_out("article", placed("line", "topic"))
    site.article("Kỳ một", days=3, topic=story)
    number = site.article("Kỳ hai", days=2, topic=story)
    alone = site.article("Chuyện khác", days=1)
    portal = site.portal()
    with portal.read("vi") as reader:
        paths = [item.path for item in queries.summaries(reader, (number, alone))]
    assert shown(Look(compose(portal, paths[0])), "line") == ["Kỳ một"]
    assert not Look(compose(portal, paths[1])).has('[data-block="line"]')


# --- most_read --------------------------------------------------------------------------------


def count(site: SmallSite, clock: StandingClock, *views: tuple[int, int]) -> None:
    site.edit(commands.add_views, {(number, clock().date()): times for number, times in views})


def test_most_read_waits_for_enough_readers_and_renews_itself_by_time(
    site: SmallSite, clock: StandingClock
):
    # Without a time to be stale the list is new for the first reader who comes after ten minutes.
    listed = placed("most", "most_read", least=2, minimum_views=5)
    site.lay_out("home", {**listed, "cache": {"stale": "0s"}})
    first, second = site.article("Một"), site.article("Hai", days=2)
    portal = site.portal()
    count(site, clock, (first, 9), (second, 4))
    assert not Look(compose(portal)).has(".most-read")
    count(site, clock, (second, 90))
    assert not Look(compose(portal)).has(".most-read")
    clock.advance(minutes=10)
    assert shown(Look(compose(portal)), "most") == ["Hai", "Một"]


def test_withdrawn_article_leaves_the_most_read_at_once_and_the_next_moves_up(
    site: SmallSite, clock: StandingClock
):
    site.lay_out("home", placed("most", "most_read", limit=2, least=1, minimum_views=1))
    numbers = [site.article(f"Tin {place}", days=place) for place in (1, 2, 3)]
    count(site, clock, *zip(numbers, (9, 8, 7), strict=True))
    portal = site.portal()
    assert shown(Look(compose(portal)), "most") == ["Tin 1", "Tin 2"]
    site.edit(commands.withdraw, numbers[0], reason="Sai", now=clock())
    assert shown(Look(compose(portal)), "most") == ["Tin 2", "Tin 3"]


# --- slideshow --------------------------------------------------------------------------------


def test_one_picture_is_a_plain_figure_and_more_say_their_number(site: SmallSite):
    site.lay_out("home", placed("show", "slideshow"))
    image = picture(site)
    site.article("Một", days=2, hero_id=image, lead="Dẫn")
    site.article("Không ảnh", days=1, lead="Dẫn")
    page = home(site)
    assert shown(page, "show") == ["Một"]
    assert page.has('[data-block="show"] > figure')
    assert not page.has("[aria-roledescription]")
    site.article("Hai", days=1, hero_id=image, lead="Dẫn")
    page = home(site)
    assert page.texts(".slideshow__number") == ["Ảnh 1/2", "Ảnh 2/2"]
    assert page.has('[aria-roledescription="Băng ảnh"]')
    assert page.has(".slideshow__controls[hidden]")


# --- notices ----------------------------------------------------------------------------------


def test_notices_come_and_go_at_their_second_and_urgent_ones_stand_first(
    site: SmallSite, clock: StandingClock
):
    # The clock says 09:30 in Vietnam.
    site.lay_out(
        "home",
        placed(
            "notices",
            "notices",
            items=[
                {"text": {"vi": "Thường"}},
                {"text": {"vi": "Khẩn"}, "severity": "urgent", "starts": "2026-11-23T10:00"},
                {"text": {"vi": "Sắp hết"}, "ends": "2026-11-23T04:00:00Z"},
            ],
        ),
    )
    portal = site.portal()

    def now() -> list[str]:
        return Look(compose(portal)).texts('[data-block="notices"] li > p:last-child')

    assert now() == ["Thường", "Sắp hết"]
    clock.advance(minutes=29, seconds=59)
    assert now() == ["Thường", "Sắp hết"]
    clock.advance(seconds=1)
    assert now() == ["Khẩn", "Thường", "Sắp hết"]
    clock.advance(minutes=59, seconds=59)
    assert "Sắp hết" in now()
    clock.advance(seconds=1)
    assert now() == ["Khẩn", "Thường"]


def test_new_mark_and_expired_articles_go_by_themselves(site: SmallSite, clock: StandingClock):
    site.lay_out("home", placed("notices", "notices", section="thong-bao", new_for="1d"))
    site.article("Cắt điện", days=0.5, section="thong-bao", expires=clock() + timedelta(hours=20))
    site.article("Cũ", days=5, section="thong-bao")
    portal = site.portal()
    page = Look(compose(portal))
    assert page.texts('[data-block="notices"] .notices__badge') == ["Mới"]
    assert shown(page, "notices") == ["Cắt điện", "Cũ"]
    clock.advance(hours=12)
    assert not Look(compose(portal)).has(".notices__badge")
    clock.advance(hours=8)
    assert shown(Look(compose(portal)), "notices") == ["Cũ"]


def test_address_that_runs_a_script_is_refused_when_the_layout_is_loaded(site: SmallSite):
    bad = {"text": {"vi": "Bấm"}, "url": "javascript:alert(1)"}
    site.lay_out("home", placed("notices", "notices", items=[bad]))
    with pytest.raises(Exception, match="is no address for readers"):
        site.portal()


# --- together ---------------------------------------------------------------------------------


def test_no_article_stands_twice_whatever_the_order_of_the_lists(
    site_on_each: SmallSite, clock: StandingClock, tmp_path: Path
):
    site = site_on_each
    image, story = picture(site), Term("cau", "Cầu")
    numbers = [
        site.article(
            f"Tin {day}",
            days=day,
            section=("tin-tuc", "thong-bao", "tin-tuc/hoat-dong")[day % 3],
            hero_id=image if day % 2 else None,
            lead="Dẫn" if day % 2 else "",
            topic=story if day % 4 == 0 else None,
        )
        for day in range(1, 61)
    ]
    site.edit(commands.set_pins, "home", numbers[40:42])
    count(site, clock, *((number, number) for number in numbers))
    lists = [
        placed("slideshow", "slideshow", limit=4),
        placed("most_read", "most_read", minimum_views=1),
        placed("lead", "lead_news", limit=5),
        placed("box", "section_box", section="tin-tuc", limit=4),
        placed("tabs", "section_tabs", sections=["thong-bao", "tin-tuc/hoat-dong"]),
        placed("notices", "notices", section="thong-bao", limit=3),
        placed("topic", "topic", topic="cau", limit=3),
        placed("latest", "latest", limit=4),
    ]
    for order in (lists, lists[::-1]):
        site.lay_out("home", *order)
        page = home(site)
        links = [
            link for link in page.links("main a:not(.more)") if link.rpartition("-")[2].isdigit()
        ]
        assert len(links) == len(set(links)) >= 30
        assert all(shown(page, item["key"]) for item in order)
