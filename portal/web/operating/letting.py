"""What both ways to log in end with: a wait after too many failures, or a session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from flask import redirect
from flask import request

from portal.content import operators
from portal.content.operators import Account
from portal.web.operating.gate import COOKIE
from portal.web.operating.gate import Gate

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

HOMES = {"operator": "/-/ops/", "builder": "/-/studio/"}


def locked_answer(gate: Gate, digests: Sequence[str], name: str = "") -> AnyResponse | None:
    """The page that says how long to wait; none for who may try."""
    services = gate.services
    now = services.clock()
    with services.read(gate.locale) as reader:
        until = operators.locked_until(reader.session, digests, now=now)
    return None if until is None else _ask_to_wait(gate, until, now, name)


def count_attempt(
    gate: Gate, digests: Sequence[str], now: datetime, name: str = ""
) -> AnyResponse | None:
    """Count a login before anything is checked; the page that says how long to wait, if locked."""
    with gate.services.write() as session:
        until = operators.begin_attempt(session, digests, now=now)
    return None if until is None else _ask_to_wait(gate, until, now, name)


def _ask_to_wait(gate: Gate, until: datetime, now: datetime, name: str) -> AnyResponse:
    seconds = max(1, round((until - now).total_seconds()))
    problem = gate.text("wait", seconds=seconds)
    response = gate.render("operating_login", None, 429, problem=problem, name=name)
    response.headers["Retry-After"] = str(seconds)
    return response


def let_in(gate: Gate, account: Account, *, detail: str = "") -> AnyResponse:
    """A new session under a new id; the one before, whoever made it, is worth nothing."""
    services = gate.services
    now = services.clock()
    with services.write() as session:
        operators.end_session(session, request.cookies.get(COOKIE, ""))
        number = operators.start_session(session, account, now=now)
        operators.note(session, account.name, "login", detail, now=now)
    response = redirect(gate.address(HOMES[account.role]), 303)
    response.set_cookie(COOKIE, number, path="/", secure=True, httponly=True, samesite="Lax")
    return response
