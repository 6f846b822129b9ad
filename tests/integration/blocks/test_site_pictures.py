"""Banners and logos: files of the site's own folder, with sizes, times, weights and words."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tests.clocks import StandingClock
from tests.integration.blocks.pages import Look
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640.4 240"></svg>'


def banner(image: str, words: str = "Chữ trong ảnh", **more: Any) -> dict[str, Any]:
    return {"image": image, "alt": {"vi": words}, **more}


def home(site: SmallSite, block: str, **settings: Any) -> Look:
    site.lay_out("home", {"key": "pictures", "block": block, "settings": settings})
    return Look(compose(site.portal()))


def store(site: SmallSite, name: str, content: bytes) -> None:
    file = site.config / "media" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def test_size_of_a_picture_is_read_from_its_file(site: SmallSite):
    png = BytesIO()
    Image.new("RGB", (300, 100)).save(png, "PNG")
    store(site, "bang/a.png", png.getvalue())
    store(site, "b.svg", SVG.encode())
    page = home(site, "banners", items=[banner("bang/a.png"), banner("b.svg")])
    assert 'width="300" height="100" alt="Chữ trong ảnh"' in page.html
    assert 'width="640" height="240"' in page.html


def test_picture_with_words_is_that_of_the_reader_s_language(site: SmallSite):
    store(site, "vi.svg", SVG.encode())
    store(site, "en.svg", SVG.replace("640.4", "500").encode())
    item = banner("vi.svg", images={"en": "en.svg"})
    item["alt"]["en"] = "Words in the picture"
    page = home(site, "banners", items=[item])
    assert 'width="640" height="240" alt="Chữ trong ảnh"' in page.html
    page = Look(compose(site.portal(), locale="en"))
    assert 'width="500" height="240" alt="Words in the picture"' in page.html


@pytest.mark.parametrize(
    "content", [None, b"no picture", b"<svg></svg>", b'<svg viewBox="0 0 0 0"></svg>']
)
def test_words_stand_in_for_a_picture_that_is_missing_or_broken(
    site: SmallSite, content: bytes | None
):
    if content is not None:
        store(site, "hong.svg", content)
    page = home(site, "banners", items=[banner("hong.svg", url="https://tinh.example/")])
    assert page.texts(".banners a .picture--missing") == ["Chữ trong ảnh"]
    assert not page.has(".banners img")


def test_heaviest_banners_stand_first_and_the_rest_waits(site: SmallSite):
    items = [banner("x", "Nhẹ", weight=1), banner("x", "Vừa một"), banner("x", "Vừa hai")]
    items.append(banner("x", "Nặng", weight=90))
    page = home(site, "banners", items=items, limit=3)
    assert page.texts(".banners li") == ["Nặng", "Vừa một", "Vừa hai"]


def test_campaign_shows_between_its_times(site: SmallSite, clock: StandingClock):
    item = banner("x", "Chiến dịch", starts="2026-11-23T10:00", ends="2026-11-23T11:00")
    site.lay_out("home", {"key": "pictures", "block": "banners", "settings": {"items": [item]}})
    portal = site.portal()
    seen = []
    for minutes in (29, 1, 59, 1):
        clock.advance(minutes=minutes)
        seen.append(Look(compose(portal)).has(".banners"))
    assert seen == [False, True, True, False]


@pytest.mark.parametrize("words", [{}, {"vi": " "}, {"vi": "Có", "en": ""}])
def test_banner_without_words_is_refused_when_the_layout_is_loaded(
    site: SmallSite, words: dict[str, str]
):
    with pytest.raises(Exception, match="must say something"):
        home(site, "banners", items=[{"image": "x", "alt": words}])


def test_links_say_when_they_leave_the_site_and_show_logos_only_as_logos(site: SmallSite):
    store(site, "dau.svg", SVG.encode())
    links = [
        {"title": {"vi": "Tỉnh"}, "url": "https://tinh.example/", "logo": "dau.svg"},
        {"title": {"vi": "Trang nhà"}, "url": "https://mau.example/gioi-thieu"},
        {"title": {"vi": "Liên hệ"}, "url": "/lien-he"},
    ]
    page = home(site, "links", groups=[{"links": links}])
    assert page.texts(".links a") == ["Tỉnh (trang khác)", "Trang nhà", "Liên hệ"]
    assert not page.has(".links img")
    page = home(site, "links", groups=[{"links": links}], style="logos")
    assert page.has('.links img[alt=""]')


def test_choice_of_links_keeps_the_list_for_readers_without_scripts(site: SmallSite):
    links = [{"title": {"vi": "Tỉnh"}, "url": "https://tinh.example/"}]
    page = home(
        site, "links", groups=[{"title": {"vi": "Cơ quan"}, "links": links}], style="select"
    )
    assert page.has("form.links__choice[hidden]")
    assert page.texts("form button") == ["Đi tới"]
    assert page.texts("form label") == ["Cơ quan"]
    assert page.links(".links__list a") == ["https://tinh.example/"]
