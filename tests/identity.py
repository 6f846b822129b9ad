"""A true OpenID provider for tests: its own thread, HTTP on this machine, an RSA key, one client.

It holds the client to the protocol as a strict provider does (registered address, PKCE, codes that
are good once, the client's secret) and lets a test say what is wrong with its tokens.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from html import escape
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import unquote
from urllib.parse import urlencode
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "portal"
SECRET = secrets.token_urlsafe(24)
LIFETIME = 300

Claims = dict[str, Any]


@dataclass
class IdentityProvider:
    """The running provider; `person` are the claims of who logs in, `change` may spoil a token."""

    address: str
    return_to: str
    clock: Callable[[], datetime]
    person: Claims
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    algorithm: str = "RS256"
    change: Callable[[Claims], Claims] = dict
    in_user_info: Claims = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    signing: RSAKey | None = None
    has_page: bool = False
    """Whether somebody has to press a button here; else whoever comes is logged in already."""

    def metadata(self) -> Claims:
        """What it says of itself."""
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "end_session_endpoint": f"{self.address}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes on to, with a code. Raises `ValueError` for a bad request."""
        expected = {
            "client_id": CLIENT,
            "redirect_uri": self.return_to,
            "response_type": "code",
            "code_challenge_method": "S256",
        }
        wrong = [name for name, value in expected.items() if query.get(name) != value]
        if wrong or "openid" not in query["scope"].split() or len(query["code_challenge"]) != 43:
            raise ValueError(f"bad request: {wrong or query}")
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        answer = {"code": code, "state": query["state"], "iss": self.address}
        return f"{self.return_to}?{urlencode(answer)}"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, Claims]:
        """Tokens for a code, one time."""
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if unquote(authorization) != f"Basic {expected}":
            return 401, {"error": "invalid_client"}
        query = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if query is None or _text(digest) != query["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if form.get("redirect_uri") != self.return_to:
            return 400, {"error": "invalid_grant"}
        token = self.sign(self.change(self.claims(query["nonce"])))
        return 200, {"access_token": "at", "token_type": "Bearer", "id_token": token}

    def claims(self, nonce: str) -> Claims:
        """The claims of an honest ID token."""
        now = int(self.clock().timestamp())
        named = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + LIFETIME}
        return {**named, "nonce": nonce, **self.person}

    def sign(self, claims: Claims) -> str:
        """An ID token; `none` and HS256 (with the public key as secret) are what attackers make."""
        header = {"alg": self.algorithm, "kid": self.key.kid}
        if self.algorithm == "RS256":
            return jwt.encode(header, claims, self.signing or self.key)
        # By hand: honest libraries refuse to write such tokens.
        body = ".".join(_text(json.dumps(part).encode()) for part in (header, claims))
        if self.algorithm == "none":
            return f"{body}."
        public = self.key.as_pem(private=False)
        return f"{body}.{_text(hmac.digest(public, body.encode(), 'sha256'))}"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class _Handler(BaseHTTPRequestHandler):
    provider: IdentityProvider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.provider.asked.append(parts.path)
        if parts.path == "/authorize":
            return self._show_page() if self.provider.has_page else self._send_back(parts.query)
        if parts.path == "/logout":
            return self._redirect(parse_qs(parts.query)["post_logout_redirect_uri"][0])
        known = {
            "/.well-known/openid-configuration": self.provider.metadata,
            "/keys": lambda: {"keys": [self.provider.key.as_dict(private=False)]},
            "/userinfo": lambda: {"sub": self.provider.person["sub"], **self.provider.in_user_info},
        }
        found = known.get(parts.path)
        return self._answer(200, found()) if found else self._answer(404, {})

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        self.provider.asked.append(parts.path)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if parts.path == "/authorize":
            return self._send_back(parts.query)
        form = {name: values[0] for name, values in parse_qs(body).items()}
        return self._answer(*self.provider.exchange(form, self.headers.get("Authorization", "")))

    def _show_page(self) -> None:
        page = (
            '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Office</title>'
            f'<form method="post" action="{escape(self.path)}"><button>Log in here</button></form>'
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def _send_back(self, asked: str) -> None:
        query = {name: values[0] for name, values in parse_qs(asked).items()}
        try:
            place = self.provider.authorize(query)
        except (KeyError, ValueError) as problem:
            return self._answer(400, {"error": str(problem)})
        return self._redirect(place)

    def _redirect(self, place: str) -> None:
        self.send_response(303)
        self.send_header("Location", place)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, status: int, values: Claims) -> None:
        body = json.dumps(values).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def run_identity_provider(
    return_to: str, clock: Callable[[], datetime], person: Claims, host: str = "127.0.0.1"
) -> Iterator[IdentityProvider]:
    """A provider whose one client is sent back to `return_to`; `host` is its name for this
    machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    address = f"http://{host}:{server.server_port}"
    provider = IdentityProvider(address, return_to, clock, person)
    server.RequestHandlerClass = type("Handler", (_Handler,), {"provider": provider})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
