"""The first to see a request: refuses what proxy and portal might understand differently.

Servers differ in what they pass on. What is refused here has no honest sender: a body whose length
is not stated, a host that is no host, a header name that only means something with an underscore.
What a server refuses by itself (two lengths, folded lines, spaces in names) never comes this far;
tests ask the real servers. RFC 9112 §3.2, §6.3, §11.2.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from portal.sight import Observer
from portal.web.headers import ERROR_CACHE_CONTROL
from portal.web.headers import SECURITY_HEADERS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication
    from _typeshed.wsgi import WSGIEnvironment

# A search of 10,000 plain letters is answered with what is found. Marks take up to nine times as
# much, and get the page that says so: the search field of every page takes 300 characters.
LONGEST_TARGET = 11_000
LARGEST_HEADERS = 32_000
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_HOST = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
)
_LENGTH = re.compile(r"[0-9]{1,15}")
# CGI has its own variables for these two; with a prefix they were sent with an underscore.
_UNDERSCORED = frozenset({"HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request goes no further: a word for the metrics, and the status."""

    kind: str
    status: HTTPStatus


class Guard:
    """A WSGI application in front of another one."""

    def __init__(
        self,
        application: WSGIApplication,
        *,
        body_limit: int,
        leaving: Callable[[], bool],
        observer: Observer,
        too_long: Callable[[str], bytes],
    ) -> None:
        self._application = application
        self._body_limit = body_limit
        self._leaving = leaving
        self._observer = observer
        self._too_long = too_long

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Refuse, or pass on; a worker that leaves asks its clients to connect anew."""
        refusal = find_refusal(environ, self._body_limit)
        if refusal is not None:
            self._observer.refused(refusal.kind)
            return self._refuse(refusal.status, environ, start)
        if not self._leaving():
            return self._application(environ, start)

        def start_last(status: str, headers: list[tuple[str, str]], *more: object) -> object:
            return start(status, [*headers, ("Connection", "close")], *more)  # type: ignore[arg-type]  # passed on as they came

        return self._application(environ, start_last)  # type: ignore[arg-type]  # returns what `start` does

    def _refuse(
        self, status: HTTPStatus, environ: WSGIEnvironment, start: StartResponse
    ) -> list[bytes]:
        """A line for programs; for what readers may have typed, a page in their language."""
        if status is not HTTPStatus.REQUEST_URI_TOO_LONG:
            return _answer(status, start, f"{status.value} {status.phrase}\n".encode(), "plain")
        body = self._too_long(environ["PATH_INFO"])
        _answer(status, start, body, "html")
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def find_refusal(environ: WSGIEnvironment, body_limit: int) -> Refusal | None:
    """What is wrong with a request, if anything."""
    if environ["REQUEST_METHOD"] not in METHODS:
        return Refusal("method", HTTPStatus.NOT_IMPLEMENTED)
    return _check_target(environ) or _check_headers(environ) or _check_body(environ, body_limit)


def _check_target(environ: WSGIEnvironment) -> Refusal | None:
    # Servers that keep the target as it came tell it by one of these names.
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ["PATH_INFO"]
    if not raw.startswith("/"):
        return Refusal("target", HTTPStatus.BAD_REQUEST)
    # A server that gives the raw target gives the query in it too.
    query = "" if "?" in raw else environ.get("QUERY_STRING", "")
    if len(raw) + len(query) > LONGEST_TARGET:
        return Refusal("target_length", HTTPStatus.REQUEST_URI_TOO_LONG)
    return None


def _check_headers(environ: WSGIEnvironment) -> Refusal | None:
    host = environ.get("HTTP_HOST", "")
    # Two Host lines arrive joined by a comma, which no host contains.
    if not _HOST.fullmatch(host):
        return Refusal("host", HTTPStatus.BAD_REQUEST)
    if not environ.keys().isdisjoint(_UNDERSCORED):
        return Refusal("header_name", HTTPStatus.BAD_REQUEST)
    size = sum(
        len(name) + len(value) for name, value in environ.items() if name.startswith("HTTP_")
    )
    if size > LARGEST_HEADERS:
        return Refusal("headers_size", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
    return None


def _check_body(environ: WSGIEnvironment, limit: int) -> Refusal | None:
    # No form of the portal needs a chunked body, and where a length came with it the server has
    # dropped the one or the other: nobody can tell any more what the proxy believed.
    if "HTTP_TRANSFER_ENCODING" in environ:
        return Refusal("transfer_encoding", HTTPStatus.LENGTH_REQUIRED)
    length = environ.get("CONTENT_LENGTH") or "0"
    if not _LENGTH.fullmatch(length):
        return Refusal("content_length", HTTPStatus.BAD_REQUEST)
    if int(length) > limit:
        return Refusal("body_size", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return None


def _answer(status: HTTPStatus, start: StartResponse, body: bytes, kind: str) -> list[bytes]:
    start(
        f"{status.value} {status.phrase}",
        [
            ("Content-Type", f"text/{kind}; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", ERROR_CACHE_CONTROL),
            # Whatever follows on this connection may be the rest of a body.
            ("Connection", "close"),
            *SECURITY_HEADERS,
        ],
    )
    return [body]
