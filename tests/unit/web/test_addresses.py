"""An address says which page, in which language and form; nothing else of it goes inward."""

from __future__ import annotations

import pytest

from portal.content.values import SearchQuery
from portal.site import Contact
from portal.site import Site
from portal.web.addresses import parse_address

SITE = Site(
    key="demo",
    name={"vi": "Cổng", "en": "Portal"},
    organisation={"vi": "Uỷ ban", "en": "Committee"},
    base_url="http://127.0.0.1:8000",
    contact=Contact(unit={}, responsible={}, address={}, phone="", email=""),
)

SEARCHED = SearchQuery("a", section="tin-tuc/xa", year=2026, kind="page", after="0131zz")


@pytest.mark.parametrize(
    ("path", "page", "expected"),
    [
        ("/", None, ("/", "vi", 1, "page")),
        ("/en/", None, ("/", "en", 1, "page")),
        ("/tin-tuc/", "3", ("/tin-tuc/", "vi", 3, "page")),
        ("/en/tin-tuc/a-12", None, ("/tin-tuc/a-12", "en", 1, "page")),
        ("/tin-tuc/a-12/in", None, ("/tin-tuc/a-12", "vi", 1, "print")),
        ("/tin-tuc/a-12/luu.html", None, ("/tin-tuc/a-12", "vi", 1, "html")),
        ("/tin-tuc/a-12/luu.txt", None, ("/tin-tuc/a-12", "vi", 1, "text")),
        ("/english/", None, ("/english/", "vi", 1, "page")),
        ("/in", None, ("/in", "vi", 1, "page")),
        ("/tin-tuc//in", None, ("/tin-tuc//in", "vi", 1, "page")),
    ],
)
def test_prefix_suffix_and_page_number_are_taken_apart(path, page, expected):
    address = parse_address(path, page, SITE)
    assert address is not None
    request = address.request
    assert (request.path, request.locale, request.page_number, address.form) == expected


@pytest.mark.parametrize(
    "page", ["0", "-1", "x", "", "1e3", "٣", "99999999999", "01", "00000012", "1 "]
)
def test_a_page_number_that_is_none_leads_nowhere(page):
    assert parse_address("/tin-tuc/", page, SITE) is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (b"", SearchQuery()),
        (b"q=%20h%E1%BB%8Dp++b%C3%A0n%20", SearchQuery("họp bàn")),
        ("q=họp bàn".encode(), SearchQuery("họp bàn")),
        (b"q=ho%CC%A3p", SearchQuery("họp")),
        (b"q=ho%F2p", SearchQuery("họp")),  # Windows-1258: o, then the mark below
        (b"q=a&q=b", SearchQuery("a")),
        (b"q=a&section=tin-tuc/xa&year=2026&type=page&after=0131zz", SEARCHED),
        (b"q=a&section=../x&year=26&type=x&after=%00&page=-1&other=1", SearchQuery("a")),
        (b"q=" + b"x" * 10_000, SearchQuery("x" * 300)),
        (b"q=" + b"ab+" * 4_000, SearchQuery(" ".join(["ab"] * 100))),
        (b"&&=&q&" * 100, SearchQuery()),
        (b"q=%00%E2%80%AEa", SearchQuery("a")),
        ("q=a&year=2٠٢٦".encode(), SearchQuery("a")),
    ],
)
def test_a_search_takes_what_makes_sense_of_its_query(query, expected):
    address = parse_address("/tim-kiem", "0", SITE, query)
    assert address is not None
    assert address.request.search == expected


def test_query_arguments_mean_nothing_elsewhere():
    address = parse_address("/tin-tuc/", None, SITE, b"q=a")
    assert address is not None
    assert address.request.search is None


@pytest.mark.parametrize("path", ["/a\x00b", "/a\nb", "/" + "a" * 2000])
def test_unprintable_and_endless_paths_lead_nowhere(path):
    assert parse_address(path, None, SITE) is None
