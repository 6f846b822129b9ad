"""Tokens of programs: they come in a header, never in an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from portal.web.services import Services

_BEARER = "Bearer "


def token_for(services: Services, scope: str) -> str | None:
    """The id of the token that the request brings, if it is for `scope`."""
    offered = request.headers.get("Authorization", "")
    if not services.has_operators or not offered.startswith(_BEARER):
        return None
    from portal.content import operators  # noqa: PLC0415 - only a portal with operators has any

    with services.read(services.site.default_locale) as reader:
        return operators.token_allows(reader.session, offered.removeprefix(_BEARER), scope)
