"""Finished pages: given out again as long as everything on them may still be shown.

A page rests on entries of the cache. While the view of the log does not move nothing is judged;
when it has moved, all of the page's entries are judged at once under the new view, by the same
function as ever. So a remembered page is as true as one that is put together anew.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

from portal.cache import Entry
from portal.cache import Held
from portal.cache import View
from portal.cache import is_true
from portal.compose.page import Page
from portal.compose.page import PageRequest
from portal.forking import begin_anew_after_fork

_OVERHEAD = 2_000


@dataclass(slots=True)
class Remembered:
    """A page with what it rests on. It is true until `until`, to be renewed from `early` on.

    `proved` is when the log was last known to say that it is true; when the log cannot be read the
    page may be shown for `grace` seconds more. `weight` are the bytes it is counted
    with, `forms` are for whoever answers requests: the page as it was sent, by encoding.
    """

    request: PageRequest
    page: Page
    entries: tuple[Entry, ...]
    view: View
    until: float
    early: float
    proved: float
    grace: float
    weight: int
    forms: dict[str, object] = field(default_factory=dict)
    used: bool = False

    def is_true_at(self, view: View, now: float) -> bool:
        """Whether it may be given out at `view` and `now` (seconds)."""
        if now >= self.until:
            return False
        if self.view is view:
            return True
        return all(is_true(entry, view.position, view) for entry in self.entries)


class PageMemory:
    """A bounded store of pages, counted in bytes. Safe to share between threads.

    A page that was asked for since the last round stays when others have to leave (second
    chance), so that a hit costs neither a lock nor a move.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._pages: OrderedDict[PageRequest, Remembered] = OrderedDict()
        self.after_fork()
        begin_anew_after_fork(self)
        self.bytes = 0

    def after_fork(self) -> None:
        """Have a lock that nobody holds."""
        self._lock = threading.Lock()

    def find(self, request: PageRequest, view: View, now: float) -> Remembered | None:
        """The page for `request` if it is true at `view` and `now` (seconds)."""
        known = self._pages.get(request)
        if known is None or not known.is_true_at(view, now):
            return None
        known.view = view
        known.proved = now
        known.used = True
        return known

    def find_doubted(
        self, request: PageRequest, view: View, now: float, doubt: float
    ) -> Page | None:
        """The page for `request` if it was proved not too long ago, for when the log is away.

        `doubt` are the seconds since it could be read.
        """
        known = self._pages.get(request)
        if known is None:
            return None
        since = now - known.proved
        if all(is_true(entry, view.position, view) for entry in known.entries):
            since = min(since, doubt)
        return replace(known.page, degraded=True) if since <= known.grace else None

    def peek(self, request: PageRequest) -> Remembered | None:
        """What is remembered for `request`, whether it is still true or not."""
        return self._pages.get(request)

    def put(self, known: Remembered) -> None:
        """Remember a page instead of what was known for its request."""
        weight = known.weight
        if weight > self._capacity:
            return
        with self._lock:
            old = self._pages.pop(known.request, None)
            self.bytes += weight - (old.weight if old is not None else 0)
            self._pages[known.request] = known
            while self.bytes > self._capacity:
                request, oldest = self._pages.popitem(last=False)
                if oldest.used:
                    oldest.used = False
                    self._pages[request] = oldest
                else:
                    self.bytes -= oldest.weight

    def clear(self) -> None:
        """Forget every page; their entries stay in the cache."""
        with self._lock:
            self._pages.clear()
            self.bytes = 0

    def __len__(self) -> int:
        return len(self._pages)


def proved_at(held: Held, page: Remembered | None) -> float:
    """When an entry was last known to be true; a page is proved with all that it shows."""
    if page is not None and any(entry is held.entry for entry in page.entries):
        return max(held.proved, page.proved)
    return held.proved


def is_kept(page: Page) -> bool:
    """Whether a page shows everything as it is, so that its next reader may have it as well."""
    return page.status == 200 and not page.degraded and page.lifetime > 0


def weigh(page: Page) -> int:
    """The bytes that a page is counted with."""
    # The compressed forms come later; together they are about half of the page again.
    return len(page.content) * 3 // 2 + _OVERHEAD


def as_kept(page: Page) -> Page:
    """The page as its next reader sees it: nothing on it is rendered for them."""
    if "rendered" not in page.states.values():
        return page
    states = page.states.items()
    return replace(
        page, states={key: "fresh" if state == "rendered" else state for key, state in states}
    )
