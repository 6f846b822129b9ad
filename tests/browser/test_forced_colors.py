"""Forced colours: a device that paints pages in a few colours of its own, light or dark.

Grounds, shadows and the site's colours are gone then; what is left has to say what can be pressed,
what is chosen, and where the focus is. Chromium emulates it with the system's colours.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser.conftest import AxeRun
from tests.browser.conftest import PageFactory
from tests.browser.conftest import Trouble
from tests.browser.live_portal import LivePortal
from tests.browser.test_pages import explain
from tests.browser.test_pages import visit

KINDS = pytest.mark.parametrize("kind", ["home", "section", "article", "search with results"])

# Contrast as WCAG 2.2 defines it, of colours in any notation of CSS.
_COLOURS = """
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour, below) => {
    paint.clearRect(0, 0, 1, 1);
    for (const one of [below, colour].filter(Boolean)) {
      paint.fillStyle = one;
      paint.fillRect(0, 0, 1, 1);
    }
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const { backgroundColor } = getComputedStyle(one);
      if (rgb(backgroundColor)[3]) return rgb(backgroundColor, "Canvas");
    }
    return rgb("Canvas");
  };
  const contrast = (colour, back) => {
    const [dark, light] = [luminance(colour), luminance(back)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const stands = (colour, back, least) =>
    rgb(colour)[3] > 0 && contrast(rgb(colour), back) >= least;
  const controls = () =>
    [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
      .filter((one) => one.checkVisibility({ visibilityProperty: true }))
      .filter((one) => !one.matches("[tabindex='-1']"));
  const name = (one) => `${one.tagName.toLowerCase()}.${one.className} `
    + `${(one.getAttribute("aria-label") ?? one.textContent).trim().slice(0, 40)}`;
"""

# What does not stand out: a control without an edge, an icon or words without contrast. Axe
# cannot tell of words: it looks at their fill, which Chromium reports as it was before forcing.
FAINT = (
    "() => {"
    + _COLOURS
    + """
  const faint = [];
  for (const one of controls()) {
    const style = getComputedStyle(one);
    const boxed = one.matches(".button, [type=search], select, textarea");
    const edge = style.borderTopStyle !== "none" && parseFloat(style.borderTopWidth) >= 1
      && stands(style.borderTopColor, ground(one.parentElement), 3);
    if (boxed && !edge) faint.push(`${name(one)}: edge`);
    for (const icon of one.querySelectorAll("svg.icon")) {
      if (icon.checkVisibility() && !stands(getComputedStyle(icon).stroke, ground(icon), 3)) {
        faint.push(`${name(one)}: icon`);
      }
    }
  }
  for (const one of document.querySelectorAll("body *")) {
    const worded = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!worded || !one.checkVisibility() || one.closest(".visually-hidden, .skip-link")) continue;
    if (!stands(getComputedStyle(one).color, ground(one), 4.5)) faint.push(`${name(one)}: words`);
  }
  return faint;
}"""
)

# What shows no line, or one that cannot be seen, when it has the focus. The line of a card's link
# is drawn around the whole card.
UNMARKED = (
    "() => {"
    + _COLOURS
    + """
  const unmarked = [];
  for (const one of controls()) {
    one.focus({ preventScroll: true });
    if (document.activeElement !== one) continue;
    const marked = [getComputedStyle(one), getComputedStyle(one, "::after")].some((style) =>
      style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
        && stands(style.outlineColor, ground(one), 3));
    if (!marked) unmarked.push(name(one));
  }
  return unmarked;
}"""
)

# The contrast of a colour of each element with the ground it lies on.
LINES = (
    "(elements, side) => {"
    + _COLOURS
    + """
  return elements.map((one) => contrast(rgb(getComputedStyle(one)[side]), ground(one)));
}"""
)


def opened(page_at: PageFactory, portal: LivePortal, trouble: Trouble, kind: str) -> Page:
    """A kind of page on a device that forces its colours."""
    page = page_at(1280, forced_colors="active")
    visit(page, portal, trouble, kind)
    return page


@KINDS
def test_controls_words_and_focus_stand_out(
    kind: str, portal: LivePortal, page_at: PageFactory, trouble: Trouble, axe: AxeRun
) -> None:
    page = opened(page_at, portal, trouble, kind)
    assert explain(axe(page)) == []
    page.keyboard.press("Tab")  # from here on the focus is one of the keyboard
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, forced_colors="active")
        assert page.evaluate(FAINT) == [], scheme
        assert page.evaluate(UNMARKED) == [], scheme


def test_only_the_selected_tab_has_a_line(
    portal: LivePortal, page_at: PageFactory, trouble: Trouble
) -> None:
    page = opened(page_at, portal, trouble, "home")
    tabs = page.get_by_role("tab")
    expect(tabs.first).to_have_attribute("aria-selected", "true")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, forced_colors="active")
        selected, *others = tabs.evaluate_all(LINES, "borderBlockEndColor")
        assert selected >= 3, scheme
        assert others
        assert max(others) == pytest.approx(1), scheme


def test_the_page_and_the_section_being_read_are_marked(
    portal: LivePortal, page_at: PageFactory, trouble: Trouble
) -> None:
    page = opened(page_at, portal, trouble, "section, second page")
    underlined = "(links) => links.map((one) => getComputedStyle(one).textDecorationLine)"
    menu = page.locator(".block--main_menu .menu__item > a")
    current = menu.and_(page.locator("[aria-current]"))
    assert current.evaluate_all(underlined) == ["underline"]
    assert menu.evaluate_all(underlined).count("underline") == 1

    pages = page.locator(".pagination .button")
    here = "(all) => all.map((one) => one.matches('[aria-current]'))"
    grounds = pages.evaluate_all("(all) => all.map((one) => getComputedStyle(one).backgroundColor)")
    marked = [
        ground for ground, is_here in zip(grounds, pages.evaluate_all(here), strict=True) if is_here
    ]
    assert len(marked) == 1
    assert grounds.count(marked[0]) == 1


def test_the_choice_of_appearance_still_works_and_hides_nothing(
    portal: LivePortal, page_at: PageFactory, trouble: Trouble
) -> None:
    page = opened(page_at, portal, trouble, "article")
    page.get_by_role("button", name="Giao diện").press("Enter")
    for option, theme in (("Tương phản cao", "contrast"), ("Chế độ tối", "dark")):
        radio = page.get_by_role("radio", name=option)
        radio.press("Space")
        expect(radio).to_be_checked()
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        assert page.evaluate(FAINT) == [], option
    panel = page.locator(".toolbar__panel:visible").first
    assert min(panel.evaluate_all(LINES, "borderTopColor")) >= 3


def test_the_opened_picture_has_an_edge(
    portal: LivePortal, page_at: PageFactory, trouble: Trouble
) -> None:
    page = opened(page_at, portal, trouble, "album")
    page.locator(".gallery__open").first.press("Enter")
    viewer = page.get_by_role("dialog")
    expect(viewer).to_be_visible()

    assert viewer.evaluate_all(LINES, "borderTopColor")[0] >= 3
    assert viewer.evaluate("(one) => parseFloat(getComputedStyle(one).borderTopWidth)") >= 1
    assert page.evaluate(FAINT) == []
