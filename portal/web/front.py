"""Answers pages that are ready before Flask: a look at the log, a look into memory, bytes out.

Ready is as well what this process only has to put together, or to take from another one.

Only what is plainly a reader's request for a page goes this way; everything else, and every page
that is not ready, takes the long one. Both give the same answers.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING
from typing import Any

from portal.compose import PageRequest
from portal.compose import Remembered
from portal.web.addresses import parse_address
from portal.web.forms import Headers
from portal.web.forms import cache_status
from portal.web.forms import choose_coding
from portal.web.forms import for_networks
from portal.web.forms import form_of
from portal.web.forms import matches

if TYPE_CHECKING:
    from portal.web.services import Services

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

ASKED = "portal.asked"
"""Where the WSGI environment holds what `Composer.receive` asked."""

# Requests with one of these ask for something that the long way knows.
_BESIDE = frozenset({"HTTP_RANGE", "HTTP_SURROGATE_CAPABILITY", "HTTP_AUTHORIZATION"})
_MOST_ADDRESSES = 8192
# What is remembered is bounded in bytes as well: longer ones are for nobody but strangers.
_LONGEST_ADDRESS = 500


class Front:
    """The WSGI application around Flask's."""

    def __init__(self, application: Application, services: Services) -> None:
        self._application = application
        self._services = services
        self._hosts = frozenset(services.trusted_hosts)
        self._request_at = lru_cache(maxsize=_MOST_ADDRESSES)(self._parse)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer from memory, or have it answered."""
        method = environ["REQUEST_METHOD"]
        if (
            method not in {"GET", "HEAD"}
            or environ.get("QUERY_STRING")
            or not environ.keys().isdisjoint(_BESIDE)
            or (self._hosts and environ.get("HTTP_HOST", "") not in self._hosts)
        ):
            return self._application(environ, start_response)
        path = environ.get("PATH_INFO", "")
        request = self._request_at(path) if len(path) <= _LONGEST_ADDRESS else None
        known = self._find(request, environ) if request is not None else None
        if known is None:
            return self._application(environ, start_response)
        form = form_of(known, choose_coding(environ.get("HTTP_ACCEPT_ENCODING", "")))
        more = self._more(known.until, known.page)
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if asked is not None and matches(asked, form):
            start_response("304 NOT MODIFIED", form.validators + more)
            return ()
        start_response("200 OK", form.headers + more)
        return (form.body,) if method == "GET" else ()

    def _find(self, request: PageRequest, environ: dict[str, Any]) -> Remembered | None:
        """The finished page; what was asked of others in vain goes on with the request."""
        composer = self._services.composer
        known = composer.recall(request)
        if known is None:
            known, environ[ASKED] = composer.receive(request)
        return known

    def _more(self, until: float, page: Any) -> Headers:
        services = self._services
        more: Headers = []
        if services.cdn_seconds or services.tells_cache_status:
            left = until - services.clock().timestamp()
            more += for_networks(left, services.cdn_seconds)
            if services.tells_cache_status:
                more += cache_status(page, "hit", left)
        return more

    def _parse(self, path: str) -> PageRequest | None:
        if not path.isascii() or path.startswith("/-/"):
            return None
        address = parse_address(path, None, self._services.site)
        if address is None or address.form not in {"page", "print"}:
            return None
        return address.request
