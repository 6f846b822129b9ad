"""Feeds, site maps and the small files at fixed addresses: what programs ask for."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint
from flask import Response
from flask import redirect
from flask import request

from portal.compose import Document
from portal.content import queries
from portal.content.reader import Reader
from portal.errors import NoSuchPage
from portal.feeds import Stream
from portal.feeds import atom
from portal.feeds import json_feed
from portal.feeds import read_stream
from portal.feeds import rss
from portal.feeds import site_documents
from portal.feeds import site_maps
from portal.feeds import write_atom
from portal.feeds import write_json_feed
from portal.feeds import write_manifest
from portal.feeds import write_map
from portal.feeds import write_map_index
from portal.feeds import write_news_map
from portal.feeds import write_open_search
from portal.feeds import write_robots
from portal.feeds import write_rss
from portal.feeds import write_security
from portal.site import Site
from portal.web.addresses import split_locale
from portal.web.headers import PAGE_CACHE_CONTROL
from portal.web.headers import tag_headers
from portal.web.pages import answer_failure

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from portal.web.services import Services

PLAIN_TEXT = "text/plain; charset=utf-8"
_MAP_NUMBER = re.compile(r"[1-9][0-9]{0,5}")

FORMATS: Mapping[str, tuple[Callable[[Stream], bytes], str]] = {
    "xml": (write_rss, rss.MEDIA_TYPE),
    "atom": (write_atom, atom.MEDIA_TYPE),
    "json": (write_json_feed, json_feed.MEDIA_TYPE),
}


def make_documents(services: Services) -> Blueprint:
    """The blueprint of everything that programs read, but the API."""
    documents = Blueprint("portal-documents", __name__)
    _add_feeds(documents, services)
    _add_maps(documents, services)
    _add_site_documents(documents, services)
    return documents


def answer_document(document: Document, media_type: str) -> Response:
    """The document, or 304 where the asker has it already; stored by caches, asked for anew."""
    surrogate_key, _ = tag_headers(document.tags)
    headers = [
        ("ETag", f'"{document.etag}"'),
        ("Cache-Control", PAGE_CACHE_CONTROL),
        surrogate_key,
    ]
    if request.if_none_match.contains_weak(document.etag):
        return Response(status=304, headers=headers)
    return Response(document.body, headers=headers, content_type=media_type)


def _add_feeds(documents: Blueprint, services: Services) -> None:
    @documents.get("/feed.<any(xml, atom, json):form>")
    @documents.get("/<path:place>/feed.<any(xml, atom, json):form>")
    def feed(form: str, place: str = "") -> Response:
        """The newest articles of the site, a section, a tag or a topic."""
        locale, rest = split_locale(f"/{place}/", services.site)
        place = rest.strip("/")
        if not place.isprintable():
            # PostgreSQL takes no NUL, not even to look for it.
            return answer_failure(services, 404)
        write, media_type = FORMATS[form]

        def build(reader: Reader) -> bytes:
            return write(read_stream(reader, services.site, place))

        return _answer(services, f"feed.{form} {place}", locale, build, media_type)


def _add_maps(documents: Blueprint, services: Services) -> None:
    site, media_type = services.site, site_maps.MEDIA_TYPE

    @documents.get("/sitemap.xml")
    def map_index() -> Response:
        build = partial(write_map_index, site=site)
        return _answer(services, "sitemap", site.default_locale, build, media_type)

    @documents.get("/sitemap-news.xml")
    def news_map() -> Response:
        build = partial(write_news_map, site=site)
        return _answer(services, "sitemap news", site.default_locale, build, media_type)

    @documents.get("/sitemap-<number>.xml")
    def one_map(number: str) -> Response:
        # Flask's own numbers have many spellings, in all scripts.
        if not _MAP_NUMBER.fullmatch(number):
            return answer_failure(services, 404)
        build = partial(write_map, site=site, number=int(number), page_types=services.page_types)
        return _answer(services, f"sitemap {number}", site.default_locale, build, media_type)


def _add_site_documents(documents: Blueprint, services: Services) -> None:
    site = services.site
    icon = services.assets.url(f"site/{site.emblem}") if site.emblem else None
    default = site.default_locale

    @documents.get("/robots.txt")
    def robots() -> Response:
        return _answer(services, "robots", default, lambda _: write_robots(site), PLAIN_TEXT)

    @documents.get("/.well-known/security.txt")
    def security() -> Response:
        content = write_security(site)
        if content is None:
            return answer_failure(services, 404)
        return _answer(services, "security", default, lambda _: content, PLAIN_TEXT)

    @documents.get("/manifest.webmanifest")
    @documents.get("/<any(vi, en):prefix>/manifest.webmanifest")
    def manifest(prefix: str = "") -> Response:
        media_type = site_documents.MANIFEST_TYPE
        return _answer_localised(services, prefix, write_manifest, icon, media_type)

    @documents.get("/opensearch.xml")
    @documents.get("/<any(vi, en):prefix>/opensearch.xml")
    def open_search(prefix: str = "") -> Response:
        media_type = site_documents.OPEN_SEARCH_TYPE
        return _answer_localised(services, prefix, write_open_search, icon, media_type)

    @documents.get("/favicon.ico")
    def favicon() -> AnyResponse:
        """Where programs look that read no page; the emblem's own address changes with it."""
        if icon is None:
            return answer_failure(services, 404)
        response = redirect(icon, 302)
        response.headers["Cache-Control"] = "public, max-age=86400"
        return response


def _answer(
    services: Services, name: str, locale: str, build: Callable[[Reader], bytes], media_type: str
) -> Response:
    try:
        document = services.documents.document(name, locale, build)
    except NoSuchPage:
        return answer_failure(services, 404)
    return answer_document(document, media_type)


def _answer_localised(
    services: Services,
    prefix: str,
    write: Callable[[Site, str, str, str | None], bytes],
    icon: str | None,
    media_type: str,
) -> Response:
    site = services.site
    locale = prefix or site.default_locale
    if locale not in site.locales or prefix == site.default_locale:
        return answer_failure(services, 404)

    def build(reader: Reader) -> bytes:
        return write(site, locale, queries.home_path(reader), icon)

    return _answer(services, write.__name__, locale, build, media_type)
