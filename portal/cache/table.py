"""What this process knows of the log: the last position of every tag, complete up to a position."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from portal.content.stamps import LogRows
from portal.content.stamps import LogSource
from portal.errors import ContentUnavailable
from portal.forking import begin_anew_after_fork

EVERYTHING = "*"
TRUST_SECONDS = 1.0
"""How long a proof that the table is current is believed while a follower keeps it."""
_ATTEMPTS = 5


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


def running_seconds() -> float:
    """A clock that goes on while the machine sleeps: a proof must not outlive a suspension."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class LogTable:
    """Keeps the view current from the log. Safe to share between threads.

    Without a follower every question reads the log (`strict`); with one (`follow`) the view is
    believed while it was proved current within the last second. `renew` gives the database a new
    epoch: it is called when the log is found behind what was read from it before.
    """

    def __init__(
        self,
        source: LogSource,
        *,
        follow: bool = False,
        renew: Callable[[], object] | None = None,
        clock: Callable[[], float] = running_seconds,
    ) -> None:
        self.view = View()
        self.follow = follow
        self.after_fork()
        begin_anew_after_fork(self)
        self._source = source
        self._renew = renew
        self._clock = clock
        self._proved_at = self._doubted_at = -math.inf

    def after_fork(self) -> None:
        """Have locks that nobody holds; what was read is as true here."""
        self._lock = threading.Lock()
        self._proving = threading.Lock()

    def current(self, *, strict: bool = False) -> View:
        """A view that shows every change acknowledged before this call (`follow`: a second ago).

        Raises `ContentUnavailable` when that cannot be proved.
        """
        if self.follow and not strict and self.age <= TRUST_SECONDS:
            return self.view
        return self.ensure()

    @property
    def age(self) -> float:
        """Seconds since the view was last proved current."""
        return self._clock() - self._proved_at

    def find_trouble(self) -> str | None:
        """What keeps a follower from proving the view, for who watches; none before it began."""
        age = self.age
        if not self.follow or age <= TRUST_SECONDS or math.isinf(age):
            return None
        return f"nobody follows it since {age:.0f} s; every page asks the database"

    def notice(self) -> None:
        """Take in what this process has just committed: its next page shows it.

        A follower hears of it a moment later. If the log cannot be read now, nothing is believed
        until it was.
        """
        if not self.follow:
            return
        try:
            self.ensure()
        except ContentUnavailable:
            with self._proving:
                # What was asked before proves nothing either, though it be answered later.
                self._doubted_at, self._proved_at = self._clock(), -math.inf

    def ensure(self) -> View:
        """Read where the log stands now and return a view at least that far.

        Raises `ContentUnavailable` when the log cannot be read.
        """
        for _ in range(_ATTEMPTS):
            # Both are taken before the log is asked. A head below the view then proves that the
            # log went back, while a view taken afterwards could be ahead only because another
            # thread was faster; and what was proved is the state at the moment of the question.
            view, asked_at = self.view, self._clock()
            head = self._source.head()
            if head.epoch != view.epoch or head.position != view.position:
                view = self._catch_up(view, head)
            # The database may have gone back between head and rows, and the rows were dropped.
            if view.epoch == head.epoch and view.position >= head.position:
                with self._proving:
                    if asked_at > self._doubted_at:
                        self._proved_at = max(self._proved_at, asked_at)
                return view
        raise ContentUnavailable("the change log changes its epoch faster than it can be read")

    def _catch_up(self, view: View, head: LogRows) -> View:
        if head.epoch == view.epoch and head.position > view.position:
            return self.merge(self._source.rows(after=view.position))
        if head.epoch == view.epoch and self._renew is not None:
            # Positions of this epoch will be drawn a second time: nothing of it may be believed.
            self._renew()
        with self._lock:
            if self.view is view:
                self.view = View()
        return self.merge(self._source.rows(after=-1))

    def merge(self, rows: LogRows) -> View:
        """Take in rows read in one snapshot; the position never falls within an epoch.

        Rows of another epoch are dropped, since positions of two epochs do not compare and nobody
        can say which of the two is the later one; only an empty table takes a full load. Rows
        that leave a gap above what is known are dropped too.
        """
        with self._lock:
            view = self.view
            if rows.epoch != view.epoch:
                if rows.after < 0 and not view.epoch:
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
