"""A read-only view of the content, and the record of what was read through it.

Queries take a `Reader`, never a session: what a block shows and what ends its cache entry are
then recorded in one place, and block authors write no tags.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Hashable
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from typing import cast

from sqlalchemy.orm import Session

Value = TypeVar("Value")


@dataclass(slots=True)
class Reads:
    """What was read: tags of rows and lists, and the next moment an answer changes by itself."""

    tags: set[str] = field(default_factory=set)
    until: datetime | None = None

    def record(self, *tags: str) -> None:
        """Note that the answer depends on these tags."""
        self.tags.update(tags)

    def clip(self, moment: datetime | None) -> None:
        """Note that the answer may change by itself at `moment` (aware UTC)."""
        if moment is not None and (self.until is None or moment < self.until):
            self.until = moment

    def merge(self, other: Reads) -> None:
        """Add everything `other` read."""
        self.tags |= other.tags
        self.clip(other.until)


@dataclass(frozen=True, slots=True)
class Reader:
    """One snapshot of one site's content, seen in one locale at one moment.

    `now` is the page's time (aware UTC): every query of the page compares with it, so a page
    cannot see an article as published in one block and as scheduled in the next.
    """

    session: Session
    site: str
    locale: str
    default_locale: str
    time_zone: str
    now: datetime
    reads: Reads = field(default_factory=Reads)
    expected: set[int] = field(default_factory=set)
    """Articles whose summaries the page will ask for; the first question reads them all."""
    _memory: dict[Hashable, tuple[object, Reads]] = field(default_factory=dict)

    def recording(self) -> Reader:
        """The same view with an empty record, for the next block of the page."""
        return replace(self, reads=Reads())

    def once(self, key: Hashable, load: Callable[[Reader], Value]) -> Value:
        """Load something at most once per page; every asker still records what it depends on."""
        known = self._memory.get(key)
        if known is None:
            inner = self.recording()
            known = (load(inner), inner.reads)
            self._memory[key] = known
        value, reads = known
        self.reads.merge(reads)
        return cast("Value", value)
