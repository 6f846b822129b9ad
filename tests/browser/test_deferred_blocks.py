"""A block that comes after its page: it arrives, moves nothing, and is a link without scripts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect
from werkzeug.serving import make_server

from portal.block import CachePolicy
from tests.browser.conftest import PageFactory
from tests.clocks import StandingClock
from tests.integration.composition.small_site import SmallSite

FRAGMENT = "/-/fragments/later/"
# Loaded before the page: what moved without the reader's doing (web.dev/articles/cls).
_WATCH_SHIFTS = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@dataclass
class Setting:
    """A portal whose fragment waits for `gate`."""

    origin: str
    gate: threading.Event


@pytest.fixture
def setting(tmp_path: Path, sqlite_url: str, clock: StandingClock) -> Iterator[Setting]:
    """A home page with a list, one that is fetched, and words below it."""
    site = SmallSite(tmp_path / "site", sqlite_url, clock)
    site.sections()
    for number in range(1, 7):
        site.article(f"News {number}", days=number / 100)
    site.news()
    site.block("words", lambda ctx: {"words": "Below"}, cache=CachePolicy(fresh="30d"))
    later = {"key": "later", "block": "news", "deliver": "fetch", "min_height": 220}
    site.lay_out("home", {"key": "first", "block": "news"}, later, {"key": "end", "block": "words"})
    app, gate = site.app(), threading.Event()

    def gated(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] == FRAGMENT:
            gate.wait(20)
        return app(environ, start_response)

    server = make_server("127.0.0.1", 0, gated, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Setting(f"http://127.0.0.1:{server.port}", gate)
    gate.set()
    server.shutdown()
    thread.join(10)
    server.server_close()
    site.close()


def open_home(setting: Setting, page: Page) -> Page:
    page.add_init_script(_WATCH_SHIFTS)
    page.goto(setting.origin + "/")
    return page


def order(page: Page) -> list[str]:
    """The blocks as a screen reader comes to them."""
    found: list[str] = page.locator("main [data-block]").evaluate_all(
        "all => all.map(one => one.dataset.block)"
    )
    return [key for key in found if key != "title"]


@pytest.mark.parametrize("width", [360, 1280])
def test_the_block_arrives_in_its_place_and_nothing_moves(
    setting: Setting, page_at: PageFactory, width: int
) -> None:
    page = open_home(setting, page_at(width))
    assert order(page) == ["first", "end"]
    before = page.locator('[data-block="end"]').bounding_box()
    setting.gate.set()
    page.wait_for_selector('[data-block="later"]')
    assert order(page) == ["first", "later", "end"]
    assert page.locator('[data-block="later"] a').all_inner_texts() == [
        "News 4",
        "News 5",
        "News 6",
    ]
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
    assert page.locator('[data-block="end"]').bounding_box() == before
    assert page.evaluate("window.shift") < 0.05
    assert page.locator("[data-fragment]").count() == 0


def test_the_keyboard_goes_through_it_where_it_stands(
    setting: Setting, page_at: PageFactory
) -> None:
    setting.gate.set()
    page = open_home(setting, page_at(1280))
    page.wait_for_selector('[data-block="later"]')
    page.locator("main a").first.focus()
    seen = []
    for _ in range(6):
        seen.append(page.evaluate("document.activeElement.textContent"))
        page.keyboard.press("Tab")
    assert seen == [f"News {number}" for number in range(1, 7)]


def test_who_stands_on_its_link_goes_on_from_the_block(
    setting: Setting, page_at: PageFactory
) -> None:
    page = open_home(setting, page_at(1280))
    page.locator("[data-fragment] a").focus()
    setting.gate.set()
    page.wait_for_selector('[data-block="later"]')
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "News 4"


def test_without_javascript_the_link_leads_to_the_page_with_everything(
    setting: Setting, page_at: PageFactory
) -> None:
    page = page_at(1280, javascript=False)
    page.goto(setting.origin + "/")
    assert page.locator('[data-block="later"]').count() == 0
    page.locator("[data-fragment] a").click()
    expect(page).to_have_url(f"{setting.origin}/?full=1")
    assert page.locator('[data-block="later"] a').all_inner_texts() == [
        "News 4",
        "News 5",
        "News 6",
    ]
    assert page.locator("[data-fragment]").count() == 0


def test_a_block_that_does_not_come_leaves_its_link(
    setting: Setting, page_at: PageFactory, trouble: Any
) -> None:
    trouble.expect(FRAGMENT)
    page = page_at(1280)
    page.route(f"**{FRAGMENT}", lambda route: route.fulfill(status=503, body=""))
    open_home(setting, page)
    page.wait_for_load_state("networkidle")
    assert page.locator("[data-fragment] a").count() == 1
    assert order(page) == ["first", "end"]
