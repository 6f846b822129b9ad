"""A page as it is sent: headers and bytes for one content coding, made once per page version.

Compression is never done per request. The ETag is strong and therefore another one for each
coding (RFC 9110 §8.8.3.3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from portal.compose import Page
from portal.compose import Remembered
from portal.web.headers import ERROR_CACHE_CONTROL
from portal.web.headers import PAGE_CACHE_CONTROL
from portal.web.headers import SECURITY_HEADERS
from portal.web.headers import tag_headers

Coding = Literal["identity", "gzip"]
Headers = list[tuple[str, str]]

HTML = "text/html; charset=utf-8"
RETRY_AFTER_SECONDS = "30"
STALE_SECONDS = 30
STALE_IF_ERROR_SECONDS = 86_400
SMALLEST_COMPRESSED = 1_000
_LONGEST_CODINGS = 100
# One character class between two marks: whatever a header holds, it is read once.
_ENTITY_TAG = re.compile(r'"[^"]*"')


@dataclass(frozen=True, slots=True)
class Form:
    """What is sent for a page that is as it should be; `etag` is quoted."""

    etag: str
    headers: Headers
    body: bytes
    validators: Headers
    """What a 304 repeats of the headers (RFC 9110 §15.4.5)."""


def choose_coding(accepted: str) -> Coding:
    """The content coding for an `Accept-Encoding` header (RFC 9110 §12.5.3)."""
    # Browsers send a few short ones; what strangers make up is not worth its place in memory.
    return _known_coding(accepted) if len(accepted) <= _LONGEST_CODINGS else _coding(accepted)


def _coding(accepted: str) -> Coding:
    weights: dict[str, str] = {}
    for part in accepted.split(","):
        name, _, parameter = part.partition(";")
        key, _, weight = parameter.partition("=")
        weights[name.strip().lower()] = weight.strip() if key.strip().lower() == "q" else ""
    weight = weights.get("gzip", weights.get("*", "0"))
    return "identity" if weight.strip("0.") == "" and weight != "" else "gzip"


_known_coding = lru_cache(maxsize=1024)(_coding)


def form_of(known: Remembered, coding: Coding) -> Form:
    """The form of a remembered page, made at its first request."""
    form = known.forms.get(coding)
    if not isinstance(form, Form):
        form = make_form(known.page, coding)
        known.forms[coding] = form
    return form


def make_form(page: Page, coding: Coding) -> Form:
    """Headers and bytes of a sound page."""
    etag = f'"{page.etag}"'
    if page.edge or (coding == "gzip" and len(page.content) < SMALLEST_COMPRESSED):
        coding = "identity"
    validators: Headers = [
        ("Cache-Control", PAGE_CACHE_CONTROL),
        *tag_headers(page.tags),
        ("Vary", "Accept-Encoding"),
    ]
    headers: Headers = [("Content-Type", HTML), ("Content-Language", page.locale)]
    body = page.content.gzipped if coding == "gzip" else page.body
    if coding == "gzip":
        etag = f'"{page.etag}-gzip"'
        headers.append(("Content-Encoding", "gzip"))
    if page.edge:
        headers.append(("Surrogate-Control", 'content="ESI/1.0"'))
    validators.insert(0, ("ETag", etag))
    headers += [*validators, *SECURITY_HEADERS, ("Content-Length", str(len(body)))]
    return Form(etag, headers, body, [*validators, *SECURITY_HEADERS])


def matches(if_none_match: str, form: Form) -> bool:
    """Whether a reader has this page already, in whatever coding (RFC 9110 §13.1.2)."""
    if if_none_match.strip() == "*":
        return True
    bare = form.etag.removesuffix('-gzip"').removesuffix('"')
    return any(
        tag.removesuffix('-gzip"').removesuffix('"') == bare
        for tag in _ENTITY_TAG.findall(if_none_match)
    )


def for_networks(lifetime: float, most_seconds: int) -> Headers:
    """What a content delivery network may do (RFC 9213, RFC 5861); nothing unless it is told to.

    A page that changes by itself soon is kept no longer than until then.
    """
    if not most_seconds:
        return []
    seconds = min(most_seconds, int(lifetime))
    value = (
        f"max-age={seconds}, stale-while-revalidate={STALE_SECONDS},"
        f" stale-if-error={STALE_IF_ERROR_SECONDS}"
    )
    return [("CDN-Cache-Control", value)]


def degraded_headers(page: Page) -> Headers:
    """Headers of a page that shows something old, lacks something, or is an error page.

    Nobody keeps it, and it has no validator: the next answer may be whole again.
    """
    headers: Headers = [
        ("Cache-Control", ERROR_CACHE_CONTROL),
        ("Content-Language", page.locale),
    ]
    if page.status == 503:
        headers.append(("Retry-After", RETRY_AFTER_SECONDS))
    return headers


def cache_status(page: Page, how: str, lifetime: float) -> Headers:
    """How the page came to be, for those who look into caches (RFC 9211).

    `lifetime` are the seconds for which it stays as it is.
    """
    states = list(page.states.values())
    ready = sum(state in {"fresh", "empty", "not-shown"} for state in states)
    detail = f"{ready}/{len(states)} blocks"
    if page.degraded:
        return [("Cache-Status", f'portal; hit; fwd=stale; detail="{detail}"')]
    status = "hit" if how == "hit" else "fwd=miss; stored"
    return [("Cache-Status", f'portal; {status}; ttl={int(lifetime)}; detail="{detail}"')]
