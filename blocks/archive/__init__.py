"""Years, months and days with the number of their articles, newest first."""

from __future__ import annotations

from dataclasses import dataclass

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Settings
from portal.content import queries
from portal.content.values import Collection
from portal.content.values import PeriodCount


class ArchiveSettings(Settings):
    """How the times are shown."""

    title: dict[str, str] = {}
    """Heading by language; empty uses “Lưu trữ theo thời gian”."""
    show_counts: bool = True
    """Say how many articles each time has."""
    open_newest: bool = True
    """Where the page is about no time of its own, show the months of the newest year."""


block = Block(
    "archive",
    __name__,
    settings=ArchiveSettings,
    accepts={"collection": Collection},
    cache=CachePolicy(fresh="1h", stale="1d"),
)

Context = BlockContext[ArchiveSettings]


@dataclass(frozen=True, slots=True)
class Period:
    """A time as a link; those inside it follow it."""

    name: str
    path: str
    count: int
    current: bool
    inside: tuple[Period, ...] = ()


@block.render
def render(ctx: Context) -> dict[str, object] | None:
    """All years; of the page's year its months, of the page's month its days."""
    years = queries.count_years(ctx.reader)
    if not years:
        return None
    shown = ctx.optional_collection
    key = shown.key if shown is not None and shown.kind == "archive" else ""
    opened = key or (years[0].key if ctx.settings.open_newest else "")
    return {
        "heading_text": ctx.site.text(ctx.settings.title, ctx.locale) or ctx.text("title"),
        "years": [_period(ctx, year, key, _months(ctx, year, key, opened)) for year in years],
    }


def _months(ctx: Context, year: PeriodCount, key: str, opened: str) -> tuple[Period, ...]:
    if not opened.startswith(year.key):
        return ()
    months = queries.count_months(ctx.reader, int(year.key))
    return tuple(_period(ctx, month, key, _days(ctx, month, key)) for month in months)


def _days(ctx: Context, month: PeriodCount, key: str) -> tuple[Period, ...]:
    if not key.startswith(month.key):
        return ()
    days = queries.count_days(ctx.reader, *(int(part) for part in month.key.split("-")))
    return tuple(_period(ctx, day, key, ()) for day in days)


def _period(ctx: Context, period: PeriodCount, key: str, inside: tuple[Period, ...]) -> Period:
    year, month, day = (*period.key.split("-"), "", "")[:3]
    if day:
        name = ctx.text("day", day=int(day), month=int(month))
    elif month:
        name = ctx.text(f"month_{month}")
    else:
        name = ctx.text("year", year=year)
    return Period(name, period.path, period.count, period.key == key, inside)
