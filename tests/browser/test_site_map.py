"""The map of the site against the site: a robot that follows every link finds the same pages."""

from __future__ import annotations

from collections import deque
from urllib.error import HTTPError
from urllib.parse import urljoin
from urllib.parse import urlsplit
from urllib.request import urlopen
from xml.etree import ElementTree

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.browser.live_portal import LivePortal

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def fetch(url: str) -> tuple[int, str, str, bytes]:
    """Status, the address after redirects, media type and body."""
    try:
        with urlopen(url) as answer:  # noqa: S310 - the address of our own server
            return answer.status, answer.url, answer.headers.get_content_type(), answer.read()
    except HTTPError as failure:
        with failure:
            return failure.status, url, failure.headers.get_content_type(), failure.read()


def mapped(portal: LivePortal) -> set[str]:
    """The paths that the parts of the map name."""
    index = ElementTree.fromstring(fetch(f"{portal.origin}/sitemap.xml")[3])
    parts = [str(item.text) for item in index.iter(f"{MAP}loc")]
    paths = set()
    for part in parts:
        body = fetch(portal.origin + urlsplit(part).path)[3]
        paths |= {
            urlsplit(str(item.text)).path for item in ElementTree.fromstring(body).iter(f"{MAP}loc")
        }
    return paths


def is_for_search_engines(page: LexborHTMLParser) -> bool:
    """Whether the page does not ask to be left out."""
    robots = page.css_first('meta[name="robots"]')
    return robots is None or "noindex" not in (robots.attributes["content"] or "")


@pytest.fixture(scope="module")
def crawl(portal: LivePortal) -> tuple[set[str], dict[str, int]]:
    """Pages for search engines by following links, and every link that did not answer 200."""
    queue, seen = deque(["/", "/en/", "/api/"]), {"/", "/en/", "/api/"}
    pages: set[str] = set()
    broken: dict[str, int] = {}
    while queue:
        path = queue.popleft()
        status, url, media_type, body = fetch(portal.origin + path)
        if status != 200:
            broken[path] = status
        if status != 200 or media_type != "text/html":
            continue
        page = LexborHTMLParser(body.decode())
        if is_for_search_engines(page):
            pages.add(urlsplit(url).path)
        for link in page.css("a[href], link[rel=alternate][href]"):
            target = urlsplit(urljoin(url, link.attributes["href"] or ""))
            known = f"{target.scheme}://{target.netloc}" == portal.origin
            if known and not target.query and target.path not in seen and "/-/" not in target.path:
                seen.add(target.path)
                queue.append(target.path)
    return pages, broken


def test_every_link_of_the_site_leads_somewhere(crawl: tuple[set[str], dict[str, int]]) -> None:
    assert crawl[1] == {}


def test_the_map_names_every_page_that_links_lead_to(
    portal: LivePortal, crawl: tuple[set[str], dict[str, int]]
) -> None:
    # A day of the archive holds nothing that its month does not.
    days = {path for path in crawl[0] if is_day(path)}
    searches = {"/tim-kiem", "/en/search"}
    assert crawl[0] - days - searches - mapped(portal) == set()


def test_every_page_of_the_map_is_there_and_means_itself(portal: LivePortal) -> None:
    for path in mapped(portal):
        status, url, _, body = fetch(portal.origin + path)
        page = LexborHTMLParser(body.decode())
        canonical = page.css_first('link[rel="canonical"]')
        assert (status, urlsplit(url).path) == (200, path)
        assert is_for_search_engines(page), path
        assert canonical is not None, path
        assert urlsplit(canonical.attributes["href"] or "").path == path


def is_day(path: str) -> bool:
    """Whether it is the archive of one day."""
    parts = path.strip("/").removeprefix("en/").split("/")
    return parts[0] in {"luu-tru", "archive"} and len(parts) == 4
