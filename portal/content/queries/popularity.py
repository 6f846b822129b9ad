"""Which articles are read most."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from datetime import time
from datetime import timedelta
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import Date
from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import select

from portal.content import tags
from portal.content.models import ArticleViews
from portal.content.queries.visibility import LISTED
from portal.content.queries.visibility import OF_SITE
from portal.content.queries.visibility import article
from portal.content.queries.visibility import clip_row
from portal.content.queries.visibility import places
from portal.content.reader import Reader

article_views = cast("Table", ArticleViews.__table__)

_TOTAL = func.sum(article_views.c.views)
# Counted from the days' index alone before articles are looked at: what nobody read costs nothing.
_READ = (
    select(article_views.c.article_id, _TOTAL.label("views"))
    .where(article_views.c.day > bindparam("since", type_=Date()))
    .group_by(article_views.c.article_id)
    .having(_TOTAL >= bindparam("minimum"))
    .subquery()
)
_ITS_ARTICLE = article.c.id == _READ.c.article_id
_MOST_READ = (
    select(
        _READ.c.article_id.label("id"),
        select(article.c.expires_at).where(_ITS_ARTICLE).scalar_subquery().label("expires_at"),
    )
    # Not a join: SQLite would rather begin it with all articles of the site.
    .where(select(article.c.id).where(_ITS_ARTICLE, OF_SITE, LISTED).exists())
    .order_by(_READ.c.views.desc(), _READ.c.article_id.desc())
    .limit(bindparam("most"))
)


def most_read(reader: Reader, days: int, limit: int, minimum: int = 1) -> tuple[int, ...]:
    """The articles read most in the last `days` days (today counts), at least `minimum` times.

    The order follows readers, not editors: it changes without a trace in the change log, so the
    asker's cache policy decides how old it may be, and no longer than the day. Ties go to the
    higher id.
    """
    zone = ZoneInfo(reader.time_zone)
    today = reader.now.astimezone(zone).date()
    tomorrow = datetime.combine(today + timedelta(days=1), time(), zone)
    reader.reads.clip(tomorrow.astimezone(UTC))
    values = places(reader, since=today - timedelta(days=days), minimum=minimum, most=limit)
    found = reader.session.execute(_MOST_READ, values).all()
    for row in found:
        # One that is withdrawn leaves at once, and the next one moves up.
        reader.reads.record(tags.article(row.id))
        clip_row(reader, None, row.expires_at)
    return tuple(row.id for row in found)
