"""Logging in by a password, and logging out."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask import Blueprint
from flask import redirect
from flask import request

from portal.content import operators
from portal.text import one_line
from portal.web.operating.gate import COOKIE
from portal.web.operating.gate import LOGIN
from portal.web.operating.gate import Gate
from portal.web.operating.gate import refuse
from portal.web.operating.letting import HOMES
from portal.web.operating.letting import count_attempt
from portal.web.operating.letting import let_in
from portal.web.operating.letting import locked_answer
from portal.web.operating.passwords import is_password
from portal.web.operating.single_sign_on import SingleSignOn

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

LONGEST_NAME = 100


def add_login(ops: Blueprint, gate: Gate, single_sign_on: SingleSignOn | None) -> None:
    """Add the form, what takes it, and the way out."""
    services = gate.services

    @ops.get("/login")
    def show_login() -> AnyResponse:
        visitor = gate.visitor()
        if visitor is not None:
            return redirect(gate.address(HOMES[visitor.account.role]), 303)
        return gate.render("operating_login", None, problem="", name="")

    @ops.post("/login")
    def login() -> AnyResponse:
        if not services.takes_passwords or not gate.is_login_form():
            return refuse(403)
        name = one_line(request.form.get("name", "")[:LONGEST_NAME]).casefold()
        digests = [gate.digest(f"name\x1f{name}"), gate.sender()]
        now = services.clock()
        # Looked at first, so that who must wait anyway costs no writing.
        locked = locked_answer(gate, digests, name) or count_attempt(gate, digests, now, name)
        return locked or _check(gate, name, digests, now)

    @ops.post("/logout")
    def logout() -> AnyResponse:
        visitor = gate.visitor()
        if visitor is not None:
            with services.write() as session:
                operators.end_session(session, visitor.number)
                operators.note(session, visitor.account.name, "logout", now=services.clock())
        vouched = visitor is not None and visitor.account.issuer is not None
        if vouched and single_sign_on is not None:
            response = single_sign_on.leave()
        else:
            response = redirect(gate.address(LOGIN), 303)
        response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Lax")
        return response


def _check(gate: Gate, name: str, digests: list[str], now: datetime) -> AnyResponse:
    services = gate.services
    with services.read(gate.locale) as reader:
        account = operators.find_account(reader.session, name)
    stored = account.password_hash if account and not account.disabled else None
    # Whom a provider vouches for has none: the same answer, after the same time.
    if not is_password(stored or None, request.form.get("password", "")) or account is None:
        with services.write() as session:
            # A name that no account has may be a password in the wrong field.
            actor = account.name if account else "?"
            operators.note(session, actor, "login failed", now=now)
        return gate.render("operating_login", None, 403, problem=gate.text("wrong"), name=name)
    with services.write() as session:
        operators.forget_failures(session, digests[:1])
        # Of an address this login alone: its other failures may have been of other names.
        operators.take_back(session, digests[1:], now=now)
    return let_in(gate, account)
