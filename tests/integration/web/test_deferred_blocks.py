"""A block may come after its page: put in by an edge server, or by the browser."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask

from portal.block import CachePolicy
from portal.content.values import SearchQuery
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import fragments
from tests.integration.composition.small_site import headlines

LONG = CachePolicy(fresh="30d")
EDGE = {"Surrogate-Capability": 'abc="ESI/1.0"'}


def home(site: SmallSite, way: str, **more: object) -> Flask:
    """A home page whose second list is delivered in this way."""
    site.sections()
    for number in range(1, 7):
        site.article(f"News {number}", days=number / 100)
    site.news(static={"news.css": "p{}"})
    later = {"key": "later", "block": "news", "deliver": way, **more}
    site.lay_out("home", {"key": "first", "block": "news"}, later)
    return site.app()


def address_in(html: str, attribute: str) -> str:
    found = re.search(rf'{attribute}="([^"]+)"', html)
    assert found is not None
    return found[1]


def test_without_an_edge_server_an_esi_block_is_part_of_the_page(site: SmallSite):
    answer = home(site, "esi").test_client().get("/")
    assert list(fragments(answer.text)) == ["first", "later"]
    assert "esi:" not in answer.text
    assert "Surrogate-Control" not in answer.headers


def test_an_edge_server_is_told_to_put_the_block_in(site: SmallSite):
    client = home(site, "esi").test_client()
    for _ in range(2):
        answer = client.get("/", headers=EDGE)
        assert answer.headers["Surrogate-Control"] == 'content="ESI/1.0"'
        assert list(fragments(answer.text)) == ["first"]
        piece = client.get(address_in(answer.text, "<esi:include src"))
        assert list(fragments(piece.text)) == ["later"]
        assert piece.headers["X-Robots-Tag"] == "noindex"


def test_no_network_may_keep_a_page_that_an_edge_server_has_to_fill(site: SmallSite):
    site.words("words", cache=LONG)
    home(site, "esi")
    site.lay_out("section", {"key": "later", "block": "words", "deliver": "fetch"})
    client = site.app(cdn_seconds=3600).test_client()
    for _ in range(2):
        holes = client.get("/", headers=EDGE)
        assert "<esi:include" in holes.text
        assert "CDN-Cache-Control" not in holes.headers
        # Whoever kept it all the same and asks whether it still holds gets the whole page.
        whole = client.get("/", headers={"If-None-Match": holes.headers["ETag"]})
        assert list(fragments(whole.text)) == ["first", "later"]
        assert "CDN-Cache-Control" in whole.headers
    fetched = client.get("/tin-tuc/", headers=EDGE)
    assert "Surrogate-Control" not in fetched.headers
    assert "CDN-Cache-Control" in fetched.headers


@pytest.mark.parametrize("way", ["esi", "fetch"])
def test_a_deferred_list_chooses_as_if_it_stood_in_the_page(site: SmallSite, way: str):
    client = home(site, way).test_client()
    piece = client.get("/-/fragments/later/")
    assert headlines(piece.text) == ["News 4", "News 5", "News 6"]
    assert headlines(fragments(client.get("/").text)["first"]) == ["News 1", "News 2", "News 3"]


def test_a_fetched_block_keeps_its_space_and_is_a_link_without_javascript(site: SmallSite):
    client = home(site, "fetch", min_height=240).test_client()
    page = client.get("/").text
    assert list(fragments(page)) == ["first"]
    assert 'class="deferred min-height-240"' in page
    assert "/deferred." in page
    theme = next(url for url in re.findall(r'href="([^"]+)"', page) if "/theme." in url)
    assert ".min-height-240{min-block-size:240px}" in client.get(theme).text
    assert address_in(page, "data-fragment") == "/-/fragments/later/"
    whole = client.get("/?full=1")
    assert list(fragments(whole.text)) == ["first", "later"]
    assert 'href="/?full=1"' in page


def test_the_page_has_the_styles_of_what_comes_later(site: SmallSite):
    client = home(site, "fetch").test_client()
    assert "/-/assets/news/news." in client.get("/").text


def test_an_edit_reaches_the_fragment_at_its_own_address(site: SmallSite):
    client = home(site, "fetch").test_client()
    etag = client.get("/-/fragments/later/").headers["ETag"]
    assert client.get("/-/fragments/later/", headers={"If-None-Match": etag}).status_code == 304
    site.article("Newest", days=0.001)
    answer = client.get("/-/fragments/later/", headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert headlines(answer.text) == ["News 3", "News 4", "News 5"]


@pytest.mark.parametrize(
    "address",
    ["/-/fragments/nothing/", "/-/fragments/later/nothing-there", "/-/fragments/later/en/x/y/"],
)
def test_a_fragment_that_does_not_exist_is_an_empty_404(site: SmallSite, address: str):
    answer = home(site, "fetch").test_client().get(address)
    assert (answer.status_code, answer.data) == (404, b"")
    assert answer.headers["Cache-Control"] == "no-store"


def test_printed_and_saved_pages_leave_nothing_out(site: SmallSite):
    site.sections()
    number = site.article("News")
    site.words("words", cache=LONG)
    site.lay_out("print", {"key": "later", "block": "words", "deliver": "fetch"})
    client = site.app().test_client()
    for suffix in ("/in", "/luu.html"):
        assert list(fragments(client.get(f"/tin-tuc/news-{number}{suffix}").text)) == ["later"]


@pytest.mark.parametrize("way", ["fetch", "esi"])
def test_a_deferred_block_of_a_search_knows_what_is_looked_for(site: SmallSite, way: str):
    site.sections()
    site.block(
        "found",
        lambda ctx: {"words": f"{ctx.search.text} in {ctx.search.year}"},
        needs={"search": SearchQuery},
    )
    site.lay_out("search", {"key": "found", "block": "found", "deliver": way})
    client = site.app().test_client()
    page = client.get("/tim-kiem?q=c%E1%BA%A7u+%26&year=2024", headers=EDGE).text
    attribute = {"fetch": "data-fragment", "esi": "<esi:include src"}[way]
    assert "cầu &amp; in 2024" in client.get(unescape(address_in(page, attribute))).text
    whole = re.search(r'href="([^"]+full=1)"', page)
    assert (whole is not None) == (way == "fetch")
    if whole is not None:
        assert "cầu &amp; in 2024" in client.get(unescape(whole[1])).text
