"""Site maps (sitemaps.org 0.9) with language alternates, and the news map of the last two days.

Part 1 holds the home pages, the sections and the pages that the system makes, every further part a
run of articles by id. A part stays below the protocol's 50,000 addresses and 50 MB.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from datetime import timedelta
from xml.etree import ElementTree

from portal.content import queries
from portal.content.queries.inventory import PublicAddress
from portal.content.reader import Reader
from portal.errors import NoSuchPage
from portal.feeds.wording import document
from portal.feeds.wording import element
from portal.feeds.wording import rfc_3339
from portal.feeds.wording import w3c_moment
from portal.site import Site

MEDIA_TYPE = "application/xml; charset=utf-8"
# What a news map may hold: articles of two days, a thousand of them.
NEWS_AGE = timedelta(hours=48)
MOST_NEWS = 1000
# The number of the first part that holds articles.
_FIRST_PART = 2

_MAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"


def write_map_index(reader: Reader, site: Site) -> bytes:
    """The list of all parts, each with the time of its last change."""
    root = ElementTree.Element("sitemapindex", {"xmlns": _MAP})
    parts = queries.address_parts(reader)
    newest = max((part.changed for part in parts), default=None)
    entries = [("/sitemap-1.xml", newest), ("/sitemap-news.xml", newest)]
    entries += [(f"/sitemap-{part.number + _FIRST_PART}.xml", part.changed) for part in parts]
    for path, changed in entries:
        entry = element(root, "sitemap")
        element(entry, "loc", site.base_url + path)
        if changed is not None:
            element(entry, "lastmod", rfc_3339(changed, site.time_zone))
    return document(root)


def write_map(reader: Reader, site: Site, number: int, page_types: Collection[str] = ()) -> bytes:
    """Part `number` of the site map; raises `NoSuchPage` for one without any address.

    `page_types` are those the site has layouts for.
    """
    if number < _FIRST_PART:
        addresses = [
            *_homes(reader, site),
            *queries.section_addresses(reader, site.locales),
            *queries.system_addresses(reader, site.locales, page_types),
            *_programs(reader, site),
        ]
    else:
        addresses = list(queries.addresses_of_part(reader, number - _FIRST_PART))
    if not addresses:
        raise NoSuchPage(f"the site map has no part {number}")
    root = ElementTree.Element("urlset", {"xmlns": _MAP, "xmlns:xhtml": _XHTML})
    for address in addresses:
        entry = element(root, "url")
        element(entry, "loc", site.base_url + address.path)
        if address.changed is not None:
            element(entry, "lastmod", w3c_moment(address.changed))
        _add_translations(entry, site, address)
    return document(root)


def write_news_map(reader: Reader, site: Site) -> bytes:
    """The articles of the last two days, as news search engines want them."""
    root = ElementTree.Element("urlset", {"xmlns": _MAP, "xmlns:news": _NEWS})
    for address in queries.latest_addresses(reader, NEWS_AGE, MOST_NEWS):
        entry = element(root, "url")
        element(entry, "loc", site.base_url + address.path)
        news = element(entry, "news:news")
        publication = element(news, "news:publication")
        element(publication, "news:name", site.text(site.name, address.locale))
        element(publication, "news:language", address.locale)
        if address.published is not None:
            element(news, "news:publication_date", w3c_moment(address.published))
        element(news, "news:title", address.title)
    return document(root)


def _homes(reader: Reader, site: Site) -> Iterable[PublicAddress]:
    paths: dict[str, str] = {
        locale: queries.localise(reader, "/", locale) for locale in site.locales
    }
    return [PublicAddress(path, locale, None, paths) for locale, path in paths.items()]


def _programs(reader: Reader, site: Site) -> Iterable[PublicAddress]:
    """The explanation of the API, which is no page of a layout."""
    paths: dict[str, str] = {
        locale: queries.localise(reader, "/api/", locale) for locale in site.locales
    }
    return [PublicAddress(path, locale, None, paths) for locale, path in paths.items()]


def _add_translations(entry: ElementTree.Element, site: Site, address: PublicAddress) -> None:
    if len(address.translations) < 2:
        return
    targets = sorted(address.translations.items())
    default = address.translations.get(site.default_locale)
    if default is not None:
        targets.append(("x-default", default))
    for locale, path in targets:
        element(entry, "xhtml:link", rel="alternate", hreflang=locale, href=site.base_url + path)
