"""Who may see an article, and when that changes by itself."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import BindParameter
from sqlalchemy import ColumnElement
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
# Without the site, so that the indexes of sections and topics answer alone: what these, tags,
# pins and similar articles belong to is of one site by itself.
LISTED: ColumnElement[bool] = and_(
    article.c.locale == LOCALE,
    article.c.kind == "article",
    article.c.status == "published",
    article.c.first_published_at <= NOW,
    or_(article.c.expires_at.is_(None), article.c.expires_at > NOW),
)
NEWEST_FIRST = (article.c.first_published_at.desc(), article.c.id.desc())

_EDGES = select(
    select(func.min(article.c.first_published_at))
    .where(
        OF_SITE,
        article.c.locale == LOCALE,
        article.c.kind == "article",
        article.c.status == "published",
        article.c.first_published_at > NOW,
    )
    .scalar_subquery(),
    select(func.min(article.c.expires_at))
    .where(
        OF_SITE,
        article.c.locale == LOCALE,
        article.c.expires_at > NOW,
    )
    .scalar_subquery(),
)


def places(reader: Reader, **more: object) -> dict[str, object]:
    """The values of a statement's places."""
    return {"now": reader.now, "site": reader.site, "locale": reader.locale, **more}


def clip_list(reader: Reader) -> None:
    """Bound a list's life by the next moment at which any list of the page can change by itself.

    That is the site's next publication or expiry in the reader's language, read once per page.
    """
    reader.reads.clip(reader.once(("edge", reader.locale), _next_edge))


def _next_edge(reader: Reader) -> datetime | None:
    moments = reader.session.execute(_EDGES, places(reader)).one()
    return min((moment for moment in moments if moment is not None), default=None)


def clip_row(reader: Reader, published: datetime | None, expires: datetime | None) -> None:
    """Bound an answer's life by what is still to come of one article."""
    for moment in (published, expires):
        if moment is not None and moment > reader.now:
            reader.reads.clip(moment)
