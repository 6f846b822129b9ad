"""Whether a page of this site sent a request: for every route that changes something."""

from __future__ import annotations

from werkzeug.datastructures import Headers


def is_from_here(headers: Headers, host: str, *, unsaid: bool) -> bool:
    """Whether a page at `host` sent a request with these headers, as far as its browser says.

    `unsaid` is the answer when no page is named: the browser knows neither header, the reader
    began it by hand, or a program asks. Only where nothing else identifies who asks may it be
    true. (Fetch Metadata Request Headers, W3C; RFC 6454 section 7.)
    """
    told = headers.get("Sec-Fetch-Site")
    if told == "none":
        return unsaid
    if told is not None:
        return told == "same-origin"
    origin = headers.get("Origin")
    if origin is None:
        return unsaid
    # Compared as it came: not everything that is sent for an origin can be taken apart.
    return origin in {f"{scheme}://{host}" for scheme in ("http", "https")}
