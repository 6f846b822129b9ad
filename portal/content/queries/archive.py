"""The articles of a year, a month, a day of the site's own calendar, and how many there are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlalchemy import literal
from sqlalchemy import select
from sqlalchemy import union_all

from portal.content import tags
from portal.content.columns import UtcDateTime
from portal.content.queries.addresses import collection_path
from portal.content.queries.visibility import LISTED
from portal.content.queries.visibility import LISTED_OF_ANY_TIME
from portal.content.queries.visibility import OF_SITE
from portal.content.queries.visibility import article
from portal.content.queries.visibility import clip_list
from portal.content.queries.visibility import places
from portal.content.reader import Reader
from portal.content.values import PeriodCount

_PERIOD = re.compile(r"(?:([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?)?")
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_MOMENT = timedelta(microseconds=1)
_OLDEST = select(func.min(article.c.first_published_at)).where(OF_SITE, LISTED)


def is_period(key: str) -> bool:
    """Whether `2026`, `2026-11`, `2026-11-24` or nothing names a time that the calendar has."""
    found = _PERIOD.fullmatch(key)
    if found is None:
        return False
    year, month, day = (int(part) if part else 1 for part in found.groups())
    try:
        return not key or 1900 < date(year, month, day).year < 3000
    except ValueError:
        return False


def period_bounds(reader: Reader, key: str) -> tuple[datetime, datetime]:
    """When a period begins and ends in the site's time zone, as far as it has come.

    With a second upper bound, of what is published, SQLite would count from the beginning of each
    period to the present.
    """
    until_now = reader.now + _MOMENT
    if not key:
        return _EARLIEST, until_now
    parts = [int(part) for part in key.split("-")]
    first = date(*(parts + [1, 1])[:3])
    if len(parts) == 1:
        last = date(first.year + 1, 1, 1)
    elif len(parts) == 2:
        last = (first + timedelta(days=31)).replace(day=1)
    else:
        last = first + timedelta(days=1)
    zone = ZoneInfo(reader.time_zone)
    since, until = (datetime.combine(day, time(), tzinfo=zone) for day in (first, last))
    return since.astimezone(UTC), min(until.astimezone(UTC), until_now)


def count_years(reader: Reader) -> tuple[PeriodCount, ...]:
    """The years that have articles, newest first; two statements."""
    clip_list(reader)
    reader.reads.record(tags.LIST_OF_SITE)
    oldest = reader.session.execute(_OLDEST, places(reader)).scalar()
    if oldest is None:
        return ()
    zone = ZoneInfo(reader.time_zone)
    first, last = (moment.astimezone(zone).year for moment in (oldest, reader.now))
    return _count(reader, [f"{year:04}" for year in range(last, first - 1, -1)])


def count_months(reader: Reader, year: int) -> tuple[PeriodCount, ...]:
    """The months of a year that have articles, newest first."""
    return _count(reader, [f"{year:04}-{month:02}" for month in range(12, 0, -1)])


def count_days(reader: Reader, year: int, month: int) -> tuple[PeriodCount, ...]:
    """The days of a month that have articles, newest first."""
    days = [f"{year:04}-{month:02}-{day:02}" for day in range(31, 0, -1)]
    return _count(reader, [key for key in days if is_period(key)])


def _count(reader: Reader, keys: Sequence[str]) -> tuple[PeriodCount, ...]:
    """One statement: every period is a range of the site's list index."""
    clip_list(reader)
    reader.reads.record(tags.LIST_OF_SITE)
    parts = []
    for key in keys:
        since, until = (literal(at, UtcDateTime()) for at in period_bounds(reader, key))
        within = (article.c.first_published_at >= since, article.c.first_published_at < until)
        parts.append(
            select(literal(key).label("key"), func.count().label("number")).where(
                OF_SITE, LISTED_OF_ANY_TIME, *within
            )
        )
    rows = reader.session.execute(union_all(*parts), places(reader)).all()
    counts = {row.key: row.number for row in rows}
    return tuple(
        PeriodCount(key, collection_path(reader, "archive", key), counts[key])
        for key in keys
        if counts[key]
    )
