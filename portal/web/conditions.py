"""Conditions and ranges of requests (RFC 9110 §13 and §14), where werkzeug's way is another one.

Whether the content changed is decided before which part of it is sent (§13.2.2), and a range that
makes no sense is ignored instead of refused (§14.2).
"""

from __future__ import annotations

import re

from flask import Response
from flask import request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

_ONE_RANGE = re.compile(
    r"bytes=\s*(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))\s*", re.IGNORECASE
)


def meet_conditions(response: Response) -> Response:
    """The whole, 304, or a part, as the request wants it; `response` has a length and a tag.

    Raises `RequestedRangeNotSatisfiable` (416) for a part beyond the end. Several parts at once
    are not given, but the whole.
    """
    length = response.content_length
    # Before it is 304, because that has no length.
    response.make_conditional(request.environ)
    if response.status_code == 200 and _is_sound(_range()):
        try:
            response.make_conditional(request.environ, accept_ranges=True, complete_length=length)
        except RequestedRangeNotSatisfiable:
            response.close()
            raise
    return response


def _range() -> str:
    return request.headers.get("Range", "")


def _is_sound(asked: str) -> bool:
    """Whether it is one range of bytes whose end is not before its beginning."""
    found = _ONE_RANGE.fullmatch(asked)
    return found is not None and (found[2] is None or int(found[1]) <= int(found[2]))
