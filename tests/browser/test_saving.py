"""Saved copies: the HTML opens without a network, looking like print; the text is only text."""

from __future__ import annotations

import re
import unicodedata
from email.message import Message
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page
from playwright.sync_api import Route

from tests.browser.conftest import AxeRun
from tests.browser.conftest import PageFactory
from tests.browser.live_portal import LivePortal

PARAGRAPHS = "() => [...document.querySelectorAll('[data-read] p')].map((one) => one.innerText)"


def fetch(url: str) -> tuple[Message, bytes]:
    with urlopen(url) as answer:  # noqa: S310 - the address of our own server
        return answer.headers, answer.read()


@pytest.fixture
def saved_page(portal: LivePortal, page_at: PageFactory, tmp_path: Path) -> Page:
    """The saved copy of an article, opened from disk; every other request fails the test."""
    file = tmp_path / "ban-luu.html"
    file.write_bytes(fetch(portal.url("saved HTML"))[1])
    page = page_at(1280, offline=True)

    def only_the_file(route: Route) -> None:
        if route.request.url == file.as_uri() or route.request.url.startswith("data:"):
            route.continue_()
        else:
            route.fallback()

    page.route("**/*", only_the_file)
    page.goto(file.as_uri())
    return page


def test_saved_copy_has_its_pictures_and_styles_without_a_network(saved_page: Page) -> None:
    pictures = saved_page.evaluate(
        "[...document.images].map((one) => [one.naturalWidth > 0, one.src.split(':')[0]])"
    )

    assert pictures
    assert set(map(tuple, pictures)) == {(True, "data")}
    assert saved_page.evaluate("document.styleSheets.length") >= 2
    assert saved_page.evaluate("getComputedStyle(document.body).marginTop") == "0px"
    assert saved_page.locator("script[src], link[rel=stylesheet], source").count() == 0


def test_saved_copy_is_complete_and_says_where_it_is_from(
    saved_page: Page, portal: LivePortal, page_at: PageFactory, article_url: str
) -> None:
    article = page_at()
    article.goto(article_url)
    printed = set(saved_page.evaluate(PARAGRAPHS))

    assert saved_page.locator("h1").inner_text() == article.locator("h1").inner_text()
    assert set(article.evaluate(PARAGRAPHS)) <= printed
    assert len(printed) > 3
    assert portal.path("article") in saved_page.locator(".saved-copy").inner_text()


def test_links_of_a_saved_copy_lead_back_to_the_portal(saved_page: Page) -> None:
    links = saved_page.evaluate("[...document.links].map((one) => one.getAttribute('href'))")

    assert [link for link in links if link.startswith("/")] == []


def test_saved_copy_is_accessible(saved_page: Page, axe: AxeRun) -> None:
    assert axe(saved_page) == []


def test_saved_text_is_plain_and_complete(
    portal: LivePortal, page_at: PageFactory, article_url: str
) -> None:
    headers, body = fetch(portal.url("saved text"))
    text = body.decode()
    article = page_at()
    article.goto(article_url)
    read = article.evaluate(PARAGRAPHS)

    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["Content-Disposition"].startswith("attachment;")
    assert text.splitlines()[0] == article.locator("h1").inner_text().replace("\n", " ")
    assert re.search(r"</?[a-z]+[^>]*>|&[a-z]+;", text) is None
    assert unicodedata.is_normalized("NFC", text)
    squeezed = re.sub(r"\s+", " ", text)
    assert [part for part in read if re.sub(r"\s+", " ", part) not in squeezed] == []
    assert article_url.rpartition("/")[2] in text
