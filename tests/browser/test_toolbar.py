"""The toolbar in a browser: with keys only, without scripts, on narrow screens, read aloud."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import Route
from playwright.sync_api import expect

from tests.browser.conftest import wait_for_first_paint

NARROW = {"width": 320, "height": 640}
WIDE = {"width": 1280, "height": 800}

OpenPage = Callable[..., Page]

# The sum of layout shifts so far, as in the Layout Instability specification.
MOVED = """() => new Promise((resolve) => {
    let sum = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) sum += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
})"""

# A stand-in for the browser's speech engine, which has no voices in tests: it says what it was
# given, and a sentence ends when the test says so. As real engines do, it reports a cancelled
# utterance as failed.
SPEECH_ENGINE = """
(voices) => {
  const engine = new EventTarget();
  window.said = [];
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
  engine.getVoices = () => voices;
  engine.cancel = () => {
    const cut = engine.current;
    engine.current = null;
    cut?.onerror?.({ error: "canceled" });
  };
  engine.speak = (utterance) => {
    window.said.push([utterance.text, utterance.voice.name]);
    engine.current = utterance;
  };
  window.startSentence = () => engine.current.onstart?.({});
  window.endSentence = () => {
    const { current } = engine;
    engine.current = null;
    current.onstart?.({});
    current.onend?.({});
  };
  window.failSentence = () => engine.current.onerror?.({ error: "synthesis-failed" });
  Object.defineProperty(window, "speechSynthesis", { value: engine, configurable: true });
}
"""
HOAI_MY = {"name": "Microsoft HoaiMy Online (Natural) - Vietnamese (Vietnam)", "lang": "vi-VN"}
LINH = {"name": "Linh", "lang": "vi_VN"}
SAMANTHA = {"name": "Samantha", "lang": "en-US", "default": True}


@pytest.fixture
def open_page(browser: Browser, article_url: str) -> Iterator[OpenPage]:
    """Open the article in a browser of its own; `before` runs in the page ahead of its scripts."""
    contexts = []

    def open_article(
        *, before: str = "", url: str = article_url, context: Any = None, **options: Any
    ) -> Page:
        if context is None:
            options = {"viewport": WIDE, "reduced_motion": "reduce", **options}
            context = browser.new_context(**options)
            contexts.append(context)
        page = context.new_page()
        if before:
            page.add_init_script(before)
        page.goto(url)
        return page

    yield open_article
    for context in contexts:
        context.close()


def speaking(*voices: dict[str, object]) -> str:
    """An init script that gives the page a speech engine with these voices."""
    listed = ", ".join(
        "{" + ", ".join(f"{key}: {_literal(value)}" for key, value in voice.items()) + "}"
        for voice in voices
    )
    return f"({SPEECH_ENGINE})([{listed}])"


def _literal(value: object) -> str:
    return "true" if value is True else f'"{value}"'


def bar(page: Page) -> Locator:
    return page.locator(".block--toolbar").first


def button(page: Page, name: str) -> Locator:
    return bar(page).get_by_role("button", name=name, exact=True)


def text_size(page: Page) -> str | None:
    return page.locator("html").get_attribute("data-text-size")


def root_font_size(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.documentElement).fontSize"))


def home_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def said(page: Page) -> list[str]:
    return [text for text, _ in page.evaluate("said")]


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


# --- names, keys, structure ------------------------------------------------------------------


def test_every_control_has_a_name_of_its_own(open_page: OpenPage) -> None:
    page = open_page(before=speaking(HOAI_MY))
    button(page, "Giao diện").click()
    themes = re.findall(r'- radio "([^"]+)"', bar(page).aria_snapshot())
    page.keyboard.press("Escape")
    button(page, "Chia sẻ").click()
    names = re.findall(r'- (?:button|link) "([^"]+)"', bar(page).aria_snapshot())

    every = names + themes
    assert len(every) >= 14
    assert sorted(set(every)) == sorted(every)
    assert {"Giảm cỡ chữ", "Cỡ chữ mặc định", "Tăng cỡ chữ", "Nghe bài viết"} <= set(names)
    assert {"In bài viết", "Lưu bài viết HTML", "Lưu bài viết TXT"} <= set(names)
    assert "Tương phản cao" in themes


def test_all_tools_are_reached_and_used_with_keys_alone(open_page: OpenPage) -> None:
    page = open_page(before=speaking(HOAI_MY))
    button(page, "Giảm cỡ chữ").focus()
    page.keyboard.press("Tab")
    expect(button(page, "Cỡ chữ mặc định")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert text_size(page) == "112.5"

    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="Theo thiết bị")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.keyboard.press("Escape")
    expect(button(page, "Giao diện")).to_be_focused()
    expect(page.get_by_role("radio", name="Theo thiết bị")).to_be_hidden()
    page.keyboard.press("Tab")
    expect(button(page, "Nghe bài viết")).to_be_focused()
    page.keyboard.press("Tab")
    expect(bar(page).get_by_role("link", name="In bài viết")).to_be_focused()


@pytest.mark.parametrize("theme", ["auto", "light", "dark", "contrast"])
def test_no_theme_has_an_accessibility_fault(open_page: OpenPage, theme: str) -> None:
    page = open_page(before=f'localStorage.setItem("portal.theme", "{theme}")')
    button(page, "Chia sẻ").click()

    result = Axe().run(page, context=".block--toolbar")

    assert result.response["passes"]
    assert result.violations_count == 0, result.generate_report()


# --- text size and theme ---------------------------------------------------------------------


def test_text_size_grows_shrinks_and_returns(open_page: OpenPage) -> None:
    page = open_page()
    button(page, "Tăng cỡ chữ").click()
    button(page, "Tăng cỡ chữ").click()
    assert root_font_size(page) == "20px"
    expect(bar(page).get_by_role("status")).to_have_text("Cỡ chữ 125%")

    button(page, "Giảm cỡ chữ").click()
    expect(bar(page).get_by_role("status")).to_have_text("Cỡ chữ 112,5%")

    button(page, "Cỡ chữ mặc định").click()
    assert root_font_size(page) == "16px"
    assert text_size(page) is None
    assert page.evaluate('localStorage.getItem("portal.textSize")') is None


@pytest.mark.parametrize(
    ("name", "presses", "size"), [("Tăng cỡ chữ", 6, "200"), ("Giảm cỡ chữ", 2, "87.5")]
)
def test_button_at_its_bound_keeps_the_focus(
    open_page: OpenPage, name: str, presses: int, size: str
) -> None:
    page = open_page()
    edge = button(page, name)
    edge.focus()
    for _ in range(presses):
        page.keyboard.press("Enter")

    assert text_size(page) == size
    expect(edge).to_have_attribute("aria-disabled", "true")
    expect(edge).to_be_focused()
    expect(bar(page).locator("[aria-disabled]")).to_have_count(1)


def test_text_size_is_remembered_and_set_before_the_first_paint(
    open_page: OpenPage, article_url: str
) -> None:
    page = open_page()
    button(page, "Tăng cỡ chữ").click()

    # Modules never arrive, so only the early script of the page's head can have set the size.
    page.route(
        re.compile(r"\.js$"),
        lambda route: route.continue_() if "/portal/" in route.request.url else route.abort(),
    )
    page.goto(home_of(article_url))
    assert root_font_size(page) == "18px"
    page.goto(article_url)
    assert root_font_size(page) == "18px"


def test_html_is_the_same_for_every_reader(open_page: OpenPage, article_url: str) -> None:
    page = open_page()
    before = page.request.get(article_url).body()
    button(page, "Tăng cỡ chữ").click()
    button(page, "Giao diện").click()
    page.get_by_role("radio", name="Tương phản cao").check()

    assert page.context.cookies() == []
    assert page.request.get(article_url).body() == before


def test_theme_is_remembered_and_other_tabs_follow(open_page: OpenPage, article_url: str) -> None:
    page = open_page()
    other = open_page(context=page.context)
    button(page, "Giao diện").click()
    page.get_by_role("radio", name="Tương phản cao").check()

    expect(other.locator("html")).to_have_attribute("data-theme", "contrast")
    expect(other.locator("input[value=contrast]").first).to_be_checked()
    page.goto(article_url)
    expect(page.locator("html")).to_have_attribute("data-theme", "contrast")
    button(page, "Giao diện").click()
    page.get_by_role("radio", name="Theo thiết bị").check()
    assert page.locator("html").get_attribute("data-theme") is None


def test_blocked_storage_leaves_the_tools_working_for_the_page(open_page: OpenPage) -> None:
    problems: list[str] = []
    page = open_page(
        before="""Object.defineProperty(window, "localStorage", {
            get() { throw new DOMException("blocked", "SecurityError"); } });"""
    )
    page.on("pageerror", lambda error: problems.append(str(error)))
    button(page, "Tăng cỡ chữ").click()

    assert root_font_size(page) == "18px"
    assert problems == []


# --- without scripts ---------------------------------------------------------------------------


def test_without_scripts_links_work_and_no_button_is_dead(
    open_page: OpenPage, article_url: str
) -> None:
    page = open_page(java_script_enabled=False)
    path = urlsplit(article_url).path

    assert bar(page).locator("button:visible, input:visible").count() == 0
    for name, href in {
        "In bài viết": f"{path}/in",
        "Lưu bài viết HTML": f"{path}/luu.html",
        "Lưu bài viết TXT": f"{path}/luu.txt",
    }.items():
        link = bar(page).get_by_role("link", name=name, exact=True)
        expect(link).to_be_visible()
        expect(link).to_have_attribute("href", href)
    mail = bar(page).get_by_role("link", name="Gửi email")
    expect(mail).to_have_attribute("href", re.compile(r"^mailto:\?subject=.+&body=.+"))
    expect(bar(page).get_by_role("link", name="Chia sẻ lên Facebook")).to_be_visible()
    expect(bar(page).get_by_text(re.compile(rf"^https?://[^ ]+{re.escape(path)}$"))).to_be_visible()


def test_list_of_ways_to_share_unfolds_when_the_script_never_arrives(open_page: OpenPage) -> None:
    page = open_page(url="about:blank")
    page.route(re.compile(r"/toolbar/toolbar\.[^/]*js$"), lambda route: route.abort())
    page.goto(open_page().url)
    mail = bar(page).get_by_role("link", name="Gửi email")
    expect(mail).to_be_hidden()
    bar(page).evaluate("bar => bar.getAnimations({subtree: true}).forEach(one => one.finish())")

    expect(mail).to_be_visible()


# --- print and share ---------------------------------------------------------------------------

PRINT_RECORDER = "window.printed = 0; window.print = () => { window.printed += 1; };"


def test_print_link_prints_in_place_and_still_opens_elsewhere(
    open_page: OpenPage, article_url: str
) -> None:
    page = open_page(before=PRINT_RECORDER)
    link = bar(page).get_by_role("link", name="In bài viết")
    link.click()
    assert page.evaluate("printed") == 1
    assert page.url == article_url

    with page.context.expect_page() as opened:
        link.click(modifiers=["Control"])
    assert opened.value.url == f"{article_url}/in"


def test_printed_page_has_the_date_but_no_tools(open_page: OpenPage) -> None:
    page = open_page()
    page.emulate_media(media="print")

    expect(bar(page).locator(".toolbar__tools")).to_be_hidden()
    expect(bar(page).locator("time").first).to_be_visible()


def test_share_opens_a_list_and_escape_returns_the_focus(open_page: OpenPage) -> None:
    page = open_page()
    share = button(page, "Chia sẻ")
    expect(share).to_have_attribute("aria-expanded", "false")
    share.click()
    expect(share).to_have_attribute("aria-expanded", "true")
    bar(page).get_by_role("link", name="Gửi email").focus()
    page.keyboard.press("Escape")

    expect(share).to_have_attribute("aria-expanded", "false")
    expect(share).to_be_focused()
    expect(bar(page).get_by_role("link", name="Gửi email")).to_be_hidden()


def test_opening_one_list_closes_the_other(open_page: OpenPage) -> None:
    page = open_page()
    button(page, "Chia sẻ").click()
    button(page, "Giao diện").click()

    expect(button(page, "Chia sẻ")).to_have_attribute("aria-expanded", "false")
    page.mouse.click(2, 2)
    expect(button(page, "Giao diện")).to_have_attribute("aria-expanded", "false")


def test_copied_link_is_announced(open_page: OpenPage, article_url: str) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    button(page, "Chia sẻ").click()
    button(page, "Sao chép liên kết").click()

    expect(bar(page).get_by_role("status")).to_have_text("Đã sao chép liên kết")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert urlsplit(copied).path == urlsplit(article_url).path


def test_link_is_selected_where_it_cannot_be_copied(open_page: OpenPage) -> None:
    page = open_page(
        before="""Object.defineProperty(navigator, "clipboard", { value: undefined });
            Document.prototype.execCommand = () => false;"""
    )
    button(page, "Chia sẻ").click()
    button(page, "Sao chép liên kết").click()

    expect(bar(page).get_by_role("status")).to_contain_text("Không sao chép được")
    assert str(page.evaluate("String(getSelection())")).startswith("http")


def native_share(outcome: str) -> str:
    return f"""window.shared = [];
        navigator.canShare = () => true;
        navigator.share = async (content) => {{ shared.push(content); {outcome} }};"""


def test_device_dialog_is_used_where_there_is_one(open_page: OpenPage, article_url: str) -> None:
    page = open_page(before=native_share(""))
    button(page, "Chia sẻ").click()
    [content] = page.evaluate("shared")

    assert urlsplit(content["url"]).path == urlsplit(article_url).path
    assert content["title"] == page.locator("h1").inner_text()
    expect(bar(page).get_by_role("link", name="Gửi email")).to_be_hidden()


def test_closing_the_device_dialog_changes_nothing(open_page: OpenPage) -> None:
    page = open_page(before=native_share('throw new DOMException("closed", "AbortError");'))
    button(page, "Chia sẻ").click()

    expect(bar(page).get_by_role("link", name="Gửi email")).to_be_hidden()


def test_list_opens_when_the_device_dialog_cannot(open_page: OpenPage) -> None:
    page = open_page(before=native_share('throw new DOMException("no", "NotAllowedError");'))
    button(page, "Chia sẻ").click()
    expect(bar(page).get_by_role("link", name="Gửi email")).to_be_visible()

    button(page, "Chia sẻ").click()
    expect(bar(page).get_by_role("link", name="Gửi email")).to_be_hidden()
    assert len(page.evaluate("shared")) == 1


# --- narrow screens, stable layout ---------------------------------------------------------------


@pytest.mark.parametrize("size", ["100", "200"])
def test_narrow_page_never_scrolls_sideways(open_page: OpenPage, size: str) -> None:
    page = open_page(
        before=f'{speaking(HOAI_MY)}; localStorage.setItem("portal.textSize", "{size}")',
        viewport=NARROW,
    )
    assert not scrolls_sideways(page)
    for name in ("Giao diện", "Chia sẻ"):
        button(page, name).click()
        assert not scrolls_sideways(page), name
    button(page, "Nghe bài viết").click()
    expect(button(page, "Dừng đọc")).to_be_visible()
    assert not scrolls_sideways(page)


def test_tools_take_two_rows_on_a_phone_and_are_large_enough_to_touch(open_page: OpenPage) -> None:
    page = open_page(viewport=NARROW, has_touch=True, is_mobile=True)
    boxes = bar(page).evaluate(
        """bar => [...bar.querySelectorAll("button, a")].map(one => one.getBoundingClientRect())
            .filter(box => box.width).map(box => [box.top, box.width, box.height])"""
    )

    assert len({round(top) for top, _, _ in boxes}) <= 2
    assert all(width >= 44 and height >= 44 for _, width, height in boxes)


def test_panels_stay_on_the_page_at_every_width(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 900, "height": 700})
    for width in (360, 480, 560, 640, 760, 900):
        page.set_viewport_size({"width": width, "height": 700})
        for name in ("Giao diện", "Chia sẻ"):
            button(page, name).click()
            panel = bar(page).locator(".toolbar__panel:visible").bounding_box()
            assert panel is not None
            assert panel["x"] >= 0, (width, name)
            assert panel["x"] + panel["width"] <= width, (width, name)
            page.keyboard.press("Escape")


@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["narrow", "wide"])
def test_tools_that_come_after_the_first_paint_move_nothing(
    open_page: OpenPage, article_url: str, viewport: dict[str, int]
) -> None:
    held: list[Route] = []
    page = open_page(url="about:blank", viewport=viewport)
    page.route(re.compile(r"/toolbar/toolbar\.[^/]*js$"), lambda route: held.append(route))
    page.goto(article_url, wait_until="commit")
    expect(page.locator("h1")).to_be_visible()
    wait_for_first_paint(page)
    held[0].continue_()
    expect(button(page, "Tăng cỡ chữ")).to_be_visible()

    assert page.evaluate(MOVED) < 0.02  # the links give way sideways, the story stays


# --- reading aloud -------------------------------------------------------------------------------


def test_device_without_a_vietnamese_voice_says_so(open_page: OpenPage) -> None:
    page = open_page()  # Chromium without a desktop has no voices at all
    button(page, "Nghe bài viết").click()
    status = bar(page).get_by_role("status")

    expect(status).to_have_text("Thiết bị này chưa có giọng đọc tiếng Việt")
    expect(status).to_be_visible()
    expect(button(page, "Nghe bài viết")).to_be_visible()


def test_foreign_voice_never_reads_vietnamese(open_page: OpenPage) -> None:
    page = open_page(before=speaking(SAMANTHA, {"name": "Viktor", "lang": "vro-EE"}))
    button(page, "Nghe bài viết").click()

    expect(bar(page).get_by_role("status")).to_contain_text("chưa có giọng đọc tiếng Việt")
    assert said(page) == []


def test_tool_is_absent_where_the_browser_cannot_speak(open_page: OpenPage) -> None:
    page = open_page(before="delete window.SpeechSynthesisUtterance")
    expect(button(page, "Tăng cỡ chữ")).to_be_visible()

    expect(button(page, "Nghe bài viết")).to_be_hidden()


def test_title_is_read_first_and_each_sentence_when_the_last_has_ended(open_page: OpenPage) -> None:
    page = open_page(before=speaking(SAMANTHA, LINH, HOAI_MY))
    button(page, "Nghe bài viết").click()
    expect(button(page, "Tạm dừng")).to_be_visible()
    [[first, voice]] = page.evaluate("said")
    assert voice == HOAI_MY["name"]
    assert first.split()[0] == page.locator("h1").inner_text().split()[0]
    expect(page.locator("h1")).to_have_attribute("data-reading", "")
    progress = bar(page).get_by_text(re.compile(r"^Câu 1/\d+$"))
    expect(progress).to_be_visible()

    page.evaluate("endSentence()")
    assert len(said(page)) == 2
    expect(bar(page).get_by_text(re.compile(r"^Câu 2/\d+$"))).to_be_visible()
    expect(page.locator("[data-reading]")).to_have_count(1)


def test_sentences_are_short_and_the_end_stops_the_reading(open_page: OpenPage) -> None:
    page = open_page(before=speaking(HOAI_MY))
    button(page, "Nghe bài viết").click()
    expect(button(page, "Tạm dừng")).to_be_visible()
    while button(page, "Tạm dừng").is_visible():
        page.evaluate("endSentence()")

    total = len(said(page))
    assert total > 5
    assert max(map(len, said(page))) <= 200
    assert "./." not in "".join(said(page))
    expect(button(page, "Nghe bài viết")).to_be_visible()
    expect(button(page, "Dừng đọc")).to_be_hidden()
    expect(page.locator("[data-reading]")).to_have_count(0)


def test_pause_keeps_the_place_and_resume_repeats_the_sentence(open_page: OpenPage) -> None:
    page = open_page(before=speaking(HOAI_MY))
    button(page, "Nghe bài viết").click()
    expect(button(page, "Tạm dừng")).to_be_visible()
    page.evaluate("endSentence()")
    button(page, "Tạm dừng").click()
    assert page.evaluate("speechSynthesis.current") is None
    expect(button(page, "Tiếp tục")).to_be_focused()

    button(page, "Tiếp tục").click()
    expect(button(page, "Tạm dừng")).to_be_visible()
    assert len(said(page)) == 3
    assert said(page)[1] == said(page)[2]


def test_stop_returns_to_the_beginning_and_keeps_the_focus(open_page: OpenPage) -> None:
    page = open_page(before=speaking(HOAI_MY))
    button(page, "Nghe bài viết").click()
    expect(button(page, "Tạm dừng")).to_be_visible()
    page.evaluate("endSentence()")
    button(page, "Dừng đọc").click()
    expect(button(page, "Nghe bài viết")).to_be_focused()

    button(page, "Nghe bài viết").click()
    expect(button(page, "Tạm dừng")).to_be_visible()
    assert said(page)[-1] == said(page)[0]


def test_leaving_the_page_ends_the_speech(open_page: OpenPage) -> None:
    page = open_page(before=speaking(HOAI_MY))
    button(page, "Nghe bài viết").click()
    expect(button(page, "Tạm dừng")).to_be_visible()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")

    assert page.evaluate("speechSynthesis.current") is None
    expect(button(page, "Tiếp tục")).to_be_visible()


def test_voice_that_falls_silent_within_a_sentence_is_led_on(open_page: OpenPage) -> None:
    page = open_page(before=speaking(HOAI_MY))
    page.clock.install()
    page.reload()
    button(page, "Nghe bài viết").click()
    expect(button(page, "Tạm dừng")).to_be_visible()
    page.evaluate("startSentence()")
    page.clock.run_for(30_000)

    assert said(page)[1] != said(page)[0]
    expect(bar(page).get_by_text(re.compile(r"^Câu 2/\d+$"))).to_be_visible()


def test_voice_that_never_starts_is_tried_again_and_then_reported(open_page: OpenPage) -> None:
    page = open_page(before=speaking(HOAI_MY))
    page.clock.install()
    page.reload()
    button(page, "Nghe bài viết").click()
    expect(button(page, "Tạm dừng")).to_be_visible()
    page.clock.run_for(30_000)

    assert said(page) == [said(page)[0]] * 3
    expect(bar(page).get_by_role("status")).to_contain_text("không phản hồi")
    expect(button(page, "Tiếp tục")).to_be_visible()


def test_highlight_moves_nothing(open_page: OpenPage) -> None:
    page = open_page(before=speaking(HOAI_MY))
    heights = "[...document.querySelectorAll('[data-read] *')].map(one => one.offsetHeight)"
    before = page.evaluate(heights)
    button(page, "Nghe bài viết").click()
    expect(button(page, "Tạm dừng")).to_be_visible()
    for _ in range(4):
        page.evaluate("endSentence()")
        assert page.evaluate(heights) == before


# --- what is said ------------------------------------------------------------------------------

SPEAKABLE = """async (texts) => {
    const source = document.querySelector("script[src*='/toolbar/toolbar.']").src;
    const { speakable, readSpeech } = await import(source);
    const speech = readSpeech(document.querySelector("[data-tool='listen']").dataset);
    return Object.fromEntries(texts.map((text) => [text, speakable(text, speech)]));
}"""

SPOKEN = {
    "Đạt kết quả tốt./.": "Đạt kết quả tốt.",
    "Kết thúc hội nghị ./.": "Kết thúc hội nghị.",
    "UBND xã và HĐND xã": "Ủy ban nhân dân xã và Hội đồng nhân dân xã",
    "TP. Thái Nguyên": "thành phố Thái Nguyên",
    "ông Thanh, anh Tuấn, 12 ha": "ông Thanh, anh Tuấn, 12 héc ta",
    "Hôm 21/5/2020": "Hôm ngày 21 tháng 5 năm 2020",
    "ngày 05/09/2026.": "ngày 5 tháng 9 năm 2026.",
    "từ 1.1.2026": "từ ngày 1 tháng 1 năm 2026",
    "tháng 5/2020": "tháng 5 năm 2020",
    "sáng 28/8": "sáng ngày 28 tháng 8",
    "ngày 28/8": "ngày 28 tháng 8",
    "12/14 xã": "12 trên 14 xã",
    "giai đoạn 2021-2025": "giai đoạn 2021 đến 2025",
    "số 03/CT-UBND": "số 03, xê tê Ủy ban nhân dân",
    "số 224/2026/NĐ-CP": "số 224 năm 2026, nghị định Chính phủ",
    "số 01/2021/TT-BTTTT": "số 01 năm 2021, tê tê bê tê tê tê tê",
    "45/13/2020": "45/13/2020",
    "1.234.567 đồng": "1.234.567 đồng",
    "cụm\u00a0 từ\n rời": "cụm từ rời",
    "U\u0309y ban": "Ủy ban",
}


def test_office_writing_is_spoken_in_words(open_page: OpenPage) -> None:
    assert open_page().evaluate(SPEAKABLE, list(SPOKEN)) == SPOKEN


def test_passages_follow_the_reading_order_and_skip_tables(open_page: OpenPage) -> None:
    page = open_page()
    spoken = page.evaluate(
        """async () => {
            const source = document.querySelector("script[src*='/toolbar/toolbar.']").src;
            const { passages, readSpeech } = await import(source);
            const speech = readSpeech(document.querySelector("[data-tool='listen']").dataset);
            const add = (parent, name, text = "") => {
              const child = parent.appendChild(document.createElement(name));
              child.textContent = text;
              return child;
            };
            const area = add(document.body, "div");
            const opening = add(area, "p", "Mở ");
            add(opening, "strong", "đầu");
            opening.append(" bài.");
            const item = add(add(area, "ul"), "li", "Mục một");
            add(add(item, "ul"), "li", "Mục con");
            add(add(area, "div"), "table").createCaption().textContent = "Các mốc";
            add(area, "table").insertRow().insertCell().textContent = "68,4";
            add(add(area, "figure"), "figcaption", "Cầu mới");
            add(area, "p", "ẩn").hidden = true;
            add(area, "p", "trang trí").setAttribute("aria-hidden", "true");
            add(area, "p", "Hết.");
            return passages(area, speech).map(({ text }) => text);
        }"""
    )

    assert spoken == [
        "Mở đầu bài.",
        "Mục một",
        "Mục con",
        "Bảng: Các mốc. Xin xem trên trang.",
        "Ở đây có một bảng, xin xem trên trang.",
        "Chú thích ảnh: Cầu mới",
        "Hết.",
    ]
