"""What a new reader does from the home page to the feed: by keys, and without scripts.

A half-remembered title without diacritics is enough; every step is found by its name in the
accessibility tree, in both languages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser.conftest import PageFactory
from tests.browser.live_portal import LivePortal
from tests.browser.test_toolbar import SAMANTHA
from tests.browser.test_toolbar import speaking

MOST_STEPS = 200
LAN = {"name": "Lan", "lang": "vi-VN"}


@dataclass(frozen=True)
class Words:
    """What a reader of one language looks for, and what the controls are called."""

    locale: str
    home: str
    typed: str
    article: str
    voice: dict[str, object]
    main: str
    listen: str
    larger: str
    print: str
    share: str
    copy: str
    related: str
    follow: str
    no_voice: str
    landmarks: tuple[tuple[str, str], ...]


VIETNAMESE = Words(
    "vi-VN", "home", "cau ben ngan thong xe", "article", {**LAN}, "Bỏ qua đến nội dung chính",
    "Nghe bài viết", "Tăng cỡ chữ", "In bài viết", "Chia sẻ", "Sao chép liên kết",
    "Đọc thêm", "qua RSS", "Thiết bị này chưa có giọng đọc tiếng Việt",
    (
        ("banner", "Đầu trang"),
        ("navigation", "Ngôn ngữ"),
        ("search", "Tìm trên cổng"),
        ("navigation", "Menu chính"),
        ("region", "Thông báo về hoạt động của cổng"),
        ("navigation", "Đường dẫn"),
        ("main", ""),
        ("heading 1", "Cầu Bến Ngần thông xe sau 29 tháng thi công"),
        ("region", "Công cụ bài viết"),
        ("article", "Cầu Bến Ngần thông xe sau 29 tháng thi công"),
        ("navigation", "Đọc thêm"),
        ("complementary", "Bên cạnh nội dung chính"),
        ("contentinfo", "Cuối trang"),
        ("navigation", "Trang tiện ích"),
    ),
)  # fmt: skip
ENGLISH = Words(
    "en-GB", "home in English", "ben ngan bridge", "article in English", {**SAMANTHA},
    "Skip to main content", "Listen", "Larger text", "Print", "Share", "Copy link",
    "Read next", "by RSS", "This device has no English voice yet",
    (
        ("banner", "Site header"),
        ("navigation", "Language"),
        ("search", "Search the portal"),
        ("navigation", "Main menu"),
        ("region", "Notices about this site's services"),
        ("navigation", "Breadcrumb"),
        ("main", ""),
        ("heading 1", "Bến Ngần bridge opens after 29 months of work"),
        ("region", "Article tools"),
        ("article", "Bến Ngần bridge opens after 29 months of work"),
        ("navigation", "Read next"),
        ("complementary", "Beside the main content"),
        ("contentinfo", "Site footer"),
        ("navigation", "Service pages"),
    ),
)  # fmt: skip
BOTH = pytest.mark.parametrize("words", [VIETNAMESE, ENGLISH], ids=["vi", "en"])


def walk_to(page: Page, wanted: Locator) -> None:
    """Press Tab until `wanted` has the focus."""
    expect(wanted).to_be_visible()
    for _ in range(MOST_STEPS):
        if wanted.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{MOST_STEPS} steps with the Tab key do not lead to {wanted}")


def follow(page: Page, wanted: Locator) -> None:
    """Walk to a link by keys and go where it leads."""
    walk_to(page, wanted)
    with page.expect_navigation():
        page.keyboard.press("Enter")


@BOTH
def test_reader_with_keys_only_finds_hears_enlarges_shares_and_follows(
    words: Words, portal: LivePortal, page_at: PageFactory
) -> None:
    page = page_at(360, locale=words.locale, permissions=["clipboard-write"])
    page.add_init_script(speaking(words.voice))
    # The dialog for printing is the device's own; a browser without a screen has none.
    page.add_init_script("window.print = () => { window.printed = true; }")
    page.goto(portal.url(words.home))
    walk_to(page, page.locator("[accesskey='4']"))
    page.keyboard.type(words.typed)
    with page.expect_navigation():
        page.keyboard.press("Enter")

    follow(page, page.locator(".search-results__list a").first)
    assert page.url == portal.url(words.article)
    headline = page.get_by_role("heading", level=1).inner_text().replace("\n", " ")
    tree = page.locator("body").aria_snapshot()
    for name in (words.main, words.listen, words.larger, words.print, words.share, headline):
        assert name in tree

    walk_to(page, page.get_by_role("button", name=words.larger))
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-text-size", "112.5")
    walk_to(page, page.get_by_role("button", name=words.listen))
    page.keyboard.press("Enter")
    said = page.evaluate("window.said[0]")
    assert said[1] == words.voice["name"]
    walk_to(page, page.get_by_role("link", name=words.print, exact=True))
    page.keyboard.press("Enter")
    assert page.evaluate("window.printed")
    assert page.url == portal.url(words.article)
    walk_to(page, page.get_by_role("button", name=words.share, exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=words.copy)).to_be_visible()
    page.keyboard.press("Escape")
    _go_on(page, words, by_keys=True)


@BOTH
def test_reader_whose_device_lacks_the_voice_hears_why(
    words: Words, portal: LivePortal, page_at: PageFactory
) -> None:
    page = page_at(360, locale=words.locale)
    other = ENGLISH if words is VIETNAMESE else VIETNAMESE
    page.add_init_script(speaking(other.voice))
    page.goto(portal.url(words.article))
    walk_to(page, page.get_by_role("button", name=words.listen))
    page.keyboard.press("Enter")

    said = page.get_by_role("status").filter(has_text=words.no_voice)
    expect(said).to_be_visible()
    assert page.evaluate("window.said") == []


@BOTH
@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_screen_reader_meets_the_parts_of_an_article_in_a_sensible_order(
    javascript: bool, words: Words, portal: LivePortal, page_at: PageFactory
) -> None:
    page = page_at(360, locale=words.locale, javascript=javascript)
    page.goto(portal.url(words.article))
    tree = page.locator("body").aria_snapshot()
    assert tree.startswith(f'- link "{words.main}"')
    parts = _parts(tree)

    # What stands between them may change with the layout; these come in this order.
    found = [part for part in parts if part in words.landmarks]
    assert found == list(words.landmarks)
    for role in ("banner", "main", "contentinfo", "heading 1"):
        assert [part[0] for part in parts].count(role) == 1, role
    # Readers choose landmarks from a list: no two of a kind have the same name.
    named = [part for part in parts if part[0] != "article"]
    assert sorted(set(named)) == sorted(named)


@BOTH
def test_reader_without_scripts_finds_prints_shares_and_follows(
    words: Words, portal: LivePortal, page_at: PageFactory
) -> None:
    page = page_at(360, locale=words.locale, javascript=False)
    page.goto(portal.url(words.home))
    page.locator("[accesskey='4']").fill(words.typed)
    page.keyboard.press("Enter")
    page.locator(".search-results__list a").first.click()
    page.wait_for_url(portal.url(words.article))
    headline = page.get_by_role("heading", level=1).inner_text()
    # Enlarging is the browser's own zoom, listening its own reader; neither has a dead button.
    assert page.get_by_role("button", name=words.listen).count() == 0
    assert page.get_by_role("link", name="Email").get_attribute("href") is not None

    page.get_by_role("link", name=words.print, exact=True).click()
    page.wait_for_url("**/in")
    assert page.get_by_role("heading", level=1).inner_text() == headline
    page.go_back()
    _go_on(page, words, by_keys=False)


_PART = re.compile(
    r"""^\s*-\ '?(banner|navigation|search|region|main|heading|article|complementary|contentinfo)
    (?:\ "(.*?)")?(?:\ \[level=(\d)\])?'?(?::|$)""",
    re.MULTILINE | re.VERBOSE,
)


def _parts(tree: str) -> list[tuple[str, str]]:
    """Role and name of the landmarks, named articles and top headings of a snapshot, in order."""
    found = [(f"{m[1]} {m[3]}" if m[3] else m[1], m[2] or "") for m in _PART.finditer(tree)]
    return [
        (role, name)
        for role, name in found
        if role == "heading 1"
        or not (role.startswith("heading") or (role == "article" and not name))
    ]


def _go_on(page: Page, words: Words, *, by_keys: bool) -> None:
    """From an article to a related one, up to its section, and to the section's feed."""
    related = page.get_by_role("navigation", name=words.related).get_by_role("link").first
    step = follow if by_keys else _click
    step(page, related)
    section = page.locator(".breadcrumb__steps a")
    step(page, section.last)
    feed = page.get_by_role("link", name=words.follow)
    if by_keys:
        walk_to(page, feed)
    answer = page.request.get(page.evaluate("(link) => link.href", feed.element_handle()))
    channel = ElementTree.fromstring(answer.body()).find("channel")
    assert channel is not None
    assert channel.findall("item")
    assert answer.headers["content-type"].startswith("application/rss+xml")


def _click(page: Page, wanted: Locator) -> None:
    before = page.url
    wanted.click()
    page.wait_for_url(lambda url: url != before)
