"""Who may see an article, and when that changes by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from typing import cast

from sqlalchemy import BindParameter
from sqlalchemy import ColumnElement
from sqlalchemy import Label
from sqlalchemy import Table
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from portal.content.columns import UtcDateTime
from portal.content.models import Article
from portal.content.reader import Reader

article = cast("Table", Article.__table__)

# Statements are built once; these are the places that a reader fills (see `places`).
NOW = bindparam("now", type_=UtcDateTime())
SITE: BindParameter[str] = bindparam("site")
LOCALE: BindParameter[str] = bindparam("locale")

OF_SITE: ColumnElement[bool] = article.c.site == SITE
# For statements led by another index: as a plain equality SQLite, which keeps no figures about the
# content, would take the site's for the better one and read all articles.
OF_SITE_AFTER_ALL: ColumnElement[bool] = article.c.site.concat("") == SITE
# Without the site, so that the indexes of sections and topics answer alone: what these, tags,
# pins and similar articles belong to is of one site by itself.
LISTED_OF_ANY_TIME: ColumnElement[bool] = and_(
    article.c.locale == LOCALE,
    article.c.kind == "article",
    article.c.status == "published",
    or_(article.c.expires_at.is_(None), article.c.expires_at > NOW),
)
LISTED: ColumnElement[bool] = and_(LISTED_OF_ANY_TIME, article.c.first_published_at <= NOW)
NEWEST_FIRST = (article.c.first_published_at.desc(), article.c.id.desc())

_OTHER = article.alias("other")
_OF_LANGUAGE = and_(_OTHER.c.site == SITE, _OTHER.c.locale == LOCALE)


def _next_publication(kind: str) -> Label[Any]:
    statement = select(func.min(_OTHER.c.first_published_at)).where(
        _OF_LANGUAGE,
        _OTHER.c.kind == kind,
        _OTHER.c.status == "published",
        _OTHER.c.first_published_at > NOW,
    )
    return statement.scalar_subquery().label(f"next_{kind}")


EDGES = (
    _next_publication("article"),
    select(func.min(_OTHER.c.expires_at))
    .where(_OF_LANGUAGE, _OTHER.c.expires_at > NOW)
    .scalar_subquery()
    .label("next_expiry"),
)
"""When the site's next article comes and when its next one goes, for a statement that is asked
anyway; what it finds goes to `note_edges`."""
_EDGES = select(*EDGES)
_SEARCH_EDGES = select(*EDGES, _next_publication("page"))


def places(reader: Reader, **more: object) -> dict[str, object]:
    """The values of a statement's places."""
    return {"now": reader.now, "site": reader.site, "locale": reader.locale, **more}


def clip_list(reader: Reader) -> None:
    """Bound a list's life by the next moment at which any list of the page can change by itself.

    That is the site's next publication or expiry in the reader's language, read once per page.
    """
    reader.reads.clip(reader.once(("edge", reader.locale), _next_edge))


def clip_search(reader: Reader) -> None:
    """The same for what a search finds: static pages as well, which no list shows."""
    row = reader.session.execute(_SEARCH_EDGES, places(reader)).mappings().one()
    note_edges(reader, row)
    clip_list(reader)
    reader.reads.clip(row["next_page"])


def note_edges(reader: Reader, row: Mapping[Any, Any]) -> None:
    """Keep the `EDGES` of a row for the lists of the page, so that none has to ask."""
    edge = _earliest(row["next_article"], row["next_expiry"])
    reader.once(("edge", reader.locale), lambda _: edge)


def _next_edge(reader: Reader) -> datetime | None:
    return _earliest(*reader.session.execute(_EDGES, places(reader)).one())


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def clip_row(reader: Reader, published: datetime | None, expires: datetime | None) -> None:
    """Bound an answer's life by what is still to come of one article."""
    for moment in (published, expires):
        if moment is not None and moment > reader.now:
            reader.reads.clip(moment)
