"""Follows each request around Flask and around what answers before it: id, log line, metrics."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from typing import Any

from flask import Flask
from flask import Response
from flask import request

from portal.sight import Metrics
from portal.sight import Trace
from portal.sight import begin_trace
from portal.sight import end_trace
from portal.web.hosts import WATCHED

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication
    from _typeshed.wsgi import WSGIEnvironment

log = logging.getLogger("portal.requests")

REMEMBERED = "(remembered)"
"""The route of a page that was answered before Flask looked at its address."""
NO_ROUTE = "(none)"

_ROUTE = "portal.route"
_LONGEST_PATH = 200


def watch_requests(app: Flask, metrics: Metrics | None, *, timing: bool) -> WSGIApplication:
    """The application, giving every request an id that its log lines carry and its answer repeats.

    What is told is the template of the address and the path of public pages; never the query, the
    sender's address or program.
    """

    @app.after_request
    def note_route(response: Response) -> Response:
        request.environ[_ROUTE] = str(request.url_rule or NO_ROUTE)
        return response

    return Watcher(app.wsgi_app, metrics, timing)


class Watcher:
    """A WSGI application around another one."""

    def __init__(self, application: WSGIApplication, metrics: Metrics | None, timing: bool) -> None:
        self._application = application
        self._metrics = metrics
        self._timing = timing

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Have it answered, and tell how that went."""
        trace, token = begin_trace(environ.get("HTTP_X_REQUEST_ID"))

        def start_watched(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            self._tell(environ, trace, int(status[:3]))
            added = [("X-Request-ID", trace.id)]
            if self._timing:
                added.append(("Server-Timing", trace.server_timing()))
            begin: Callable[..., Any] = start
            return begin(status, [*headers, *added], *more)

        try:
            return self._application(environ, start_watched)
        finally:
            end_trace(token)

    def _tell(self, environ: WSGIEnvironment, trace: Trace, status: int) -> None:
        route = environ.get(_ROUTE, REMEMBERED)
        method, seconds = environ["REQUEST_METHOD"], trace.seconds
        if self._metrics is not None:
            self._metrics.answered(method, route, status, seconds)
        if route not in WATCHED and log.isEnabledFor(logging.INFO):
            # WSGI hands paths over as Latin-1; readers' ones are UTF-8.
            path = (
                environ.get("PATH_INFO", "").encode("latin-1", "replace").decode(errors="replace")
            )
            told = {
                "method": method,
                "route": route,
                "path": path[:_LONGEST_PATH],
                "status": status,
                "milliseconds": round(seconds * 1000, 1),
            }
            log.info("answered", extra={"told": told})
