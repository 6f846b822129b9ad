"""Adds to the sums of how often articles were read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import cast

from sqlalchemy import Date
from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.content.models import Article
from portal.content.models import ArticleViews
from portal.errors import ContentError

article_views = cast("Table", ArticleViews.__table__)

# Both databases speak this; SQLAlchemy's own upsert differs by dialect.
_ADD = text(
    "INSERT INTO article_views (article_id, day, views) VALUES (:article_id, :day, :views)"
    " ON CONFLICT (article_id, day) DO UPDATE SET views = article_views.views + excluded.views"
).bindparams(bindparam("day", type_=Date()))


def add_views(session: Session, site: str, views: Mapping[tuple[int, date], int]) -> None:
    """Add to how often articles (by id) were read on days of the site's zone.

    Articles of other sites or that are gone are passed over. No cache entry ends: what shows
    these sums renews itself by time. Raises `ContentError` for a negative number.
    """
    if any(count < 0 for count in views.values()):
        raise ContentError("views are added, never taken away; give numbers from 0")
    numbers = {number for number, _ in views}
    known = set(
        session.execute(
            select(Article.id).where(Article.site == site, Article.id.in_(sorted(numbers)))
        ).scalars()
    )
    # In one order, so that two processes that add at once never wait for each other.
    rows = [
        {"article_id": number, "day": day, "views": count}
        for (number, day), count in sorted(views.items())
        if number in known and count
    ]
    if rows:
        session.execute(_ADD, rows)
