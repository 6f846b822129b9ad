"""What this process knows of the log: the last position of every tag, complete up to a position."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from portal.content.stamps import LogRows
from portal.content.stamps import LogSource

EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class View:
    """The table at one position. Immutable: one view judges a page from its first block on."""

    epoch: str = ""
    floor: int = -1
    position: int = -1
    last: Mapping[str, int] = field(default_factory=dict)

    def changed_after(self, tags: Iterable[str], position: int) -> bool:
        """Whether one of `tags`, or everything, changed after `position`."""
        if position >= self.position:
            return False
        last = self.last
        if last.get(EVERYTHING, 0) > position:
            return True
        # A plain loop, not any(): this runs for every block of every page.
        for tag in tags:
            if last.get(tag, 0) > position:
                return True
        return False

    def ended_by(self, tags: Iterable[str], position: int) -> tuple[str, int] | None:
        """The tag and log position that ended an entry stamped `position`, if one did."""
        ended = [(self.last.get(tag, 0), tag) for tag in (*tags, EVERYTHING)]
        newest = max(ended, default=(0, ""))
        return (newest[1], newest[0]) if newest[0] > position else None


class LogTable:
    """Keeps the view current from the log. Safe to share between threads."""

    def __init__(self, source: LogSource) -> None:
        self.view = View()
        self._lock = threading.Lock()
        self._source = source

    def ensure(self) -> View:
        """Read where the log stands now and return a view at least that far.

        Raises the database's error when the log cannot be read.
        """
        # Taken before the log is asked: a head below it then proves that the log went back,
        # while a view taken afterwards could be ahead only because another thread was faster.
        view = self.view
        head = self._source.head()
        if head.epoch == view.epoch and head.position == view.position:
            return view
        if head.epoch != view.epoch or head.position < view.position:
            with self._lock:
                self.view = View()
            return self.merge(self._source.rows(after=-1))
        return self.merge(self._source.rows(after=view.position))

    def merge(self, rows: LogRows) -> View:
        """Take in rows read in one snapshot; the position never falls within an epoch.

        A full load of another epoch replaces the table, since positions of two epochs do not
        compare. Rows that leave a gap above what is known are dropped.
        """
        with self._lock:
            view = self.view
            if rows.epoch != view.epoch:
                if rows.after < 0:
                    self.view = View(rows.epoch, rows.floor, rows.position, dict(rows.rows))
            elif rows.after > view.position:
                pass
            elif rows.position > view.position or rows.rows:
                last = dict(view.last)
                for tag, position in rows.rows:
                    if position > last.get(tag, 0):
                        last[tag] = position
                self.view = View(
                    view.epoch,
                    max(view.floor, rows.floor),
                    max(view.position, rows.position),
                    last,
                )
            return self.view
