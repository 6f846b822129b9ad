"""What stands where: order, heading levels, ids, assets and head elements of a composed page."""

from __future__ import annotations

import re

from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose
from tests.integration.composition.small_site import fragments

HEADED = """<section data-block="{{ key }}" aria-labelledby="{{ uid('h') }}">
{{ heading("Heading of " ~ key) }}{{ heading("Below", depth=1) }}
<p id="{{ uid('p') }}">{{ words }}</p></section>"""


def test_placements_stand_in_the_order_of_the_layout_file(site: SmallSite):
    for name in ("one", "two", "three"):
        site.words(name)
    site.lay_out("home", *({"key": name, "block": name} for name in ("two", "three", "one")))
    assert list(fragments(compose(site.portal()))) == ["two", "three", "one"]


def test_regions_stand_in_the_order_of_the_template_whatever_the_file_says(site: SmallSite):
    site.words("words")
    site.lay_out(
        "home",
        {"key": "middle", "block": "words"},
        footer=[{"key": "last", "block": "words"}],
        aside=[{"key": "beside", "block": "words"}],
        header=[{"key": "first", "block": "words"}],
        top=[{"key": "above", "block": "words"}],
    )
    shown = list(fragments(compose(site.portal())))
    assert shown == ["first", "above", "middle", "beside", "last"]


def test_a_region_without_content_leaves_no_element_behind(site: SmallSite):
    site.block("silent", lambda ctx: None)
    site.lay_out("home", aside=[{"key": "beside", "block": "silent"}])
    page = compose(site.portal())
    assert b"<aside" not in page.body
    assert page.states["beside"] == "empty"


def test_headings_begin_one_level_below_the_title_wherever_a_block_stands(site: SmallSite):
    site.block("headed", lambda ctx: {"words": ctx.heading_level}, HEADED)
    site.lay_out("home", {"key": "a", "block": "headed"}, aside=[{"key": "b", "block": "headed"}])
    html = compose(site.portal()).body.decode()
    assert re.findall(r"<h(\d)", html) == ["1", "2", "3", "2", "3"]


def test_ids_carry_the_placement_key_so_a_block_can_stand_twice(site: SmallSite):
    site.block("headed", lambda ctx: {"words": ""}, HEADED)
    site.lay_out("home", {"key": "a", "block": "headed"}, {"key": "b", "block": "headed"})
    html = compose(site.portal()).body.decode()
    ids = re.findall(r' id="([ab]-\w+)"', html)
    assert ids == ["a-h", "a-p", "b-h", "b-p"]


def test_assets_of_shown_blocks_are_linked_once_and_by_content(site: SmallSite):
    site.words("styled", static={"styled.css": "p{color:red}", "styled.js": "export {}"})
    site.lay_out("home", {"key": "a", "block": "styled"}, {"key": "b", "block": "styled"})
    client = site.app().test_client()
    html = client.get("/").text
    [style] = re.findall(r'href="(/-/assets/styled/[^"]+\.css)"', html)
    [script] = re.findall(r'type="module" src="(/-/assets/styled/[^"]+\.js)"', html)
    assert re.fullmatch(r"/-/assets/styled/styled\.[0-9a-f]{12}\.css", style)
    assert client.get(style).text == "p{color:red}"
    assert client.get(script).text == "export {}"


def test_assets_of_blocks_that_show_nothing_are_not_loaded(site: SmallSite):
    css = {"one.css": "p{}"}
    site.block("silent", lambda ctx: None, static=css)
    site.block("broken", lambda ctx: 1 / 0, static=css)
    site.words("elsewhere", static=css)
    site.lay_out(
        "home",
        {"key": "a", "block": "silent"},
        {"key": "b", "block": "broken"},
        {"key": "c", "block": "elsewhere", "show": {"locale": "en"}},
    )
    html = compose(site.portal()).body.decode()
    assert "one." not in html


def test_head_elements_of_all_blocks_are_united_and_the_first_of_a_kind_wins(site: SmallSite):
    def first(ctx):
        ctx.head.title("First title")
        ctx.head.only_meta("description", "of the first")
        ctx.head.link("preconnect", "/one")
        return {"words": 1}

    def second(ctx):
        ctx.head.title("Second title")
        ctx.head.only_meta("description", "of the second")
        ctx.head.link("preconnect", "/two")
        ctx.head.link("preconnect", "/one")
        return {"words": 2}

    site.block("first", first)
    site.block("second", second)
    site.lay_out("home", {"key": "a", "block": "first"}, {"key": "b", "block": "second"})
    head = compose(site.portal()).body.decode().partition("</head>")[0]
    assert re.findall("<title>(.*?)</title>", head) == ["First title – Cổng thông tin mẫu"]
    assert re.findall('name="description" content="(.*?)"', head) == ["of the first"]
    assert re.findall('rel="preconnect" href="(.*?)"', head) == ["/one", "/two"]


def test_a_page_whose_blocks_name_no_title_has_the_name_of_the_site(site: SmallSite):
    assert "<title>Cổng thông tin mẫu</title>" in compose(site.portal()).body.decode()


def test_a_block_that_shows_nothing_adds_nothing_to_the_head(site: SmallSite):
    def silent(ctx):
        ctx.head.title("Nothing to see")

    site.block("silent", silent)
    site.lay_out("home", {"key": "a", "block": "silent"})
    assert b"Nothing to see" not in compose(site.portal()).body


def test_json_ld_cannot_close_its_element(site: SmallSite):
    def render(ctx):
        ctx.head.json_ld("news", '{"name": "</script><script>alert(1)</script>"}')
        return {"words": ""}

    site.block("structured", render)
    site.lay_out("home", {"key": "a", "block": "structured"})
    html = compose(site.portal()).body.decode()
    assert "<script>alert" not in html
    assert "\\u003c/script>" in html
