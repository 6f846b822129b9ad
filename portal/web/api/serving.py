"""What routes of the API do: from arguments to an answer, and the API explained to people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Response
from flask import request
from werkzeug.datastructures import MultiDict

from portal.content import queries
from portal.content.reader import Reader
from portal.field_help import read_help
from portal.i18n import Catalog
from portal.web.api.openapi import describe_api
from portal.web.api.parameters import read_arguments
from portal.web.api.paths import PREFIX
from portal.web.api.problems import ApiProblem
from portal.web.api.registry import ROUTES
from portal.web.api.registry import Route
from portal.web.documents import answer_document

if TYPE_CHECKING:
    from portal.web.services import Services

JSON = "application/json"
HTML = "text/html; charset=utf-8"

_BY_NAME = {route.name: route for route in ROUTES}


def answer(services: Services, name: str, values: Mapping[str, str]) -> Response:
    """What the route `name` gives for the values in the address and the arguments asked with."""
    route = _BY_NAME[name]
    try:
        place = read_arguments(route.place, MultiDict(values))
    except ApiProblem as problem:
        raise ApiProblem(404, "Not found", problem.detail, problem.errors) from problem
    arguments = read_arguments(route.arguments, request.args)
    locale = getattr(arguments, "locale", None) or services.site.default_locale
    if locale not in services.site.locales:
        raise ApiProblem(404, "Not found", f"this site has no language {locale!r}")

    def build(reader: Reader) -> bytes:
        return route.build(reader, services.site, place, arguments).model_dump_json().encode()

    key = f"api {route.name} {place.model_dump_json()} {arguments.model_dump_json()}"
    return answer_document(services.documents.document(key, locale, build), JSON)


def describe(services: Services) -> Response:
    """The OpenAPI description."""

    def build(_: Reader) -> bytes:
        return json.dumps(describe_api(services.site), ensure_ascii=False).encode()

    document = services.documents.document("openapi", services.site.default_locale, build)
    return answer_document(document, JSON)


def explain(services: Services, locale: str) -> Response:
    """The page that explains the API to people."""

    def build(reader: Reader) -> bytes:
        locales = services.site.locales
        catalog = Catalog.load("api", Path(__file__).with_name("catalog.yaml"))
        html = services.render(
            "programs/api.html",
            catalog,
            locale,
            home=queries.home_path(reader),
            routes=[(route, _parameters_of(route)) for route in ROUTES],
            prefix=PREFIX,
            translations={item: queries.localise(reader, "/api/", item) for item in locales},
        )
        return html.encode()

    return answer_document(services.documents.document("api docs", locale, build), HTML)


def _parameters_of(route: Route) -> list[tuple[str, str]]:
    return [*read_help(route.place).items(), *read_help(route.arguments).items()]
