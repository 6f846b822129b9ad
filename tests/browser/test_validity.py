"""What machines read: valid HTML by the Nu checker, structured data in schema.org's words."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.browser.live_portal import FAILURES
from tests.browser.live_portal import PAGE_KINDS
from tests.browser.live_portal import REPOSITORY
from tests.browser.live_portal import LivePortal

CHECKER = REPOSITORY / ".cache" / "node" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
VOCABULARY: dict[str, Any] = json.loads(
    (REPOSITORY / "tests" / "data" / "schema_org.json").read_text(encoding="utf-8")
)

INTENDED = {
    # WebKit takes the role from a list without bullets; saying it again gives it back.
    "The “list” role is unnecessary for element “ul”.",
    "The “list” role is unnecessary for element “ol”.",
    # Cards stand in a list below the heading of their block; headings of their own would drown it.
    "Article lacks heading. Consider using “h2”-“h6” elements to add identifying headings to all"
    " articles.",
    # The style checker does not know CSS Containment 3 and CSS Overflow 4 yet (saved copies only).
    "CSS: Unrecognized at-rule “@container”",
    "CSS: “container”: Property “container” doesn't exist.",
    "CSS: “container-type”: Property “container-type” doesn't exist.",
    "CSS: “line-clamp”: Property “line-clamp” doesn't exist.",
    # Nor does it read what stands behind them, nor a sum of lengths that are custom properties.
    "CSS: “container”: Parse Error.",
    "CSS: “min-block-size”: The types are incompatible.",
}

# What must be there for search engines to use it (their documentation of articles and paths).
EXPECTED = {
    "home": {"WebSite"},
    "section": {"BreadcrumbList", "CollectionPage"},
    "section, second page": {"BreadcrumbList", "CollectionPage"},
    "article": {"BreadcrumbList", "NewsArticle"},
    "article in English": {"BreadcrumbList", "NewsArticle"},
    "article in the old order": {"BreadcrumbList", "NewsArticle"},
    "article with tables": {"BreadcrumbList", "NewsArticle"},
    "notice": {"BreadcrumbList", "NewsArticle"},
    # On paper there is no way back, so no path is shown.
    "print": {"NewsArticle"},
    "static page": {"BreadcrumbList", "WebPage"},
    "static page without picture": {"BreadcrumbList", "WebPage"},
    "home in English": {"WebSite"},
    "tag": {"BreadcrumbList", "CollectionPage"},
    "topic": {"BreadcrumbList", "CollectionPage"},
    "author": {"BreadcrumbList", "CollectionPage"},
    "archive": {"BreadcrumbList", "CollectionPage"},
    "archive of a year": {"BreadcrumbList", "CollectionPage"},
    "archive of a month": {"BreadcrumbList", "CollectionPage"},
    "archive of a day": {"BreadcrumbList", "CollectionPage"},
    "search": {"SearchResultsPage"},
    "search with results": {"SearchResultsPage"},
    "search without results": {"SearchResultsPage"},
    "gallery": {"BreadcrumbList", "CollectionPage"},
    "album": {"BreadcrumbList", "ImageGallery"},
    "films": {"BreadcrumbList", "CollectionPage"},
    "film": {"BreadcrumbList", "VideoObject"},
    "site map": {"BreadcrumbList", "WebPage"},
    "accessibility statement": {"BreadcrumbList", "WebPage"},
    "saved articles": {"BreadcrumbList", "WebPage"},
}
# These describe nothing: what is not there, and the handbook of the API for programmers.
UNDESCRIBED = (*FAILURES, "API")
# Every page says these of itself, once, for programs that share it and for catalogues.
OPEN_GRAPH = ("title", "description", "type", "url", "site_name", "locale")
DUBLIN_CORE = ("title", "publisher", "description", "identifier", "language", "creator")


def fetch(url: str) -> str:
    """The body of an answer, whatever its status."""
    try:
        with urlopen(url) as answer:  # noqa: S310 - the address of our own server
            return str(answer.read().decode())
    except HTTPError as failure:
        with failure:
            return failure.read().decode()


def documents(html: str) -> list[dict[str, Any]]:
    """The JSON-LD documents of a page."""
    scripts = LexborHTMLParser(html).css('script[type="application/ld+json"]')
    return [json.loads(script.text()) for script in scripts]


def things(value: object) -> Iterator[dict[str, Any]]:
    """Every object in a JSON-LD document, the document itself first."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from things(item)


def foreign_words(document: dict[str, Any]) -> list[str]:
    """Types and properties that schema.org does not have, or not together."""
    found = []
    for thing in things(document):
        name = thing.get("@type")
        known = VOCABULARY["types"].get(name)
        if known is None:
            found.append(f"type {name!r}")
            continue
        words = set(thing) - {"@context", "@type", "@id"}
        found += [f"{name}.{word}" for word in sorted(words - set(known))]
    return found


def test_every_page_is_valid_html(portal: LivePortal, tmp_path: Path) -> None:
    java = shutil.which("java")
    assert java, "the HTML checker needs Java: apt-get install default-jre-headless"
    assert CHECKER.exists(), f"{CHECKER} is not there: run .ci/install-node"
    for kind in (*PAGE_KINDS, "saved HTML"):
        file = tmp_path / f"{kind.replace(' ', '-')}.html"
        file.write_text(fetch(portal.url(kind)), encoding="utf-8")
    shutil.copy(REPOSITORY / "templates" / "errors" / "unavailable.html", tmp_path)

    files = sorted(map(str, tmp_path.glob("*.html")))
    done = subprocess.run(
        [java, "-Xss1m", "-jar", str(CHECKER), "--format", "json", "--exit-zero-always", *files],
        capture_output=True,
        text=True,
        check=True,
    )

    messages = json.loads(done.stderr)["messages"]
    wrong = [
        f"{Path(item['url']).name}:{item.get('lastLine')}: {item['message']}"
        f" in {item.get('extract', '')!r}"
        for item in messages
        if item["message"] not in INTENDED
    ]
    assert len(files) == len(PAGE_KINDS) + 2
    assert wrong == []


@pytest.mark.parametrize("kind", EXPECTED)
def test_structured_data_speaks_schema_org(kind: str, portal: LivePortal) -> None:
    found = documents(fetch(portal.url(kind)))

    assert {document["@type"] for document in found} == EXPECTED[kind]
    assert {document["@context"] for document in found} == {VOCABULARY["context"]}
    assert [word for document in found for word in foreign_words(document)] == []


def test_every_kind_of_page_is_expected_to_have_structured_data_or_none() -> None:
    assert sorted({*PAGE_KINDS} - {*EXPECTED}) == sorted(UNDESCRIBED)


@pytest.mark.parametrize("kind", UNDESCRIBED)
def test_page_that_describes_nothing_has_no_structured_data(kind: str, portal: LivePortal) -> None:
    html = fetch(portal.url(kind))

    assert documents(html) == []
    assert not LexborHTMLParser(html).css('meta[property^="og:"]')


def test_structured_data_of_the_print_page_names_the_address_of_the_article(
    portal: LivePortal,
) -> None:
    (article,) = documents(fetch(portal.url("print")))

    assert article["url"].endswith(portal.path("article"))


def test_structured_data_of_an_article_tells_what_the_page_tells(portal: LivePortal) -> None:
    html = fetch(portal.url("article"))
    page = LexborHTMLParser(html)
    article = next(item for item in documents(html) if item["@type"] == "NewsArticle")
    path = next(item for item in documents(html) if item["@type"] == "BreadcrumbList")
    headline = page.css_first("h1")
    canonical = page.css_first('link[rel="canonical"]')

    assert headline is not None
    assert canonical is not None
    assert article["headline"] == headline.text(strip=True)
    assert article["url"] == canonical.attributes["href"]
    assert [item["position"] for item in path["itemListElement"]] == [1, 2, 3, 4]
    assert path["itemListElement"][-1]["item"] == article["url"]


@pytest.mark.parametrize(
    ("document", "found"),
    [
        pytest.param({"@type": "Newsarticle"}, ["type 'Newsarticle'"], id="type"),
        pytest.param(
            {"@type": "Person", "headline": "x"}, ["Person.headline"], id="property-of-another"
        ),
        pytest.param(
            {"@type": "NewsArticle", "author": [{"@type": "Person", "nam": "x"}]},
            ["Person.nam"],
            id="nested",
        ),
        pytest.param({"@type": "ImageObject", "url": "x", "width": 3}, [], id="sound"),
    ],
)
def test_foreign_words_are_found(document: dict[str, Any], found: list[str]) -> None:
    assert foreign_words(document) == found


@pytest.mark.parametrize("kind", EXPECTED)
def test_every_page_describes_itself_in_open_graph_and_dublin_core(
    kind: str, portal: LivePortal
) -> None:
    head = LexborHTMLParser(fetch(portal.url(kind)))
    for attribute, prefix, names in (
        ("property", "og:", OPEN_GRAPH),
        ("name", "DC.", DUBLIN_CORE),
    ):
        for name in names:
            found = head.css(f'meta[{attribute}="{prefix}{name}"]')
            assert [bool(one.attributes["content"]) for one in found] == [True], (prefix, name)
    assert len(head.css('meta[property="og:image"]')) == 1
    assert len(head.css('link[rel="canonical"]')) == 1
