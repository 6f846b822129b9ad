"""Every kind of page as readers meet it: any screen, theme and text size, keys only, no scripts."""

from __future__ import annotations

import gzip
from contextlib import closing
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import Response
from playwright.sync_api import expect

from tests.browser.conftest import AxeRun
from tests.browser.conftest import PageFactory
from tests.browser.conftest import Trouble
from tests.browser.live_portal import FAILURES
from tests.browser.live_portal import FRAMED_KINDS
from tests.browser.live_portal import PAGE_KINDS
from tests.browser.live_portal import LivePortal
from tests.proxies import run_proxy

# Kinds of pages that differ in what they load and in how it comes.
READ_KINDS = (
    "home",
    "section",
    "article",
    "search with results",
    "album",
    "film",
    "archive of a month",
)

# Bytes of a page without its pictures, texts compressed as they travel.
LARGEST_PAGE = 120_000
LARGEST_SCRIPTS = 15_000
LARGEST_STYLES = 25_000
MOST_SHIFT = 0.05

COLOUR_RULES = ("color-contrast", "link-in-text-block")

# Seconds between two pieces of an answer, and bytes of a piece: the mobile net of the third
# generation, and its edge, where a page is painted long before all of it is there.
SLOW_LINE = (0.01, 1_400)
SLOWEST_LINE = (0.02, 400)

# The layout shifts so far, as in the Layout Instability specification, and what moved.
MOVED = """() => new Promise((resolve) => {
  const moved = [];
  const name = ({ node }) => node && (node.className || node.nodeName);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (!entry.hadRecentInput) moved.push([entry.value, entry.sources.map(name).join(", ")]);
    }
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(moved)));
})"""

# To the end of the page, screen by screen, so that late pictures come in as for a reader.
SCROLL_THROUGH = """async () => {
  const painted = () => new Promise((resolve) => requestAnimationFrame(resolve));
  for (let top = 0; top < document.documentElement.scrollHeight; top += innerHeight) {
    scrollTo(0, top);
    await painted();
    await painted();
  }
}"""

# What sticks out to the right of the screen, to name it where a page scrolls sideways.
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > width + 1)
    .map((one) => `${one.tagName.toLowerCase()}.${one.className}`)
    .slice(0, 5);
}"""

HEADINGS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
  .map((one) => Number(one.tagName[1]))"""

# Everything a reader can follow: address and words, in the order of the page.
LINKS = """() => [...document.querySelectorAll("a[href]")]
  .map((one) => [one.getAttribute("href"), one.textContent.replace(/\\s+/g, " ").trim()])"""

# The element with the focus: whether it can be seen, and whether a line around it says so. The
# line of a card's link is drawn around the whole card.
FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect();
  const outlined = [
    getComputedStyle(one), getComputedStyle(one, "::after"),
    ...[one.closest(".card")].filter(Boolean).map((card) => getComputedStyle(card)),
  ].some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  return {
    name: `${one.tagName.toLowerCase()} ${one.textContent.trim().slice(0, 40)}`,
    seen: box.width > 0 && box.height > 0 && box.right > 0
      && getComputedStyle(one).visibility === "visible",
    outlined,
  };
}"""
MOST_STEPS = 300

# How wide each line of the site's name is.
LINES_OF_NAME = """() => {
  const range = document.createRange();
  range.selectNodeContents(document.querySelector(".site-header__name"));
  return [...range.getClientRects()].map((line) => line.width);
}"""


def visit(page: Page, portal: LivePortal, trouble: Trouble, kind: str) -> Response:
    """Open a kind of page; it answers as it should, and nothing else goes wrong."""
    url = portal.url(kind)
    if kind in FAILURES:
        # Chromium reports the answer of the page itself; those of its parts stay unexpected.
        trouble.expect(f"answer {FAILURES[kind]}: {url}")
        trouble.expect(f"({url}:0)")
    response = page.goto(url)
    assert response is not None
    assert response.status == FAILURES.get(kind, 200)
    return response


def explain(violations: list[dict[str, Any]]) -> list[str]:
    """One line for each element that breaks a rule."""
    return [
        f"{violation['id']}: {node['html'][:160]} ({node['failureSummary']})"
        for violation in violations
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("kind", PAGE_KINDS)
def test_page_is_accessible_in_every_theme_and_width(
    kind: str, portal: LivePortal, page_at: PageFactory, trouble: Trouble, axe: AxeRun
) -> None:
    page = page_at(1280)
    visit(page, portal, trouble, kind)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        assert explain(axe(page)) == [], f"at {width} px"

    # The themes share every element and differ in colours only.
    page.emulate_media(color_scheme="dark")
    assert explain(axe(page, COLOUR_RULES)) == [], "dark"
    page.evaluate("document.documentElement.dataset.theme = 'contrast'")
    assert explain(axe(page, COLOUR_RULES)) == [], "high contrast"
    page.set_viewport_size({"width": 1280, "height": 800})
    assert explain(axe(page, COLOUR_RULES)) == [], "high contrast, wide"
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert explain(axe(page, COLOUR_RULES)) == [], "dark, wide"


@pytest.mark.parametrize("kind", PAGE_KINDS)
def test_page_never_scrolls_sideways(
    kind: str, portal: LivePortal, page_at: PageFactory, trouble: Trouble
) -> None:
    page = page_at(320)
    visit(page, portal, trouble, kind)
    assert page.evaluate(TOO_WIDE) == []

    page.evaluate("document.documentElement.dataset.textSize = '200'")
    for width in (360, 640, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(TOO_WIDE) == [], f"at {width} px and 200 % text"


def test_name_of_the_site_leaves_no_word_alone_on_a_line(
    portal: LivePortal, page_at: PageFactory, trouble: Trouble
) -> None:
    """Beside the note of a page without translation, which takes most of the name's room."""
    page = page_at()
    visit(page, portal, trouble, "article only in Vietnamese")
    for width in range(320, 1300, 20):
        page.set_viewport_size({"width": width, "height": 800})
        lines = page.evaluate(LINES_OF_NAME)
        assert len(lines) <= 2, f"{lines} at {width} px"
        assert min(lines) > 0.5 * max(lines), f"{lines} at {width} px"


@pytest.mark.parametrize("kind", PAGE_KINDS)
def test_page_is_complete_without_scripts(
    kind: str, portal: LivePortal, page_at: PageFactory, trouble: Trouble
) -> None:
    with_scripts = page_at()
    visit(with_scripts, portal, trouble, kind)
    without = page_at(javascript=False)
    visit(without, portal, trouble, kind)
    levels = without.evaluate(HEADINGS)

    assert levels.count(1) == 1
    assert [b for a, b in zip(levels, levels[1:], strict=False) if b > a + 1] == []
    assert levels == with_scripts.evaluate(HEADINGS)
    assert without.evaluate(LINKS) == with_scripts.evaluate(LINKS)
    # A form sends without scripts; every other button would be dead.
    assert without.locator("button:visible:not(form *)").all_inner_texts() == []
    language = "en" if "English" in kind else "vi"
    expect(without.locator("html")).to_have_attribute("lang", language)
    assert without.title() != ""


@pytest.mark.parametrize("kind", FRAMED_KINDS)
def test_keys_reach_the_content_first_and_show_where_they_are(
    kind: str, portal: LivePortal, page_at: PageFactory, trouble: Trouble
) -> None:
    page = page_at()
    visit(page, portal, trouble, kind)
    page.keyboard.press("Tab")
    skip = page.locator(".skip-link")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()

    for _ in range(MOST_STEPS):
        focus = page.evaluate(FOCUS)
        if focus is None:
            break
        assert (focus["seen"], focus["outlined"]) == (True, True), focus["name"]
        page.keyboard.press("Tab")
    else:
        pytest.fail(f"after {MOST_STEPS} steps the end of the page is not reached")

    skip.focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize(
    ("width", "known", "line_speed"),
    [(360, False, SLOW_LINE), (1280, True, SLOWEST_LINE)],
    ids=["first visit", "fonts known"],
)
@pytest.mark.parametrize("kind", READ_KINDS)
def test_nothing_moves_while_the_page_arrives_over_a_slow_line_and_is_scrolled(
    kind: str,
    width: int,
    known: bool,
    line_speed: tuple[float, int],
    portal: LivePortal,
    browser: Browser,
) -> None:
    # A context without routes: with them, Playwright switches the browser's cache off.
    with (
        run_proxy(urlsplit(portal.origin).port or 80) as line,
        closing(browser.new_context(viewport={"width": width, "height": 800})) as context,
    ):
        through = replace(portal, origin=f"http://127.0.0.1:{line.port}")
        page = context.new_page()
        if known:
            page.goto(through.url("static page"))
        line.drip(*line_speed)
        page.goto(through.url(kind))
        page.evaluate("document.fonts.ready.then(() => null)")
        page.evaluate(SCROLL_THROUGH)
        moved = page.evaluate(MOVED)

    assert sum(value for value, _ in moved) < MOST_SHIFT, moved


@pytest.mark.parametrize("kind", READ_KINDS)
def test_page_is_light_and_all_of_it_comes_from_here(
    kind: str, portal: LivePortal, page_at: PageFactory, trouble: Trouble
) -> None:
    page = page_at()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    visit(page, portal, trouble, kind)
    page.wait_for_load_state("networkidle")
    assert {answer.url.startswith(portal.origin + "/") for answer in answers} == {True}

    sizes = {"document": 0, "stylesheet": 0, "script": 0, "font": 0}
    for answer in answers:
        part = answer.request.resource_type
        if part in sizes:
            body = answer.body()
            sizes[part] += len(body if part == "font" else gzip.compress(body, 6))
    assert all(sizes.values()), sizes
    assert sizes["script"] <= LARGEST_SCRIPTS
    assert sizes["stylesheet"] <= LARGEST_STYLES
    assert sum(sizes.values()) <= LARGEST_PAGE, sizes


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        pytest.param("home", "home in English", id="home"),
        pytest.param("section", "section in English", id="section"),
        pytest.param("article", "article in English", id="article"),
    ],
)
def test_switching_the_language_keeps_the_page(
    kind: str, other: str, portal: LivePortal, page_at: PageFactory, trouble: Trouble
) -> None:
    page = page_at()
    visit(page, portal, trouble, kind)
    page.get_by_role("link", name="English").click()
    page.wait_for_url(portal.url(other))
    page.get_by_role("link", name="Tiếng Việt").click()
    page.wait_for_url(portal.url(kind))


def test_page_without_translation_leads_to_the_other_home(
    portal: LivePortal, page_at: PageFactory, trouble: Trouble
) -> None:
    page = page_at()
    visit(page, portal, trouble, "article only in Vietnamese")
    page.get_by_role("link", name="English").click()
    page.wait_for_url(portal.url("home in English"))


@pytest.mark.parametrize("kind", READ_KINDS)
def test_readers_get_no_cookie_and_no_identifier(
    kind: str, portal: LivePortal, browser: Browser
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(portal.url(kind))
        assert context.cookies() == []
        assert page.evaluate("Object.keys(localStorage)") == []
