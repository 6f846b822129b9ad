"""Readers' pages: one address in, one answer out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint
from flask import Response
from flask import redirect
from flask import request as http

from portal.block import Failure
from portal.compose import WHOLE
from portal.compose import Page
from portal.compose import PageRequest
from portal.compose import PageUnavailable
from portal.content import queries
from portal.errors import ContentUnavailable
from portal.web.addresses import Address
from portal.web.addresses import parse_address
from portal.web.addresses import split_locale
from portal.web.conditions import meet_conditions
from portal.web.forms import HTML
from portal.web.forms import RETRY_AFTER_SECONDS
from portal.web.forms import cache_status
from portal.web.forms import choose_coding
from portal.web.forms import degraded_headers
from portal.web.forms import for_networks
from portal.web.forms import form_of
from portal.web.forms import make_form
from portal.web.forms import matches
from portal.web.front import ASKED
from portal.web.headers import ERROR_CACHE_CONTROL
from portal.web.headers import PAGE_CACHE_CONTROL
from portal.web.headers import tag_headers
from portal.web.saving import save_html
from portal.web.saving import save_text

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from portal.web.services import Services


def make_pages(services: Services) -> Blueprint:
    """The blueprint of all reader addresses; everything not claimed below `/-/` ends here."""
    pages = Blueprint("portal-pages", __name__)

    @pages.get("/")
    @pages.get("/<path:path>")
    def page(path: str = "") -> AnyResponse:
        address = parse_address(http.path, http.args.get("page"), services.site, http.query_string)
        if path.startswith("-/"):
            return answer_failure(services, 404)
        if address is None:
            locale, _ = split_locale(http.path, services.site)
            return _redirect_legacy(services, locale) or answer_failure(services, 404)
        saved = save_text(services, address.request) if address.form == "text" else None
        if saved is not None:
            return saved
        asked = replace(address.request, edge=_has_edge(), full=http.args.get(WHOLE) == "1")
        composed = _compose(services, asked)
        if composed is None:
            return unavailable(services)
        if address.form == "text" and _has_no_text(composed):
            return answer_failure(services, 404)
        if composed.status == 404:
            moved = _redirect_legacy(services, asked.locale) or _redirect_home(services, asked)
            return moved or answer_page(services, asked, composed)
        if composed.location is not None:
            target = _with_form(composed.location, address)
            if address.request.search is not None:
                target += queries.search_arguments(address.request.search)
            return _keep_asking(redirect(target, composed.status), composed.tags)
        if address.form == "html" and composed.status == 200:
            return save_html(services, address.request, composed)
        return answer_page(services, asked, composed)

    @pages.get("/-/fragments/<key>/")
    @pages.get("/-/fragments/<key>/<path:path>")
    def fragment(key: str, path: str = "") -> Response:
        """One block of a page alone, for edge servers and browsers that put it in."""
        address = parse_address(f"/{path}", http.args.get("page"), services.site, http.query_string)
        if address is None or address.form != "page":
            return _no_fragment(404)
        asked = replace(address.request, fragment=key)
        composed = _compose(services, asked)
        if composed is None or composed.status != 200:
            return _no_fragment(composed.status if composed is not None else 503)
        response = answer_page(services, asked, composed)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return pages


def _has_edge() -> bool:
    """Whether an edge server before us says that it puts blocks in (W3C Edge Architecture)."""
    return "ESI/1.0" in http.headers.get("Surrogate-Capability", "")


def _no_fragment(status: int) -> Response:
    response = Response("", status if status in {404, 410, 503} else 404, content_type=HTML)
    response.headers["Cache-Control"] = ERROR_CACHE_CONTROL
    return response


def answer_failure(services: Services, status: int) -> Response:
    """An error page for a request that reaches no page; in the locale its address names."""
    address = parse_address(http.path, None, services.site)
    base = address or parse_address("/", None, services.site)
    if base is None:
        return unavailable(services)
    failure = Failure(404 if status == 404 else 503)
    try:
        page = services.composer.compose_failure(base.request, failure)
        return answer_page(services, base.request, page)
    except PageUnavailable:
        return unavailable(services)


def unavailable(services: Services) -> Response:
    """The last resort: fixed bytes that need neither database nor template."""
    response = Response(services.last_resort, 503, content_type=HTML)
    response.headers["Cache-Control"] = ERROR_CACHE_CONTROL
    response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def _compose(services: Services, request: PageRequest) -> Page | None:
    try:
        return services.composer.compose(request, http.environ.get(ASKED))
    except PageUnavailable:
        return None


def answer_page(services: Services, request: PageRequest, page: Page) -> Response:
    """The response for a composed page."""
    if page.status != 200 or page.degraded or not page.etag:
        response = Response(page.body, page.status, content_type=HTML)
        response.headers.extend(degraded_headers(page))
        if services.tells_cache_status and page.degraded:
            response.headers.extend(cache_status(page, "miss", page.lifetime))
        return response
    known = services.composer.remembered(request, page)
    coding = choose_coding(http.headers.get("Accept-Encoding", ""))
    form = form_of(known, coding) if known is not None else make_form(page, "identity")
    # A remembered page has lived for a while.
    left = known.until - services.clock().timestamp() if known is not None else page.lifetime
    # The edge server that asked is the cache of a page with holes: to a network, which cannot fill
    # them, it must never seem to be the page itself.
    more = [] if page.edge else for_networks(left, services.cdn_seconds)
    if services.tells_cache_status:
        how = "hit" if known is not None and known.page is page else "miss"
        more += cache_status(page, how, left)
    asked = http.headers.get("If-None-Match")
    if asked is not None and matches(asked, form):
        return Response(status=304, headers=[*form.validators, *more])
    response = Response(form.body, headers=[*form.headers, *more])
    return meet_conditions(response) if "Range" in http.headers else response


def _has_no_text(page: Page) -> bool:
    """Whether an address without a text of its own leads to no article's either."""
    return page.status == 200 or (page.location or "").partition("?")[0].endswith("/")


def _with_form(location: str, address: Address) -> str:
    """Where a page stands in the form that was asked for; a list has none but its own."""
    path, mark, number = location.partition("?")
    if path.endswith("/"):
        return location
    suffix = {"page": "", "print": "/in", "html": "/luu.html", "text": "/luu.txt"}[address.form]
    return path + suffix + mark + number


def _redirect_legacy(services: Services, locale: str) -> AnyResponse | None:
    """Where an address of the old system moved to, if the redirect table knows it.

    Such an address need not be one that a page of ours could have.
    """
    try:
        with services.read(locale) as reader:
            found = queries.find_redirect(
                reader, http.host.partition(":")[0], http.path, dict(http.args.items())
            )
    except ContentUnavailable:
        return answer_failure(services, 503)
    if found is None:
        return None
    if found.code == 410:
        gone = PageRequest("/", locale)
        page = services.composer.compose_failure(gone, Failure(410))
        return answer_page(services, gone, page)
    response = Response(status=found.code)
    response.headers["Location"] = found.target
    return _keep_asking(response, frozenset())


def _redirect_home(services: Services, asked: PageRequest) -> AnyResponse | None:
    """The front page of a language whose address lacks its slash, as sections have it."""
    site = services.site
    named = asked.path[1:] in site.locales[1:] and asked.locale == site.default_locale
    if not named or asked.page_number != 1:
        return None
    return _keep_asking(redirect(f"{asked.path}/", 301), frozenset())


def _keep_asking(response: AnyResponse, tags: frozenset[str]) -> AnyResponse:
    """A redirect that nobody follows unasked: what moved may move back (RFC 9111 §4.2.2)."""
    response.headers["Cache-Control"] = PAGE_CACHE_CONTROL
    response.headers.extend(tag_headers(tags) if tags else ())
    return response
