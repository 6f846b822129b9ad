"""The blocks of a home page in Chromium: keys, memory, what they are without scripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import Route
from playwright.sync_api import expect

from blocks.links import block as links
from blocks.outage_banner import block as outage_banner
from blocks.section_tabs import block as section_tabs
from blocks.slideshow import block as slideshow
from portal.block import Block
from portal.testing.examples import read_examples
from portal.testing.harness import Harness

TEMPLATES = Path(__file__).parents[2] / "templates"
ORIGIN = "http://127.0.0.1:1"


class Stage:
    """Shows an example of a block in the browser; the application answers without a socket."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def show(self, page: Page, block: Block[Any], example: str) -> None:
        """Open the page of the example called `example`."""
        harness = Harness(self._folder, block, TEMPLATES)
        found = next(item for item in read_examples(block) if item.name == example)
        client = harness.app(found).test_client()

        def answer(route: Route) -> None:
            address = urlsplit(route.request.url)
            if not route.request.url.startswith(ORIGIN):
                route.fulfill(body="<title>elsewhere</title>", content_type="text/html")
                return
            with client.get(address.path) as reply:
                route.fulfill(
                    status=reply.status_code, body=reply.data, headers=dict(reply.headers.items())
                )

        page.context.route("**/*", answer)
        page.goto(ORIGIN + harness.request(found).path)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture
def page(browser: Browser) -> Any:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield context.new_page()


def focused(page: Page) -> str:
    """The words of the element with the focus."""
    return str(page.evaluate("document.activeElement.textContent.trim()"))


# --- tabs -------------------------------------------------------------------------------------


def test_tabs_have_one_stop_and_arrow_keys_go_round(page: Page, stage: Stage) -> None:
    stage.show(page, section_tabs, "normal")
    tabs = page.get_by_role("tab")
    expect(tabs).to_have_text(["Hoạt động", "Tin tức", "Thông báo"])
    tabs.first.focus()
    seen = []
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "Home", "End"):
        page.keyboard.press(key)
        seen.append(focused(page))
        expect(page.get_by_role("tab", selected=True)).to_have_text(seen[-1])
        expect(page.get_by_role("tabpanel")).to_have_count(1)
        expect(page.get_by_role("tabpanel", name=seen[-1])).to_be_visible()
    assert seen == ["Tin tức", "Thông báo", "Hoạt động", "Thông báo", "Hoạt động", "Thông báo"]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('[role=tabpanel]') !== null")
    page.keyboard.press("Shift+Tab")
    assert focused(page) == "Thông báo"


def test_click_selects_a_tab(page: Page, stage: Stage) -> None:
    stage.show(page, section_tabs, "normal")
    page.get_by_role("tab", name="Tin tức").click()
    expect(page.get_by_role("tabpanel", name="Tin tức")).to_be_visible()


def test_lists_stand_below_their_headings_without_scripts(browser: Browser, stage: Stage) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        stage.show(page, section_tabs, "normal")
        expect(page.get_by_role("tab")).to_have_count(0)
        for name in ("Hoạt động", "Tin tức", "Thông báo"):
            expect(page.get_by_role("heading", level=3, name=name)).to_be_visible()


# --- slideshow --------------------------------------------------------------------------------


def in_view(page: Page) -> int:
    """The number, from 1, of the first picture that is wholly in its strip."""
    return 1 + int(
        page.evaluate("""() => {
          const list = document.querySelector(".slideshow__slides");
          const edge = list.getBoundingClientRect().left;
          return [...list.children].findIndex((one) => one.getBoundingClientRect().left > edge - 2);
        }""")
    )


def test_buttons_and_keys_move_the_pictures_and_say_which_one_it_is(
    page: Page, stage: Stage
) -> None:
    page.emulate_media(reduced_motion="reduce")
    stage.show(page, slideshow, "normal")
    status = page.locator(".slideshow__status")
    back, on = page.locator(".slideshow__controls button").all()
    expect(status).to_have_text("Ảnh 1/5")
    expect(back).to_have_attribute("aria-disabled", "true")
    on.click()
    expect(status).to_have_text("Ảnh 2/5")
    assert in_view(page) == 2
    page.keyboard.press("ArrowLeft")
    expect(status).to_have_text("Ảnh 1/5")
    assert in_view(page) == 1
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    expect(status).to_have_text("Ảnh 5/5")
    expect(on).to_have_attribute("aria-disabled", "true")
    expect(on).to_be_focused()


def test_scrolling_by_hand_tells_the_picture_too(page: Page, stage: Stage) -> None:
    page.emulate_media(reduced_motion="reduce")
    stage.show(page, slideshow, "normal")
    page.locator(".slideshow__slides").evaluate("list => list.scrollTo(list.scrollWidth, 0)")
    expect(page.locator(".slideshow__status")).to_have_text("Ảnh 5/5")


def test_pictures_stay_where_the_reader_left_them(page: Page, stage: Stage) -> None:
    page.clock.install()
    stage.show(page, slideshow, "normal")
    page.clock.run_for(60_000)
    expect(page.locator(".slideshow__status")).to_have_text("Ảnh 1/5")
    assert in_view(page) == 1


def test_strip_scrolls_and_numbers_its_pictures_without_scripts(
    browser: Browser, stage: Stage
) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        stage.show(page, slideshow, "normal")
        expect(page.locator(".slideshow__controls")).to_be_hidden()
        expect(page.locator(".slideshow__number").first).to_have_text("Ảnh 1/5")
        expect(page.locator(".slideshow__number").first).to_be_visible()


# --- outages ----------------------------------------------------------------------------------


def test_put_away_notice_stays_away_on_the_next_pages_and_moves_nothing(
    page: Page, stage: Stage
) -> None:
    stage.show(page, outage_banner, "normal")
    planned = page.locator(".outages__item--planned")
    page.get_by_role("button", name="Ẩn thông báo: Nâng cấp máy chủ").click()
    expect(planned).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == "main"
    page.add_init_script("""
      window.shifted = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shifted += entry.value;
      }).observe({ type: "layout-shift", buffered: true });
    """)
    page.reload()
    expect(planned).to_be_hidden()
    expect(page.locator(".outages__item--emergency")).to_be_visible()
    assert page.evaluate("window.shifted") < 0.05


def test_emergency_cannot_be_put_away(page: Page, stage: Stage) -> None:
    stage.show(page, outage_banner, "emergency")
    expect(page.locator(".outages__item--emergency")).to_be_visible()
    expect(page.locator(".outages").get_by_role("button")).to_have_count(0)


def test_notice_can_be_put_away_where_storage_is_blocked(page: Page, stage: Stage) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked'); } })"
    )
    stage.show(page, outage_banner, "planned")
    page.get_by_role("button", name="Ẩn thông báo: Nâng cấp máy chủ").click()
    expect(page.locator(".outages__item--planned")).to_be_hidden()


# --- links ------------------------------------------------------------------------------------


def test_choosing_alone_leaves_the_page_as_it_is_and_the_button_goes(
    page: Page, stage: Stage
) -> None:
    stage.show(page, links, "select")
    choice = page.get_by_label("Cơ quan trong tỉnh")
    expect(page.locator(".links__list").first).to_be_hidden()
    choice.select_option("Sở Nông nghiệp và Môi trường")
    assert page.url.startswith(ORIGIN)
    page.get_by_role("button", name="Đi tới").first.click()
    page.wait_for_url("https://nongnghiep.example/")


# --- all --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "example"),
    [(links, "long"), (outage_banner, "normal"), (section_tabs, "long"), (slideshow, "long")],
    ids=lambda value: getattr(value, "name", value),
)
def test_block_never_makes_the_page_scroll_sideways(
    page: Page, stage: Stage, block: Block[Any], example: str
) -> None:
    stage.show(page, block, example)
    for width in (320, 360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for size in ("100", "200"):
            page.evaluate("size => { document.documentElement.dataset.textSize = size }", size)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{size} % at {width} px"
