"""Conditions (`show`) as data: who sees a placement, and when that answer changes by itself."""

from __future__ import annotations

from abc import ABC
from abc import abstractmethod
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class PageFacts:
    """Everything a condition may ask about a page. `section` is a slug path, `tags` are slugs."""

    page_type: str
    locale: str
    section: str | None = None
    tags: frozenset[str] = frozenset()


class Condition(ABC):
    """A test of a page; immutable."""

    __slots__ = ()

    @abstractmethod
    def holds(self, page: PageFacts, now: datetime) -> bool:
        """Whether the placement is shown on `page` at `now` (aware UTC)."""

    @abstractmethod
    def next_change(self, now: datetime) -> datetime | None:
        """The next moment after `now` at which `holds` may answer differently by itself."""


class Timeless(Condition):
    """A test whose answer for a page never changes by itself."""

    __slots__ = ()

    def next_change(self, now: datetime) -> datetime | None:
        return None


@dataclass(frozen=True, slots=True)
class Everywhere(Timeless):
    """Always true; what a condition becomes when it is decided at load."""

    def holds(self, page: PageFacts, now: datetime) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Nowhere(Timeless):
    """Never true; the other thing a condition becomes when it is decided at load."""

    def holds(self, page: PageFacts, now: datetime) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class InSection(Timeless):
    """The page belongs to one of these sections (slug paths) or to a section below them."""

    sections: tuple[str, ...]

    def holds(self, page: PageFacts, now: datetime) -> bool:
        where = page.section
        return where is not None and any(
            where == section or where.startswith(f"{section}/") for section in self.sections
        )


@dataclass(frozen=True, slots=True)
class HasTag(Timeless):
    """The page's article carries at least one of these tags (slugs)."""

    tags: frozenset[str]

    def holds(self, page: PageFacts, now: datetime) -> bool:
        return not self.tags.isdisjoint(page.tags)


@dataclass(frozen=True, slots=True)
class InLocale(Timeless):
    """The page is in one of these languages."""

    locales: frozenset[str]

    def holds(self, page: PageFacts, now: datetime) -> bool:
        return page.locale in self.locales


@dataclass(frozen=True, slots=True)
class IsPageType(Timeless):
    """The page is of one of these types; decided at load, because a layout serves one type."""

    page_types: frozenset[str]

    def holds(self, page: PageFacts, now: datetime) -> bool:
        return page.page_type in self.page_types


@dataclass(frozen=True, slots=True)
class Between(Condition):
    """The day lies in a window; both days belong to it. No day on a side leaves that side open.

    Days begin and end at midnight of `time_zone` (the site's), summer time included.
    """

    first: date | None
    last: date | None
    time_zone: str

    @property
    def begins(self) -> datetime | None:
        """The first moment of the window (aware UTC)."""
        return None if self.first is None else self._midnight(self.first)

    @property
    def ends(self) -> datetime | None:
        """The first moment after the window (aware UTC)."""
        return None if self.last is None else self._midnight(self.last + timedelta(days=1))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)

    def holds(self, page: PageFacts, now: datetime) -> bool:
        begins, ends = self.begins, self.ends
        return (begins is None or begins <= now) and (ends is None or now < ends)

    def next_change(self, now: datetime) -> datetime | None:
        return min(
            (moment for moment in (self.begins, self.ends) if moment and moment > now),
            default=None,
        )


@dataclass(frozen=True, slots=True)
class All(Condition):
    """Every part holds."""

    parts: tuple[Condition, ...]

    def holds(self, page: PageFacts, now: datetime) -> bool:
        return all(part.holds(page, now) for part in self.parts)

    def next_change(self, now: datetime) -> datetime | None:
        return _first_change(self.parts, now)


@dataclass(frozen=True, slots=True)
class Any(Condition):
    """At least one part holds."""

    parts: tuple[Condition, ...]

    def holds(self, page: PageFacts, now: datetime) -> bool:
        return any(part.holds(page, now) for part in self.parts)

    def next_change(self, now: datetime) -> datetime | None:
        return _first_change(self.parts, now)


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """The part does not hold."""

    part: Condition

    def holds(self, page: PageFacts, now: datetime) -> bool:
        return not self.part.holds(page, now)

    def next_change(self, now: datetime) -> datetime | None:
        return self.part.next_change(now)


def _first_change(parts: tuple[Condition, ...], now: datetime) -> datetime | None:
    moments = (part.next_change(now) for part in parts)
    return min((moment for moment in moments if moment is not None), default=None)


def decide(condition: Condition, page_type: str) -> Condition:
    """The condition with everything decided that the page type alone decides."""
    if isinstance(condition, IsPageType):
        return Everywhere() if page_type in condition.page_types else Nowhere()
    if isinstance(condition, Not):
        part = decide(condition.part, page_type)
        if isinstance(part, Everywhere):
            return Nowhere()
        return Everywhere() if isinstance(part, Nowhere) else Not(part)
    if isinstance(condition, All):
        parts = tuple(decide(part, page_type) for part in condition.parts)
        if any(isinstance(part, Nowhere) for part in parts):
            return Nowhere()
        open_parts = tuple(part for part in parts if not isinstance(part, Everywhere))
        return All(open_parts) if open_parts else Everywhere()
    if isinstance(condition, Any):
        parts = tuple(decide(part, page_type) for part in condition.parts)
        if any(isinstance(part, Everywhere) for part in parts):
            return Everywhere()
        open_parts = tuple(part for part in parts if not isinstance(part, Nowhere))
        return Any(open_parts) if open_parts else Nowhere()
    return condition
