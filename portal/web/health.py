"""Answers for machines that watch the portal."""

from __future__ import annotations

import hmac
import platform
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from importlib.metadata import version
from ipaddress import ip_address
from typing import TYPE_CHECKING

from flask import Blueprint
from flask import Response
from flask import jsonify
from flask import request

from portal.sight import Metrics
from portal.sight.metrics import EXPOSITION_TYPE
from portal.web.headers import ERROR_CACHE_CONTROL
from portal.web.presence import Presence
from portal.web.tokens import token_for

if TYPE_CHECKING:
    from portal.web.services import Services

DISTRIBUTION = "provincial-portal"

Check = Callable[[], str | None]
"""Looks at one thing; says in a sentence what is wrong with it, without names or addresses."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What machines may ask of this process.

    Without what `required` looks at, no page can be made: not ready. What fails of `checks` only
    makes the portal slower or poorer: ready, and degraded. `stand_in` says how readers are served
    in spite of a problem of `required`; it then counts as one of `checks`.
    """

    required: Mapping[str, Check] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    presence: Presence = field(default_factory=Presence)
    stand_in: Callable[[str], str | None] = lambda problem: None
    metrics: Metrics | None = None
    metrics_token: str | None = None
    schema: str = ""
    revision: str = ""


def make_health(services: Services) -> Blueprint:
    """Liveness (the process answers), readiness (it can do its work), version, metrics."""
    health = Blueprint("portal-health", __name__, url_prefix="/-")
    watch = services.watch

    @health.get("/health/live")
    def live() -> Response:
        return _answer({"status": "live"}, 200)

    @health.get("/health/ready")
    def ready() -> Response:
        problems = failing(watch.required)
        bridged = {name: how for name, told in problems.items() if (how := watch.stand_in(told))}
        problems = {name: told for name, told in problems.items() if name not in bridged}
        if watch.presence.stopping():
            problems["server"] = "it stops; ask another replica"
        poorer = [*bridged.items(), *failing(watch.checks).items()]
        degraded = [f"{name}: {problem}" for name, problem in poorer]
        if problems:
            return _answer({"status": "not ready", "problems": problems, "degraded": degraded}, 503)
        return _answer({"status": "ready", "degraded": degraded}, 200)

    @health.get("/version")
    def tell_version() -> Response:
        return _answer(
            {
                "name": DISTRIBUTION,
                "version": version(DISTRIBUTION),
                "revision": watch.revision or None,
                "schema": watch.schema,
                "python": platform.python_version(),
            },
            200,
        )

    if watch.metrics is not None:
        _add_metrics(health, services, watch.metrics, watch.metrics_token)
    return health


def _add_metrics(
    health: Blueprint, services: Services, metrics: Metrics, token: str | None
) -> None:
    @health.get("/metrics")
    def tell_metrics() -> Response:
        known = _has_token(token) if token else _is_local()
        if not known and token_for(services, "metrics") is None:
            return _answer({"status": "refused"}, 403)
        response = Response(metrics.exposition(), content_type=EXPOSITION_TYPE)
        response.headers["Cache-Control"] = ERROR_CACHE_CONTROL
        return response


def _has_token(token: str) -> bool:
    offered = request.headers.get("Authorization", "")
    return hmac.compare_digest(offered.encode(), f"Bearer {token}".encode())


def _is_local() -> bool:
    # What came through a proxy on this machine did not come from this machine.
    if any(name.startswith("HTTP_X_FORWARDED") for name in request.environ):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def failing(checks: Mapping[str, Check]) -> dict[str, str]:
    """What each check that fails says, by its name."""
    return {name: problem for name, check in checks.items() if (problem := check()) is not None}


def _answer(values: dict[str, object], status: int) -> Response:
    response = jsonify(values)
    response.status_code = status
    response.headers["Cache-Control"] = ERROR_CACHE_CONTROL
    return response
