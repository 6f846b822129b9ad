"""Answers for machines that watch the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from flask import Response
from flask import jsonify

from portal.web.headers import ERROR_CACHE_CONTROL

if TYPE_CHECKING:
    from portal.web.services import Services


def make_health(services: Services) -> Blueprint:
    """Liveness (the process answers) and readiness (it can do its work)."""
    health = Blueprint("health", __name__, url_prefix="/-/health")

    @health.get("/live")
    def live() -> Response:
        return _answer({"status": "live"}, 200)

    @health.get("/ready")
    def ready() -> Response:
        problems = services.ready()
        if problems:
            return _answer({"status": "not ready", "problems": problems}, 503)
        return _answer({"status": "ready"}, 200)

    return health


def _answer(values: dict[str, object], status: int) -> Response:
    response = jsonify(values)
    response.status_code = status
    response.headers["Cache-Control"] = ERROR_CACHE_CONTROL
    return response
