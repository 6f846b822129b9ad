"""`/api/v1/`: what the portal publishes, for programs; and `/api/`, the same explained to people.

Read in the order of the data: `parameters` (what is asked), `registry` (which route answers),
`answers` (from the content to `models`), `problems` (why there is no answer), `openapi` (the
description of all of it).
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint
from flask import Response
from flask import request
from werkzeug.datastructures import MultiDict

from portal.content import queries
from portal.content.reader import Reader
from portal.i18n import Catalog
from portal.web.api.openapi import describe_api
from portal.web.api.parameters import read_arguments
from portal.web.api.problems import CORS_HEADERS
from portal.web.api.problems import ApiProblem
from portal.web.api.problems import answer_problem
from portal.web.api.registry import PREFIX
from portal.web.api.registry import ROUTES
from portal.web.api.registry import Route
from portal.web.documents import answer_document
from portal.web.pages import answer_failure

if TYPE_CHECKING:
    from portal.web.services import Services

__all__ = ["PREFIX", "ApiProblem", "answer_problem", "make_api"]

JSON = "application/json"
HTML = "text/html; charset=utf-8"


def make_api(services: Services) -> Blueprint:
    """The blueprint of the API and of its explanation."""
    api = Blueprint("portal-api", __name__)
    for route in ROUTES:
        rule = PREFIX + route.path.replace("{", "<").replace("}", ">")
        api.add_url_rule(rule, route.name, partial(_view, services, route))

    @api.get(f"{PREFIX}/openapi.json")
    def description() -> Response:
        def build(_: Reader) -> bytes:
            return json.dumps(describe_api(services.site), ensure_ascii=False).encode()

        document = services.documents.document("openapi", services.site.default_locale, build)
        return answer_document(document, JSON)

    @api.get("/api/v1/", defaults={"rest": ""})
    @api.get("/api/v1/<path:rest>")
    def nothing(rest: str) -> Response:
        known = ", ".join(PREFIX + route.path for route in ROUTES)
        raise ApiProblem(404, "Not found", f"{request.path} is no address of the API ({known})")

    @api.errorhandler(ApiProblem)
    def refuse(problem: ApiProblem) -> Response:
        return answer_problem(problem)

    @api.after_request
    def open_to_others(response: Response) -> Response:
        if request.path.startswith(PREFIX):
            for name, value in CORS_HEADERS:
                response.headers[name] = value
        return response

    _add_explanation(api, services)
    return api


def _view(services: Services, route: Route, **values: str) -> Response:
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

    name = f"api {route.name} {place.model_dump_json()} {arguments.model_dump_json()}"
    return answer_document(services.documents.document(name, locale, build), JSON)


def _add_explanation(api: Blueprint, services: Services) -> None:
    catalog = Catalog.load("api", Path(__file__).with_name("catalog.yaml"))
    locales = services.site.locales

    @api.get("/api/")
    @api.get("/<any(vi, en):prefix>/api/")
    def explanation(prefix: str = "") -> Response:
        locale = prefix or services.site.default_locale
        if locale not in services.site.locales or prefix == services.site.default_locale:
            return answer_failure(services, 404)

        def build(reader: Reader) -> bytes:
            paths = {item: queries.localise(reader, "/api/", item) for item in locales}
            html = services.render(
                "programs/api.html",
                catalog,
                locale,
                home=queries.home_path(reader),
                routes=[(route, _parameters_of(route)) for route in ROUTES],
                prefix=PREFIX,
                translations=paths,
            )
            return html.encode()

        return answer_document(services.documents.document("api docs", locale, build), HTML)


def _parameters_of(route: Route) -> list[tuple[str, str]]:
    fields = {**route.place.model_fields, **route.arguments.model_fields}
    return [(name, field.description or "") for name, field in fields.items()]
