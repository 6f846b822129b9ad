"""The look by measurement: contrast for any site colour, remembered choices, budgets, reflow."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import Route

STATIC = Path(__file__).parents[2] / "portal" / "static"
STYLE = (STATIC / "portal.css").read_text(encoding="utf-8")
EARLY = (STATIC / "early.js").read_text(encoding="utf-8")

# What lies on what, and the least contrast WCAG 2.2 asks for (1.4.3 text, 1.4.11 controls).
PAIRS = (
    ("text", "surface", 4.5),
    ("text", "raised", 4.5),
    ("muted", "surface", 4.5),
    ("muted", "raised", 4.5),
    ("link", "surface", 4.5),
    ("link", "raised", 4.5),
    ("brand-text", "surface", 4.5),
    ("brand-text", "raised", 4.5),
    ("on-brand", "brand", 4.5),
    ("on-accent", "accent", 4.5),
    ("text", "notice", 4.5),
    ("text", "mark", 4.5),
    ("accent", "surface", 3.0),
    ("control", "surface", 3.0),
    ("control", "raised", 3.0),
    ("focus", "surface", 3.0),
    ("notice-line", "surface", 3.0),
)
# Site colours from black to the lightest that a site may choose (4.5 : 1 on white).
SITE_COLOURS = ("#000000", "#8f1d14", "#0b5394", "#1f5a3c", "#d10000", "#0000ff", "#767676")

READ_COLOURS = """([names]) => {
  const sample = document.body.appendChild(document.createElement("i"));
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const colours = {};
  for (const name of names) {
    sample.style.color = `var(--color-${name})`;
    paint.fillStyle = getComputedStyle(sample).color;
    paint.fillRect(0, 0, 1, 1);
    colours[name] = [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3);
  }
  return colours;
}"""


def luminance(colour: list[int]) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[int], other: list[int]) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def styled(page: Page, extra: str = "", body: str = "") -> None:
    """Show `body` in the portal's style, without its fonts."""
    style = re.sub(r"@font-face \{.*?\n\}", "", STYLE, flags=re.DOTALL)
    page.set_content(
        f"<!doctype html><html><style>{style}{extra}</style><body>{body}</body></html>"
    )


@pytest.mark.parametrize("colour", SITE_COLOURS)
@pytest.mark.parametrize(
    ("options", "theme"),
    [
        pytest.param({"color_scheme": "light"}, None, id="light"),
        pytest.param({"color_scheme": "dark"}, None, id="dark"),
        pytest.param({"color_scheme": "dark"}, "light", id="light chosen on a dark device"),
        pytest.param({"color_scheme": "light"}, "dark", id="dark chosen on a light device"),
        pytest.param({"color_scheme": "light"}, "contrast", id="high contrast chosen"),
        pytest.param({"color_scheme": "light", "contrast": "more"}, None, id="more, light"),
        pytest.param({"color_scheme": "dark", "contrast": "more"}, None, id="more, dark"),
    ],
)
def test_every_pair_of_colours_has_enough_contrast(
    browser: Browser, options: dict[str, Any], theme: str | None, colour: str
) -> None:
    with browser.new_context(**options) as context:
        page = context.new_page()
        styled(page, f":root{{--site-brand:{colour};--site-accent:{colour}}}")
        if theme is not None:
            page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        names = sorted({name for pair in PAIRS for name in pair[:2]})
        colours = page.evaluate(READ_COLOURS, [names])
    weak = {
        f"{front} on {back}": round(ratio, 2)
        for front, back, least in PAIRS
        if (ratio := contrast(colours[front], colours[back])) < least
    }
    assert weak == {}


def serve_early(browser: Browser, headers: dict[str, str], stored: dict[str, str]) -> Page:
    """A page that runs early.js, with what an earlier visit left in the browser's storage."""

    def answer(route: Route) -> None:
        html = f"<!doctype html><html><head><script>{EARLY}</script></head><body></body></html>"
        route.fulfill(body=html, content_type="text/html", headers=headers)

    page = browser.new_context().new_page()
    page.route("http://portal.test/", answer)
    if stored:
        page.goto("http://portal.test/")
        page.evaluate(
            "items => { for (const [k, v] of items) localStorage.setItem(k, v) }",
            list(stored.items()),
        )
    page.goto("http://portal.test/")
    return page


def root_attributes(page: Page) -> dict[str, str]:
    """What early.js left on the root element."""
    attributes: dict[str, str] = page.evaluate(
        "() => ({ ...document.documentElement.dataset, class: document.documentElement.className })"
    )
    page.context.close()
    return attributes


def test_remembered_size_and_theme_are_set_before_the_body(browser: Browser) -> None:
    page = serve_early(browser, {}, {"portal.textSize": "112.5", "portal.theme": "contrast"})
    assert root_attributes(page) == {"textSize": "112.5", "theme": "contrast", "class": "js"}


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param({"portal.textSize": "9000", "portal.theme": "pink"}, id="unknown values"),
        pytest.param({"portal.textSize": "", "portal.theme": ""}, id="empty values"),
    ],
)
def test_rubbish_in_storage_changes_nothing(browser: Browser, stored: dict[str, str]) -> None:
    assert root_attributes(serve_early(browser, {}, stored)) == {"class": "js"}


def test_blocked_storage_does_no_harm(browser: Browser) -> None:
    sandboxed = {"Content-Security-Policy": "sandbox allow-scripts"}
    assert root_attributes(serve_early(browser, sandboxed, {})) == {"class": "js"}


@pytest.mark.parametrize("size", ["87.5", "100", "112.5", "125", "150", "175", "200"])
def test_a_text_size_scales_everything(browser: Browser, size: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        styled(page, body="<p>Ủy ban nhân dân</p>")
        plain = page.evaluate("() => parseFloat(getComputedStyle(document.body).fontSize)")
        page.evaluate("size => { document.documentElement.dataset.textSize = size }", size)
        scaled = page.evaluate("() => parseFloat(getComputedStyle(document.body).fontSize)")
    assert scaled / plain == pytest.approx(float(size) / 100)


def test_large_text_gets_the_narrow_layout_on_a_wide_screen(browser: Browser) -> None:
    body = (
        '<div class="columns columns--aside"><main class="region region--main"><p>Tin</p></main>'
        '<aside class="region region--aside"><p>Bên</p></aside></div>'
    )
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        styled(page, body=body)
        columns = "() => getComputedStyle(document.querySelector('.columns')).gridTemplateColumns"
        assert len(page.evaluate(columns).split()) == 2
        page.evaluate("() => { document.documentElement.dataset.textSize = '200' }")
        assert len(page.evaluate(columns).split()) == 1


def test_a_wide_word_does_not_make_the_page_scroll(browser: Browser) -> None:
    token = "Nghĩa" * 12
    body = (
        f'<div class="columns"><main class="region region--main"><h1>{token}</h1>'
        f'<div class="prose"><p>{token}</p></div>'
        f'<ul class="headlines"><li><a href="/">{token}</a></li></ul></main></div>'
    )
    with browser.new_context(viewport={"width": 320, "height": 640}) as context:
        page = context.new_page()
        styled(page, body=body)
        assert page.evaluate("() => document.documentElement.scrollWidth") == 320


def test_files_stay_within_their_budgets() -> None:
    fonts = sum(file.stat().st_size for file in (STATIC / "fonts").glob("*.woff2"))
    assert len(gzip.compress(STYLE.encode(), 9)) < 14_000
    # It holds the first paint up, so it stays a matter of one packet.
    assert len(gzip.compress(EARLY.encode(), 9)) < 700
    assert fonts < 70_000


def test_every_vietnamese_letter_is_in_a_declared_font_range() -> None:
    letters = "aăâbcdđeêghiklmnoôơpqrstuưvxy" + "áàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợ"
    letters += "úùủũụứừửữựýỳỷỹỵ₫“”–—…"
    ranges = []
    for first, last in re.findall(r"U\+([0-9A-F]{4,5})(?:-([0-9A-F]{4,5}))?", STYLE):
        ranges.append(range(int(first, 16), int(last or first, 16) + 1))
    missing = [
        letter
        for letter in letters + letters.upper()
        if not any(ord(letter) in known for known in ranges)
    ]
    assert missing == []
