"""`/api/v1/`: what the portal publishes, for programs; and `/api/`, the same explained to people.

Read in the order of the data: `paths` (what addresses there are), `serving` (what is done for
each), `parameters` (what is asked), `registry` (which route answers), `answers` (from the content
to `models`), `problems` (why there is no answer), `openapi` (the description of all of it).

A process has only `paths` and `problems` in its memory until it is asked for the first time.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint
from flask import Response
from flask import request

from portal.web.api.paths import PATHS
from portal.web.api.paths import PREFIX
from portal.web.api.problems import CORS_HEADERS
from portal.web.api.problems import ApiProblem
from portal.web.api.problems import answer_problem
from portal.web.pages import answer_failure

if TYPE_CHECKING:
    from portal.web.services import Services

__all__ = ["PREFIX", "ApiProblem", "answer_problem", "make_api"]


def make_api(services: Services) -> Blueprint:
    """The blueprint of the API and of its explanation."""
    api = Blueprint("portal-api", __name__)
    for name, path in PATHS.items():
        rule = PREFIX + path.replace("{", "<").replace("}", ">")
        api.add_url_rule(rule, name, partial(_view, services, name))

    @api.get(f"{PREFIX}/openapi.json")
    def description() -> Response:
        from portal.web.api.serving import describe  # noqa: PLC0415 - as the module says

        return describe(services)

    @api.get(f"{PREFIX}/", defaults={"rest": ""})
    @api.get(f"{PREFIX}/<path:rest>")
    def nothing(rest: str) -> Response:
        known = ", ".join(PREFIX + path for path in PATHS.values())
        raise ApiProblem(404, "Not found", f"{request.path} is no address of the API ({known})")

    @api.get("/api/")
    @api.get("/<any(vi, en):prefix>/api/")
    def explanation(prefix: str = "") -> Response:
        locale = prefix or services.site.default_locale
        if locale not in services.site.locales or prefix == services.site.default_locale:
            return answer_failure(services, 404)
        from portal.web.api.serving import explain  # noqa: PLC0415 - as the module says

        return explain(services, locale)

    @api.errorhandler(ApiProblem)
    def refuse(problem: ApiProblem) -> Response:
        return answer_problem(problem)

    @api.after_request
    def open_to_others(response: Response) -> Response:
        if request.path.startswith(PREFIX):
            for name, value in CORS_HEADERS:
                response.headers[name] = value
        return response

    return api


def _view(services: Services, name: str, **values: str) -> Response:
    from portal.web.api.serving import answer  # noqa: PLC0415 - as the module says

    return answer(services, name, values)
