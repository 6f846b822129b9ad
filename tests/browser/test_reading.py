"""Pages for reading on: pictures in a dialog, films, reading choices, copies without a network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import Request
from playwright.sync_api import expect

from tests.browser.conftest import PageFactory
from tests.browser.conftest import wait_for_first_paint
from tests.browser.live_portal import LivePortal

ALBUM = "/thu-vien-anh/mua-xuan-tren-doi-che/"
FILM = "/video/tu-ruong-bac-thang-den-cau-ben-ngan/"


def test_pictures_open_in_a_dialog_that_keys_control(
    portal: LivePortal, page_at: PageFactory
) -> None:
    page = page_at()
    page.goto(portal.origin + ALBUM)
    first, second = page.locator(".gallery__open").nth(0), page.locator(".gallery__open").nth(1)
    dialog = page.get_by_role("dialog", name="Xem ảnh")
    first.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    expect(dialog.locator(".gallery__position")).to_have_text("Ảnh 1/9")
    page.keyboard.press("ArrowRight")
    expect(dialog.locator(".gallery__position")).to_have_text("Ảnh 2/9")
    shown = dialog.locator("img")
    assert shown.get_attribute("src") == page.evaluate(
        "(link) => link.href", second.element_handle()
    )
    assert shown.get_attribute("alt")
    page.keyboard.press("Tab")
    assert dialog.evaluate("(dialog) => dialog.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(second).to_be_focused()


def test_pictures_are_plain_links_without_scripts(portal: LivePortal, page_at: PageFactory) -> None:
    page = page_at(javascript=False)
    page.goto(portal.origin + ALBUM)
    expect(page.locator(".gallery__viewer")).to_be_hidden()
    href = page.locator(".gallery__open").first.get_attribute("href")
    answer = page.request.get(portal.origin + str(href))
    assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")


def test_film_loads_nothing_until_it_is_played_and_has_captions(
    portal: LivePortal, page_at: PageFactory
) -> None:
    page, asked = page_at(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(portal.origin + FILM)
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if url.endswith(".webm")]
    film = page.locator("video")
    assert film.get_attribute("autoplay") is None
    film.evaluate(
        """(film) => new Promise((done) => {
          film.muted = true;
          film.ontimeupdate = () => film.currentTime > 0.2 && done();
          film.play();
        })"""
    )
    assert film.evaluate("(film) => [film.videoWidth, film.videoHeight]") == [640, 360]
    assert film.evaluate("(film) => film.textTracks[0].cues.length") == 5


def test_spacing_and_font_are_remembered_before_the_first_paint(
    portal: LivePortal, page_at: PageFactory, article_url: str
) -> None:
    page = page_at()
    page.goto(article_url)
    before = page.evaluate("parseFloat(getComputedStyle(document.body).lineHeight)")
    page.get_by_role("button", name="Giao diện").click()
    page.get_by_label("Rất rộng").check()
    page.get_by_label("Chữ dễ đọc").check()
    page.goto(portal.origin + "/so-do/", wait_until="commit")
    wait_for_first_paint(page)
    html = page.locator("html")
    expect(html).to_have_attribute("data-spacing", "wider")
    expect(html).to_have_attribute("data-font", "legible")
    assert page.evaluate("parseFloat(getComputedStyle(document.body).lineHeight)") > before
    assert "Verdana" in page.evaluate("getComputedStyle(document.body).fontFamily")


@pytest.fixture
def online(browser: Browser) -> Iterator[Page]:
    """A page in a browser that allows service workers, which the other tests switch off."""
    context = browser.new_context(locale="vi-VN", service_workers="allow")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def test_saved_article_opens_without_a_network_and_says_its_day(
    portal: LivePortal, online: Page, article_url: str
) -> None:
    online.goto(article_url)
    headline = online.locator("h1").inner_text()
    online.get_by_role("button", name="Lưu để đọc ngoại tuyến").click()
    expect(online.locator(".toolbar__status")).to_have_text("Đã lưu bài này trên máy của bạn.")
    online.reload()
    assert online.locator(".saved-copy").count() == 0
    online.context.set_offline(True)
    online.reload()
    assert online.locator("h1").inner_text() == headline
    assert online.locator(".saved-copy").inner_text().startswith("Bản lưu ngày ")
    assert online.evaluate("document.styleSheets.length") >= 2
    online.goto(portal.origin + "/tin-tuc/")
    link = online.get_by_role("link", name=headline)
    expect(link).to_be_visible()
    online.get_by_role("button", name=f"Xóa bản lưu: {headline}").click()
    expect(online.get_by_text("Bạn chưa lưu bài nào.")).to_be_visible()


def test_page_counts_once_after_five_seconds_in_view(
    portal: LivePortal, page_at: PageFactory, article_url: str
) -> None:
    page, sent = page_at(), list[str | None]()

    def note(request: Request) -> None:
        if request.url.endswith("/-/visits"):
            sent.append(request.post_data)

    page.on("request", note)
    page.clock.install(time=0)
    page.clock.pause_at(1_000)
    page.goto(article_url)
    page.clock.run_for(4_900)
    assert sent == []
    with page.expect_request("**/-/visits"):
        page.clock.run_for(200)
    page.clock.run_for(60_000)
    number = page.locator("[data-article]").first.get_attribute("data-article")
    assert sent == [number]
    assert page.context.cookies() == []


def test_vote_works_without_scripts_and_is_thanked(
    portal: LivePortal, page_at: PageFactory, article_url: str
) -> None:
    page = page_at(360, javascript=False)
    page.goto(article_url)
    page.get_by_label("4 – Hữu ích").check()
    page.get_by_role("button", name="Gửi đánh giá").click()
    assert page.url == f"{article_url}#rating-thanks"
    expect(page.get_by_text("Cảm ơn bạn đã đánh giá.")).to_be_visible()
