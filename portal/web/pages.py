"""Readers' pages: one address in, one answer out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint
from flask import Response
from flask import redirect
from flask import request

from portal.block import Failure
from portal.compose import Page
from portal.compose import PageUnavailable
from portal.content import queries
from portal.web.addresses import Address
from portal.web.addresses import parse_address
from portal.web.headers import ERROR_CACHE_CONTROL
from portal.web.headers import PAGE_CACHE_CONTROL
from portal.web.headers import surrogate_keys
from portal.web.saving import save_html
from portal.web.saving import save_text

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from portal.web.services import Services

RETRY_AFTER_SECONDS = "30"
HTML = "text/html; charset=utf-8"


def make_pages(services: Services) -> Blueprint:
    """The blueprint of all reader addresses; everything not claimed below `/-/` ends here."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    @pages.get("/<path:path>")
    def page(path: str = "") -> AnyResponse:
        address = parse_address(request.path, request.args.get("page"), services.site)
        if address is None or path.startswith("-/"):
            return answer_failure(services, 404)
        if address.form == "text":
            return save_text(services, address.request)
        composed = _compose(services, address)
        if composed is None:
            return unavailable(services)
        if composed.status == 404:
            return _redirect_legacy(services, address) or _answer(composed)
        if composed.location is not None:
            return redirect(_with_form(composed.location, address), composed.status)
        if address.form == "html" and composed.status == 200:
            return save_html(services, address.request, composed)
        return _answer(composed)

    return pages


def answer_failure(services: Services, status: int) -> Response:
    """An error page for a request that reaches no page; in the locale its address names."""
    address = parse_address(request.path, None, services.site)
    base = address or parse_address("/", None, services.site)
    if base is None:
        return unavailable(services)
    failure = Failure(404 if status == 404 else 503)
    try:
        return _answer(services.composer.compose_failure(base.request, failure))
    except PageUnavailable:
        return unavailable(services)


def unavailable(services: Services) -> Response:
    """The last resort: fixed bytes that need neither database nor template."""
    response = Response(services.last_resort, 503, content_type=HTML)
    response.headers["Cache-Control"] = ERROR_CACHE_CONTROL
    response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def _compose(services: Services, address: Address) -> Page | None:
    try:
        return services.composer.compose(address.request)
    except PageUnavailable:
        return None


def _answer(page: Page) -> Response:
    if page.status != 200:
        response = Response(page.body, page.status, content_type=HTML)
        response.headers["Cache-Control"] = ERROR_CACHE_CONTROL
        response.headers["Content-Language"] = page.locale
        if page.status == 503:
            response.headers["Retry-After"] = RETRY_AFTER_SECONDS
        return response
    etag = f'"{page.etag}"'
    headers = [
        ("ETag", etag),
        ("Cache-Control", PAGE_CACHE_CONTROL),
        ("Content-Language", page.locale),
        ("Surrogate-Key", surrogate_keys(page.tags)),
    ]
    if etag in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers=headers)
    return Response(page.body, headers=headers, content_type=HTML)


def _with_form(location: str, address: Address) -> str:
    suffix = {"page": "", "print": "/in", "html": "/luu.html", "text": "/luu.txt"}[address.form]
    return location + suffix


def _redirect_legacy(services: Services, address: Address) -> Response | None:
    """Where an address of the old system moved to, if the redirect table knows it."""
    with services.read(address.request.locale) as reader:
        found = queries.find_redirect(
            reader, request.host.partition(":")[0], request.path, dict(request.args.items())
        )
    if found is None:
        return None
    if found.code == 410:
        gone = replace(address.request, failure=None)
        return _answer(services.composer.compose_failure(gone, Failure(410)))
    response = Response(status=found.code)
    response.headers["Location"] = found.target
    return response
