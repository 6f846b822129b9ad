"""The web room: HTTP in, page requests inward, finished pages out."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from flask import Flask
from flask import Request
from flask import Response
from flask import request
from flask.sessions import SessionInterface
from flask.sessions import SessionMixin
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal.web.api import PREFIX
from portal.web.api import ApiProblem
from portal.web.api import answer_problem
from portal.web.api import make_api
from portal.web.documents import make_documents
from portal.web.files import make_files
from portal.web.front import Front
from portal.web.guard import Guard
from portal.web.headers import SECURITY_HEADERS
from portal.web.health import Watch
from portal.web.health import make_health
from portal.web.hosts import HostedRequest
from portal.web.operators import make_operators
from portal.web.pages import answer_failure
from portal.web.pages import make_pages
from portal.web.pages import unavailable
from portal.web.plain import RenderPlain
from portal.web.plain import plain_renderer
from portal.web.plain import too_long_page
from portal.web.presence import Presence
from portal.web.services import Services
from portal.web.visits import VisitCounter
from portal.web.visits import make_visits
from portal.web.watching import watch_requests

__all__ = [
    "Guard",
    "HostedRequest",
    "NoSessions",
    "Presence",
    "RenderPlain",
    "Services",
    "VisitCounter",
    "Watch",
    "plain_renderer",
    "register_web",
    "too_long_page",
    "watch_requests",
]

log = logging.getLogger(__name__)

# Which methods there are (RFC 9110 §15.5.6), and how long the whole is (§15.5.17).
_TOLD_OF_PROBLEMS = frozenset({"allow", "content-range"})


class NoSessions(SessionInterface):
    """Readers have no session: no cookie is read or set, and writing to one raises."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin:
        """An empty session that refuses to be changed."""
        return self.make_null_session(app)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """There is never anything to save."""


def register_web(app: Flask, services: Services) -> None:
    """Give `app` its routes, error pages and headers."""
    app.register_blueprint(make_health(services))
    app.register_blueprint(make_operators(services))
    if services.has_operators:
        # Most portals have none, and their processes need not carry these pages along.
        from portal.web.operating import add_operating  # noqa: PLC0415 - as said above

        add_operating(app, services)
    app.register_blueprint(make_files(services))
    app.register_blueprint(make_documents(services))
    app.register_blueprint(make_api(services))
    app.register_blueprint(make_visits(services))
    app.register_blueprint(make_pages(services))

    @app.errorhandler(HTTPException)
    def refuse(problem: HTTPException) -> Response:
        status = problem.code or 500
        if status == 404:
            return answer_failure(services, 404)
        if request.path.startswith(PREFIX):
            response = answer_problem(ApiProblem(status, problem.name, problem.description or ""))
        else:
            response = Response(
                f"{status} {problem.name}\n", status, content_type="text/plain; charset=utf-8"
            )
        for name, value in problem.get_headers():
            if name.lower() in _TOLD_OF_PROBLEMS:
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def fail(problem: Exception) -> Response:
        log.error("a request failed", exc_info=problem)
        if request.path.startswith(PREFIX):
            detail = "the answer cannot be made at the moment; ask again in a while"
            return answer_problem(ApiProblem(503, "Service unavailable", detail))
        return unavailable(services)

    app.after_request(_stay_here)
    # Flask's own place for a WSGI layer around it.
    app.wsgi_app = Front(app.wsgi_app, services)  # type: ignore[method-assign]

    @app.after_request
    def secure(response: Response) -> Response:
        for name, value in SECURITY_HEADERS:
            # A view that needs another policy has said so already.
            response.headers.setdefault(name, value)
        return response


def _stay_here(response: Response) -> Response:
    """Lead whoever forgot a slash to the path alone."""
    moved = request.routing_exception
    if isinstance(moved, RequestRedirect):
        # Flask names the host of the request, which anybody may make up.
        target = urlsplit(moved.new_url)
        path = "/" + target.path.lstrip("/")
        response.headers["Location"] = f"{path}?{target.query}" if target.query else path
        response.set_data("")
    return response
