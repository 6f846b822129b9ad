"""Who asks, whether they may, and whether they meant to.

A login is a random id in a cookie that scripts cannot read and that only this host gets back
(`__Host-`, RFC 6265bis §4.1.3). What changes something must come from a page of this origin, as
the browser says (Fetch Metadata, else RFC 6454 Origin), and carry a token of that very login.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint
from flask import Response
from flask import g
from flask import redirect
from flask import request
from itsdangerous import BadData
from itsdangerous import URLSafeTimedSerializer

from portal.block import is_from_here
from portal.block import sender_network
from portal.content import operators
from portal.content.operators import Account
from portal.i18n import Catalog

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from portal.web.services import Services

COOKIE = "__Host-portal"
LOGIN = "/-/ops/login"
SSO = "/-/ops/login/sso"
SSO_ANSWER = "/-/ops/login/sso/answer"
FIELD = "token"
LOGIN_SECONDS = 3600
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow", "Vary": "Cookie"}
HTML = "text/html; charset=utf-8"

_LOCALE = "operating_locale"
_OPEN = frozenset({LOGIN, SSO, SSO_ANSWER})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Visitor:
    """Someone who is logged in; `number` is the id of the session."""

    account: Account
    number: str


class Gate:
    """Stands before the pages of operators and builders."""

    def __init__(self, services: Services, catalog: Catalog) -> None:
        self.services = services
        self._catalog = catalog
        self._key = services.secret.encode()
        self._logins = URLSafeTimedSerializer(services.secret, salt="portal login form")

    def make_blueprint(self, name: str, prefix: str, *, roles: Collection[str]) -> Blueprint:
        """A blueprint that only these roles get through to; nobody keeps its answers."""
        blueprint = Blueprint(name, __name__, url_prefix=prefix)

        @blueprint.before_request
        def stop() -> AnyResponse | None:
            return self._stop(roles)

        @blueprint.after_request
        def keep_private(response: Response) -> Response:
            response.headers.update(PRIVATE)
            return response

        return blueprint

    def _stop(self, roles: Collection[str]) -> AnyResponse | None:
        safe = request.method in _SAFE
        if not safe and not is_from_here(request.headers, request.host, unsaid=False):
            return refuse(403)
        if request.path in _OPEN:
            return None
        visitor = self.visitor()
        if visitor is None:
            return redirect(self.address(LOGIN), 303) if safe else refuse(401)
        if visitor.account.role not in roles and not request.path.endswith("/logout"):
            return refuse(403)
        if not safe and not self._has_token(visitor):
            return refuse(403)
        return None

    def visitor(self) -> Visitor | None:
        """Who is logged in; notes that the login is in use."""
        number = request.cookies.get(COOKIE, "")
        if not 20 <= len(number) <= 100:
            return None
        now = self.services.clock()
        with self.services.read(self.locale) as reader:
            found = operators.find_session(reader.session, number, now=now)
        if found is None:
            return None
        account, due = found
        # A way to log in that was closed meanwhile ends what was begun by it.
        if not self.services.vouches_for(account.issuer):
            return None
        if due:
            with self.services.write() as session:
                operators.keep_session(session, number, now=now)
        return Visitor(account, number)

    @property
    def locale(self) -> str:
        """The language that the address asks for."""
        site = self.services.site
        asked = str(g.get(_LOCALE) or request.args.get("locale", ""))
        return asked if asked in site.locales else site.default_locale

    def speak(self, locale: str) -> None:
        """Answer this request in a language that its address does not ask for."""
        setattr(g, _LOCALE, locale)

    def address(self, path: str) -> str:
        """A path that keeps the language."""
        site = self.services.site
        return path if self.locale == site.default_locale else f"{path}?locale={self.locale}"

    def render(
        self, template: str, visitor: Visitor | None, status: int = 200, **values: object
    ) -> Response:
        """A page of these; its forms carry `form_token`."""
        html = self.services.render(
            f"programs/{template}.html",
            self._catalog,
            self.locale,
            visitor=visitor.account if visitor else None,
            form_token=self.token(visitor.number) if visitor else self._logins.dumps("login"),
            query=self.address(""),
            takes_passwords=self.services.takes_passwords,
            has_provider=self.services.provider is not None,
            **values,
        )
        return Response(html, status, content_type=HTML)

    def text(self, key: str, **values: object) -> str:
        """A text of the catalog in the language of the request."""
        return self._catalog.text(key, self.locale, **values)

    def token(self, number: str) -> str:
        """What the forms of a login carry."""
        return self.digest(f"form\x1f{number}")

    def sender(self) -> str:
        """Who asks, for counting: a digest, which nobody can turn back into an address."""
        return self.digest(f"from\x1f{sender_network(request.remote_addr or '')}")

    def digest(self, text: str) -> str:
        """A text that nobody can find out or make without the secret."""
        return hmac.new(self._key, f"operators\x1f{text}".encode(), hashlib.sha256).hexdigest()

    def is_login_form(self) -> bool:
        """Whether a login comes from a form that we made within the last hour."""
        try:
            self._logins.loads(request.form.get(FIELD, ""), max_age=LOGIN_SECONDS)
        except BadData:
            return False
        return True

    def _has_token(self, visitor: Visitor) -> bool:
        offered = request.form.get(FIELD, "")
        return hmac.compare_digest(offered.encode(), self.token(visitor.number).encode())


def refuse(status: int) -> Response:
    """An answer that says no more than its status."""
    words = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}[status]
    response = Response(f"{status} {words}\n", status, content_type="text/plain; charset=utf-8")
    response.headers.update(PRIVATE)
    return response
