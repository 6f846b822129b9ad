"""Where the addresses of the old system, and of pages that moved, lead now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from typing import cast

from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import select

from portal.content import tags
from portal.content.models import Redirect as RedirectRow
from portal.content.queries.articles import find_article
from portal.content.reader import Reader
from portal.content.redirects import fold_path
from portal.content.redirects import holds_query
from portal.content.values import Article
from portal.content.values import Redirect

redirect = cast("Table", RedirectRow.__table__)

_AT_PATH = (
    select(
        redirect.c.host,
        redirect.c.query,
        redirect.c.target,
        redirect.c.article_id,
        redirect.c.code,
    )
    .where(
        redirect.c.site == bindparam("site"),
        redirect.c.path == bindparam("path"),
        redirect.c.host.in_(bindparam("hosts", expanding=True)),
    )
    .order_by(redirect.c.id)
)


def find_redirect(
    reader: Reader, host: str, path: str, query: Mapping[str, str]
) -> Redirect | None:
    """The rule that matches a request most closely: with a host, then with the most arguments.

    `path` is decoded. A rule that leads to an article which readers cannot see has no effect,
    unless it was withdrawn: its address then answers 410 with the reason.
    """
    reader.reads.record(tags.REDIRECTS)
    places = {
        "site": reader.site,
        "path": fold_path(path),
        "hosts": ["", host.casefold()],
    }
    rows = [
        row
        for row in reader.session.execute(_AT_PATH, places).mappings()
        if holds_query(query, row["query"])
    ]
    rows.sort(key=lambda row: (row["host"] == "", -len(row["query"])))
    return next(filter(None, (_resolve(reader, row) for row in rows)), None)


def _resolve(reader: Reader, row: Mapping[Any, Any]) -> Redirect | None:
    if row["code"] == 410:
        return Redirect("", 410)
    if row["article_id"] is None:
        return Redirect(row["target"], row["code"])
    found = find_article(reader, row["article_id"])
    if isinstance(found, Article):
        return Redirect(found.path, row["code"])
    return Redirect("", 410) if found is not None else None
