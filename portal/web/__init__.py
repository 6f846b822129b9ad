"""The web room: HTTP in, page requests inward, finished pages out."""

from __future__ import annotations

import logging

from flask import Flask
from flask import Request
from flask import Response
from flask.sessions import SessionInterface
from flask.sessions import SessionMixin
from werkzeug.exceptions import HTTPException

from portal.web.files import make_files
from portal.web.headers import SECURITY_HEADERS
from portal.web.health import make_health
from portal.web.pages import answer_failure
from portal.web.pages import make_pages
from portal.web.pages import unavailable
from portal.web.services import Services

__all__ = ["NoSessions", "Services", "register_web"]

log = logging.getLogger(__name__)


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
    app.register_blueprint(make_files(services))
    app.register_blueprint(make_pages(services))

    @app.errorhandler(HTTPException)
    def refuse(problem: HTTPException) -> Response:
        status = problem.code or 500
        if status == 404:
            return answer_failure(services, 404)
        response = Response(
            f"{status} {problem.name}\n", status, content_type="text/plain; charset=utf-8"
        )
        for name, value in problem.get_headers():
            if name.lower() == "allow":
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def fail(problem: Exception) -> Response:
        log.error("a request failed", exc_info=problem)
        return unavailable(services)

    @app.after_request
    def secure(response: Response) -> Response:
        if "Content-Security-Policy" not in response.headers:
            response.headers.extend(SECURITY_HEADERS)
        return response
