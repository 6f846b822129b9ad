"""Conditions (`show`) as data: who sees a placement, and when that answer changes by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PageFacts:
    """Everything a condition may ask about a page. `section` is a slug path, `tags` are slugs."""

    page_type: str
    locale: str
    section: str | None = None
    tags: frozenset[str] = frozenset()


class Condition:
    """A test of a page; immutable."""

    __slots__ = ()

    def holds(self, page: PageFacts, now: datetime) -> bool:
        """Whether the placement is shown on `page` at `now` (aware UTC)."""
        raise NotImplementedError

    def next_change(self, now: datetime) -> datetime | None:
        """The next moment after `now` at which `holds` may answer differently by itself."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Everywhere(Condition):
    """Always true; what a condition becomes when it is decided at load."""

    def holds(self, page: PageFacts, now: datetime) -> bool:
        return True

    def next_change(self, now: datetime) -> datetime | None:
        return None
