"""What operators ask a running process: why a page is as it is, what it holds.

Only for those who know the portal's secret: the command line signs each question with it, and a
signature is good for a minute. Nothing here changes anything.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import unquote

from flask import Blueprint
from flask import Response
from flask import jsonify
from flask import request
from itsdangerous import BadData
from itsdangerous import URLSafeTimedSerializer

from portal.compose import PageRequest
from portal.errors import ContentUnavailable
from portal.site import Site
from portal.text import is_storable
from portal.web.addresses import parse_address
from portal.web.headers import ERROR_CACHE_CONTROL

if TYPE_CHECKING:
    from portal.web.services import Services

SECONDS = 60
HEADER = "X-Portal-Operator"
ROOT = "/-/operators"


def sign(secret: str, address: str) -> str:
    """The signature for a question at this address (path and query)."""
    return _serializer(secret).dumps(address)


def _serializer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="portal operators")


def _is_signed(secret: str) -> bool:
    try:
        signed = _serializer(secret).loads(request.headers.get(HEADER, ""), max_age=SECONDS)
    except BadData:
        return False
    return bool(signed == request.full_path.rstrip("?"))


def make_operators(services: Services) -> Blueprint:
    """The blueprint of these questions; without a signature it is as if it were not there."""
    operators = Blueprint("portal-operators", __name__, url_prefix=ROOT)

    @operators.before_request
    def refuse() -> Response | None:
        if _is_signed(services.secret):
            return None
        return Response("404 Not Found\n", 404, content_type="text/plain; charset=utf-8")

    @operators.get("/explain")
    def explain() -> Response:
        asked = page_at(request.args.get("path", "/"), services.site)
        if asked is None:
            return _answer({"problem": "this address can lead nowhere"}, 400)
        try:
            return _answer(asdict(services.composer.explain(asked)))
        except ContentUnavailable as problem:
            return _answer({"problem": str(problem)}, 503)

    @operators.get("/statistics")
    def statistics() -> Response:
        return _answer(dict(services.composer.statistics()))

    return operators


def page_at(address: str, site: Site) -> PageRequest | None:
    """The page that a path with its query leads to, written percent-encoded or in letters."""
    if not is_storable(address):
        return None
    path, _, query = address.partition("?")
    number = next((value[5:] for value in query.split("&") if value.startswith("page=")), None)
    found = parse_address(unquote(path), number, site, query.encode())
    # A point is in addresses of documents, which are no pages: feeds, site maps.
    if found is None or "." in found.request.path.rpartition("/")[2]:
        return None
    return found.request


def _answer(values: dict[str, object], status: int = 200) -> Response:
    response = jsonify(values)
    response.status_code = status
    response.headers["Cache-Control"] = ERROR_CACHE_CONTROL
    return response
