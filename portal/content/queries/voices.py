"""Sums of what readers left behind. They are shown beside cached pages, so nothing is recorded."""

from __future__ import annotations

from datetime import date
from datetime import timedelta
from typing import cast

from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import select

from portal.content.models import Rating
from portal.content.models import SiteVisits
from portal.content.queries.visibility import SITE
from portal.content.reader import Reader
from portal.content.values import RatingTotals
from portal.content.values import VisitTotals

rating = cast("Table", Rating.__table__)
visits = cast("Table", SiteVisits.__table__)

_VOTES = (
    select(rating.c.score, func.count().label("number"))
    .where(rating.c.site == SITE, rating.c.article_id == bindparam("article"))
    .group_by(rating.c.score)
)


def rating_totals(reader: Reader, article: int) -> RatingTotals:
    """The votes on an article, by score."""
    rows = reader.session.execute(_VOTES, {"site": reader.site, "article": article}).all()
    counts = {row.score: row.number for row in rows}
    first, second, third, fourth, fifth = (counts.get(score, 0) for score in range(1, 6))
    return RatingTotals((first, second, third, fourth, fifth))


def visit_totals(reader: Reader, today: date) -> VisitTotals:
    """Opened pages today, since Monday, since the first of the month, and in all."""
    monday = today - timedelta(days=today.weekday())
    since = (today, monday, today.replace(day=1), date(1900, 1, 1))
    sums = [
        func.coalesce(func.sum(visits.c.visits).filter(visits.c.day >= day), 0) for day in since
    ]
    row = reader.session.execute(select(*sums).where(visits.c.site == SITE), {"site": reader.site})
    return VisitTotals(*(int(number) for number in row.one()))
