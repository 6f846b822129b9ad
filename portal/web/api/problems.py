"""Answers that are none: problem details (RFC 9457), readable by people and by programs."""

from __future__ import annotations

from flask import Response
from pydantic import ConfigDict

from portal.field_help import Explained
from portal.web.headers import ERROR_CACHE_CONTROL

MEDIA_TYPE = "application/problem+json"

CORS_HEADERS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
    ("Access-Control-Allow-Headers", "If-None-Match"),
    ("Access-Control-Expose-Headers", "ETag, Link"),
    ("Access-Control-Max-Age", "86400"),
    # The answers are public; pages of other sites may read them.
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)


class Out(Explained):
    """A part of an answer: closed, so that what is described is what is sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldProblemOut(Out):
    """What is wrong with one argument."""

    parameter: str
    detail: str


class ProblemOut(Out):
    """Why there is no answer (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[FieldProblemOut, ...] = ()


class ApiProblem(Exception):
    """Why a request has no answer."""

    def __init__(
        self, status: int, title: str, detail: str, errors: tuple[FieldProblemOut, ...] = ()
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = errors


def answer_problem(problem: ApiProblem) -> Response:
    """The problem as a response that nobody stores."""
    body = ProblemOut(
        type="about:blank",
        title=problem.title,
        status=problem.status,
        detail=problem.detail,
        errors=problem.errors,
    )
    response = Response(body.model_dump_json(), problem.status, content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = ERROR_CACHE_CONTROL
    response.headers.extend(CORS_HEADERS)
    return response
