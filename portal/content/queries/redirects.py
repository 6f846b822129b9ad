"""Where addresses of old systems lead: matched by path and a part of the query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from sqlalchemy import select

from portal.content import models
from portal.content.reader import Reader


@dataclass(frozen=True, slots=True)
class Redirect:
    """An old address's new one; `code` 410 says that there is none."""

    target: str
    code: int


def find_redirect(
    reader: Reader, host: str, path: str, query: Mapping[str, str]
) -> Redirect | None:
    """The redirect whose path matches without case and whose query is part of the request's.

    Of several the one that asks for most wins: host named before any host, more query before less.
    """
    row = models.Redirect
    found = reader.session.execute(
        select(row.host, row.query, row.target, row.code).where(
            row.site == reader.site,
            row.path == unquote(path).casefold(),
            row.host.in_(("", host.casefold())),
        )
    ).all()
    asked = {name.casefold(): value for name, value in query.items()}
    fitting = [
        item
        for item in found
        if all(asked.get(name.casefold()) == value for name, value in item.query.items())
    ]
    if not fitting:
        return None
    best = max(fitting, key=lambda item: (item.host != "", len(item.query), item.target))
    return Redirect(best.target, best.code)
