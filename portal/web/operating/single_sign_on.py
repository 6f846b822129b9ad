"""Logging in by the identity provider of the office, and out of it.

The browser is sent there by a link, not by a form: the policy of pages lets forms lead nowhere
else. What ties its answer to this browser is made of a random number in a cookie that lives ten
minutes; state, nonce and the verifier of PKCE are digests of it, so that nothing is stored.
"""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING

from flask import Blueprint
from flask import redirect
from flask import request
from itsdangerous import BadData
from itsdangerous import URLSafeTimedSerializer

from portal.block import is_from_here
from portal.content import operators
from portal.content.operators import Role
from portal.web.operating.gate import LOGIN
from portal.web.operating.gate import SSO
from portal.web.operating.gate import SSO_ANSWER
from portal.web.operating.gate import Gate
from portal.web.operating.gate import refuse
from portal.web.operating.letting import let_in
from portal.web.operating.letting import locked_answer
from portal.web.operating.provider import Handshake
from portal.web.operating.provider import Identity
from portal.web.operating.provider import LoginRefused
from portal.web.operating.provider import Provider
from portal.web.operating.provider import ProviderUnavailable

if TYPE_CHECKING:
    from collections.abc import Collection
    from collections.abc import Mapping

    from werkzeug.wrappers import Response as AnyResponse

log = logging.getLogger(__name__)

COOKIE = "__Host-portal-sso"
HANDSHAKE_SECONDS = 600


class SingleSignOn:
    """The way to the provider and back; `groups` are the names that stand for each role."""

    def __init__(
        self, gate: Gate, provider: Provider, groups: Mapping[Role, Collection[str]]
    ) -> None:
        self._gate = gate
        self._services = gate.services
        self._provider = provider
        self._groups = groups
        self._numbers = URLSafeTimedSerializer(gate.services.secret, salt="portal single sign-on")

    def go(self) -> AnyResponse:
        """Send the browser to the provider."""
        if not is_from_here(request.headers, request.host, unsaid=True):
            return refuse(403)
        number = secrets.token_urlsafe(32)
        try:
            address = self._provider.login_url(self._handshake(number), self._return_to())
        except ProviderUnavailable as problem:
            return self._unavailable(problem)
        response = redirect(address, 303)
        response.set_cookie(
            COOKIE,
            self._numbers.dumps([number, self._gate.locale]),
            max_age=HANDSHAKE_SECONDS,
            path="/",
            secure=True,
            httponly=True,
            # The answer is a navigation that another site began.
            samesite="Lax",
        )
        return response

    def take_answer(self) -> AnyResponse:
        """Let in whom the provider vouches for; the way back is good for one time."""
        number, locale = self._started()
        self._gate.speak(locale)
        sender = self._gate.sender()
        response = locked_answer(self._gate, [sender]) or self._judge(number, sender)
        response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Lax")
        return response

    def _judge(self, number: str, sender: str) -> AnyResponse:
        if not number:
            # Any page can have a browser ask for this, so it counts as nobody's failure and leaves
            # no note in a log that is only ever added to.
            log.warning("an answer to a login came from a browser that began none, or long ago")
            return self._login_page(403, "not_proved")
        try:
            identity = self._provider.identify(
                self._handshake(number),
                request.args.to_dict(),
                self._return_to(),
                self._services.clock(),
            )
        except ProviderUnavailable as problem:
            return self._unavailable(problem)
        except LoginRefused as problem:
            return self._refuse(problem, sender)
        role = self._role(identity)
        return self._turn_away(identity) if role is None else self._welcome(identity, role)

    def _role(self, identity: Identity) -> Role | None:
        """The highest role that a group of them has."""
        return next(
            (role for role, names in self._groups.items() if identity.groups & {*names}), None
        )

    def _welcome(self, identity: Identity, role: Role) -> AnyResponse:
        now = self._services.clock()
        with self._services.write() as session:
            account = operators.link_account(
                session, identity.issuer, identity.subject, identity.name, role, now=now
            )
            if account.disabled:
                operators.note(session, account.name, "login refused", "disabled", now=now)
        if account.disabled:
            return self._login_page(403, "closed")
        return let_in(self._gate, account, detail="by the identity provider")

    def _turn_away(self, identity: Identity) -> AnyResponse:
        now = self._services.clock()
        with self._services.write() as session:
            name = operators.turn_away(session, identity.issuer, identity.subject)
            operators.note(session, name or "?", "login refused", "in no group", now=now)
        return self._login_page(403, "no_group")

    def _refuse(self, problem: LoginRefused, sender: str) -> AnyResponse:
        now = self._services.clock()
        with self._services.write() as session:
            operators.note_failure(session, [sender], now=now)
            operators.note(session, "?", "login failed", str(problem), now=now)
        log.warning("a login by the identity provider was refused: %s", problem)
        return self._login_page(403, "not_proved")

    def _unavailable(self, problem: ProviderUnavailable) -> AnyResponse:
        log.error("the identity provider cannot be asked: %s", problem)
        response = self._login_page(503, "provider_away")
        response.headers["Retry-After"] = "30"
        return response

    def leave(self) -> AnyResponse:
        """The page after the logout here; the browser goes on from it to that at the provider."""
        try:
            address = self._provider.logout_url(self._services.site.base_url + LOGIN)
        except ProviderUnavailable as problem:
            log.warning("the logout at the identity provider is left out: %s", problem)
            address = None
        if address is None:
            return redirect(self._gate.address(LOGIN), 303)
        response = self._gate.render("operating_left", None, address=address)
        # A redirect would still be a part of the form, which may lead to this origin alone.
        response.headers["Refresh"] = f"0; url={address}"
        return response

    def _login_page(self, status: int, problem: str) -> AnyResponse:
        text = self._gate.text(problem)
        return self._gate.render("operating_login", None, status, problem=text, name="")

    def _started(self) -> tuple[str, str]:
        """The number that this browser began with, and its language."""
        try:
            number, locale = self._numbers.loads(
                request.cookies.get(COOKIE, ""), max_age=HANDSHAKE_SECONDS
            )
        except (BadData, ValueError):
            return "", ""
        return str(number), str(locale)

    def _handshake(self, number: str) -> Handshake:
        state, nonce, verifier = (
            self._gate.digest(f"{part}\x1f{number}") for part in ("state", "nonce", "verifier")
        )
        return Handshake(state, nonce, verifier)

    def _return_to(self) -> str:
        return self._services.site.base_url + SSO_ANSWER


def add_single_sign_on(ops: Blueprint, single_sign_on: SingleSignOn) -> None:
    """Add the address that leads to the provider, and that where it answers."""
    ops.add_url_rule(SSO.removeprefix("/-/ops"), "sso", single_sign_on.go, methods=["GET"])
    ops.add_url_rule(
        SSO_ANSWER.removeprefix("/-/ops"), "sso_answer", single_sign_on.take_answer, methods=["GET"]
    )
