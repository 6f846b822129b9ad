"""The identity provider of the office: OpenID Connect Core 1.0, code flow with PKCE (RFC 7636).

Nothing of the packages behind it is imported unless PORTAL_OPERATORS asks for such a login. Their
answers are not believed: every ID token is checked against the keys of the provider, by one of the
`ALGORITHMS`, and for issuer, audience, time and nonce.
"""

from __future__ import annotations

import hmac
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any
from urllib.parse import urlencode
from urllib.parse import urlsplit

from portal.errors import ConfigError
from portal.errors import PortalError
from portal.settings import Settings

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures by a key that only the provider has; never `none`, never a shared secret (HS256)."""
PATIENCE = (2.0, 4.0)
"""Seconds to connect, and to wait for an answer."""
LEEWAY_SECONDS = 30
REMEMBERED_SECONDS = 600.0
LEFT_ALONE_SECONDS = 5.0
"""A provider that failed is not asked again for so long: its failure must hold no threads."""
LARGEST_ANSWER = 1_000_000

_KEY_TYPES = frozenset({"RSA", "EC"})
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_FURTHER_ENDPOINTS = ("userinfo_endpoint", "end_session_endpoint")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class ProviderUnavailable(PortalError):
    """The provider cannot be reached, or answers what no provider answers."""


class LoginRefused(PortalError):
    """The answer that came by the browser, or the token, proves nothing."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """What ties the answer of the provider to the browser and the login that asked for it."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for; `subject` is unique and stable only within `issuer`."""

    issuer: str
    subject: str
    name: str
    groups: frozenset[str]


class Provider:
    """The provider at `oidc_issuer`; connects at first use."""

    def __init__(self, settings: Settings) -> None:
        self.issuer = settings.oidc_issuer
        self._client_id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret
        self._scope = " ".join(dict.fromkeys(("openid", *settings.oidc_scopes)))
        self._claim = settings.oidc_groups_claim
        self._requests, self._jwt, self._keys, self._token, self._errors = _packages()
        self._lock = threading.Lock()
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._failure: tuple[float, str] | None = None

    def login_url(self, handshake: Handshake, return_to: str) -> str:
        """Where the browser logs in. Raises `ProviderUnavailable`."""
        address, _ = self._session(return_to).create_authorization_url(
            self.metadata()["authorization_endpoint"],
            state=handshake.state,
            nonce=handshake.nonce,
            code_verifier=handshake.verifier,
        )
        return str(address)

    def identify(
        self, handshake: Handshake, answer: Mapping[str, str], return_to: str, now: datetime
    ) -> Identity:
        """Whom the answer at `return_to` stands for.

        Raises `LoginRefused` where it proves nothing, `ProviderUnavailable` where nobody can tell.
        """
        metadata = self.metadata()
        self._check_answer(handshake, answer, metadata)
        session = self._session(return_to)
        tokens = self._exchange(session, handshake, answer["code"], metadata)
        claims = self._claims(tokens, handshake, metadata, now)
        if self._claim not in claims and "userinfo_endpoint" in metadata:
            claims = {**self._further_claims(session, claims["sub"], metadata), **claims}
        name = claims.get("preferred_username") or claims.get("email") or claims["sub"]
        return Identity(self.issuer, claims["sub"], str(name), _names(claims.get(self._claim)))

    def logout_url(self, return_to: str) -> str | None:
        """Where the login at the provider ends too (RP-Initiated Logout 1.0), if it says so."""
        address = self.metadata().get("end_session_endpoint")
        if address is None:
            return None
        query = urlencode({"client_id": self._client_id, "post_logout_redirect_uri": return_to})
        return f"{address}{'&' if '?' in address else '?'}{query}"

    def metadata(self) -> dict[str, Any]:
        """What the provider says of itself (Discovery 1.0), remembered for a while."""
        with self._lock:
            known = self._metadata
            if known is not None and time.monotonic() - known[0] < REMEMBERED_SECONDS:
                return known[1]
            failed = self._failure
            if failed is not None and time.monotonic() - failed[0] < LEFT_ALONE_SECONDS:
                raise ProviderUnavailable(failed[1])
            try:
                found = self._discover()
            except ProviderUnavailable as problem:
                self._failure = (time.monotonic(), str(problem))
                raise
            self._metadata = (time.monotonic(), found)
            return found

    def keys(self, metadata: Mapping[str, Any]) -> Any:
        """The public keys that it signs with now. Raises `ProviderUnavailable`."""
        found = self._get(metadata["jwks_uri"]).get("keys")
        usable = [
            key
            for key in (found if isinstance(found, list) else [])
            if isinstance(key, dict)
            and key.get("kty") in _KEY_TYPES
            and key.get("use", "sig") == "sig"
        ]
        try:
            return self._keys.KeySet.import_key_set({"keys": usable})
        except (self._errors.JoseError, ValueError) as problem:
            place = metadata["jwks_uri"]
            raise ProviderUnavailable(f"{place}: no usable key of a signature") from problem

    def _discover(self) -> dict[str, Any]:
        place = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = self._get(place)
        if found.get("issuer") != self.issuer:
            raise ProviderUnavailable(
                f"{place} is of the issuer {found.get('issuer')!r}, not of {self.issuer!r};"
                " set PORTAL_OIDC_ISSUER exactly as the provider writes it"
            )
        missing = [name for name in _ENDPOINTS if not _is_safe(found.get(name))]
        if missing:
            raise ProviderUnavailable(f"{place} names no https address as {', '.join(missing)}")
        left_out = {name for name in _FURTHER_ENDPOINTS if not _is_safe(found.get(name))}
        return {name: value for name, value in found.items() if name not in left_out}

    def _check_answer(
        self, handshake: Handshake, answer: Mapping[str, str], metadata: Mapping[str, Any]
    ) -> None:
        if not hmac.compare_digest(answer.get("state", "").encode(), handshake.state.encode()):
            raise LoginRefused("the state is not that of this login")
        said = answer.get("iss")
        # RFC 9207: an answer of another provider, mixed up with this one.
        required = metadata.get("authorization_response_iss_parameter_supported") is True
        if said != self.issuer and (said is not None or required):
            raise LoginRefused("the answer is of another issuer")
        if "error" in answer:
            raise LoginRefused(f"the provider says {answer['error'][:60]!r}")
        if not answer.get("code"):
            raise LoginRefused("the answer has no code")

    def _exchange(
        self, session: Any, handshake: Handshake, code: str, metadata: Mapping[str, Any]
    ) -> dict[str, Any]:
        place = metadata["token_endpoint"]
        known = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if self._secret and "client_secret_basic" not in known:
            session.token_endpoint_auth_method = "client_secret_post"  # noqa: S105 - a method
        try:
            tokens = session.fetch_token(
                place,
                grant_type="authorization_code",
                code=code,
                code_verifier=handshake.verifier,
                timeout=PATIENCE,
                allow_redirects=False,
            )
        except self._requests.OAuthError as problem:
            raise LoginRefused(f"the provider refuses the code: {problem.error}") from problem
        except (OSError, ValueError) as problem:
            raise ProviderUnavailable(f"{place}: {_said(problem)}") from problem
        if not isinstance(tokens, dict) or not isinstance(tokens.get("id_token"), str):
            raise LoginRefused("the provider gives no ID token for the code")
        return tokens

    def _claims(
        self,
        tokens: Mapping[str, Any],
        handshake: Handshake,
        metadata: Mapping[str, Any],
        now: datetime,
    ) -> dict[str, Any]:
        keys = self.keys(metadata)
        options = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self._client_id},
        }
        expected = {
            "nonce": handshake.nonce,
            "client_id": self._client_id,
            "access_token": tokens.get("access_token"),
        }
        try:
            token = self._jwt.decode(tokens["id_token"], keys, algorithms=list(ALGORITHMS))
            claims = self._token(token.claims, token.header, options, expected)
            claims.validate(int(now.timestamp()), LEEWAY_SECONDS)
        except (self._errors.JoseError, ValueError, TypeError) as problem:
            raise LoginRefused(f"the ID token is not valid: {_said(problem)}") from problem
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise LoginRefused("the ID token names nobody")
        return dict(claims)

    def _further_claims(
        self, session: Any, subject: str, metadata: Mapping[str, Any]
    ) -> dict[str, Any]:
        place = metadata["userinfo_endpoint"]
        found = self._get(place, session)
        # Core 1.0 §5.3.2: or the claims may be somebody else's.
        if found.get("sub") != subject:
            raise LoginRefused("the further claims are of somebody else")
        return found

    def _get(self, place: str, session: Any = None) -> dict[str, Any]:
        """The JSON object at an address; with a session, by its access token."""
        asking = session or self._session("")
        try:
            with asking.get(
                place,
                withhold_token=session is None,
                timeout=PATIENCE,
                allow_redirects=False,
                stream=True,
            ) as answer:
                answer.raise_for_status()
                if answer.status_code != 200:
                    raise ProviderUnavailable(f"{place} answers with status {answer.status_code}")
                body = answer.raw.read(LARGEST_ANSWER, decode_content=True)
            found = json.loads(body)
        except (OSError, ValueError, self._requests.OAuthError) as problem:
            raise ProviderUnavailable(f"{place}: {_said(problem)}") from problem
        if not isinstance(found, dict):
            raise ProviderUnavailable(f"{place} gives no JSON object")
        return found

    def _session(self, return_to: str) -> Any:
        method = "client_secret_basic" if self._secret else "none"
        return self._requests.OAuth2Session(
            self._client_id,
            self._secret,
            token_endpoint_auth_method=method,
            scope=self._scope,
            redirect_uri=return_to,
            code_challenge_method="S256",
        )


def _packages() -> tuple[Any, Any, Any, Any, Any]:
    try:
        return (
            import_module("authlib.integrations.requests_client"),
            import_module("joserfc.jwt"),
            import_module("joserfc.jwk"),
            import_module("authlib.oidc.core").CodeIDToken,
            import_module("joserfc.errors"),
        )
    except ImportError as problem:
        raise ConfigError(
            f"PORTAL_OPERATORS asks for OpenID Connect, but {problem.name} is not installed;"
            " install it with: pip install 'provincial-portal[oidc]'"
        ) from problem


def _is_safe(address: object) -> bool:
    """Whether it is an address that nobody on the way can read, or one of this machine."""
    if not isinstance(address, str):
        return False
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


def _names(claim: object) -> frozenset[str]:
    """The groups of a claim: a list of texts, or one text."""
    values = claim if isinstance(claim, list) else [claim]
    return frozenset(value for value in values if isinstance(value, str))


def _said(problem: Exception) -> str:
    return str(problem).partition("\n")[0][:200] or type(problem).__name__
