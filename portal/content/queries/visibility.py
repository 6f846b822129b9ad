"""Who sees what when: the conditions every reader-facing query shares."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy import and_
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from portal.content.models import Article
from portal.content.reader import Reader


def listed(reader: Reader) -> ColumnElement[bool]:
    """Articles that lists show now: published, due, not expired, in the reader's language."""
    return and_(
        Article.site == reader.site,
        Article.locale == reader.locale,
        Article.kind == "article",
        Article.status == "published",
        Article.published_at <= reader.now,
        or_(Article.expires_at.is_(None), Article.expires_at > reader.now),
    )


def clip_to_next_change(reader: Reader) -> None:
    """Note when lists change by themselves: at the site's next publication or expiry.

    One statement per page serves every list. A list of another section may end with it too
    early, never too late.
    """

    def load(inner: Reader) -> None:
        inner.reads.clip(_next_change(inner))

    reader.once("next-change", load)


def _next_change(reader: Reader) -> datetime | None:
    shared = (
        Article.site == reader.site,
        Article.locale == reader.locale,
        Article.kind == "article",
        Article.status == "published",
    )
    publication = select(func.min(Article.published_at)).where(
        *shared, Article.published_at > reader.now
    )
    expiry = select(func.min(Article.expires_at)).where(
        Article.site == reader.site, Article.expires_at > reader.now
    )
    row = reader.session.execute(
        select(publication.scalar_subquery(), expiry.scalar_subquery())
    ).one()
    return min((moment for moment in row if moment is not None), default=None)
