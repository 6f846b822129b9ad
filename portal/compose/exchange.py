"""What a page takes from the tier that processes share, and what it leaves there.

A page is asked for as a whole by a process that does not know its address yet, in one question
with its parts; these are opened only if the whole is of no use. As long as pages come whole the
next one is asked for without its parts, and the first in vain is made without asking again: no
page asks twice, and the next one is asked for with its parts. A whole page is an entry like any
other: true at the position at which everything on it was judged, named by all that any part of it
shows, alive as long as the part that ends first. Who asked in vain stores it once it is made.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
from time import monotonic
from typing import cast

from portal.cache import RENDERED
from portal.cache import WHOLE_PAGE
from portal.cache import Entry
from portal.cache import Found
from portal.cache import View
from portal.cache import early_renewal
from portal.cache import usable
from portal.compose.attempt import Attempt
from portal.compose.making import Asked
from portal.compose.page import BlockState
from portal.compose.page import Body
from portal.compose.page import Page
from portal.compose.page import PageRequest
from portal.compose.passes import Composition
from portal.compose.passes import Passes
from portal.compose.remembered import Remembered
from portal.compose.remembered import as_kept
from portal.compose.remembered import is_kept
from portal.compose.remembered import weigh
from portal.content.stamps import Stamp


class Exchange:
    """Takes and leaves. Holds no state of a page; safe to share between threads."""

    def __init__(self, parts: Composition, passes: Passes) -> None:
        self._parts = parts
        self._passes = passes
        self._comes_whole = False

    def receive(self, request: PageRequest, view: View, asked: Asked) -> Remembered | None:
        """The page as a whole, if its address is unknown here and the page before came so.

        While pages come whole, as to a new worker, nothing else of them need be thought of.
        """
        if not self._comes_whole or self._is_known(request):
            return None
        known, _ = self._ask(request, view, self._parts.clock().timestamp(), asked, ())
        # What is never shared as a whole was not asked for: its parts may be there.
        asked.for_parts = asked.for_whole
        return known

    def _is_known(self, request: PageRequest) -> bool:
        """Whether this process had the page already, or knows where its address leads."""
        parts, route = self._parts, self._passes.route_key(request)
        held = parts.memory.peek(route, RENDERED) or parts.absent.peek(route, RENDERED)
        return held is not None or parts.pages.peek(request) is not None

    def fetch(
        self, request: PageRequest, attempt: Attempt, *, as_whole: bool = True
    ) -> tuple[Page | None, Attempt]:
        """Take what is missing, all in one question, unless this page has asked before.

        The attempt that is given back has the page, or what is missing still.
        """
        parts, asked = self._parts, attempt.asked
        if asked.for_parts:
            return None, attempt
        wanted, asked.for_parts = sorted(attempt.missing), True
        if as_whole and self._passes.route_key(request) in attempt.missing:
            known, found = self._ask(request, attempt.view, attempt.seconds, asked, wanted)
            if known is not None:
                attempt.received = known
                return known.page, attempt
        else:
            started = monotonic()
            found = parts.shared.get_many(attempt.view.epoch, wanted)
            asked.seconds += monotonic() - started
        asked.refused.update(found.refused)
        if not found:
            return None, attempt
        parts.memory.put_packs(found)
        asked.arrived |= found.keys()
        attempt = self._passes.attempt(self.view_over(attempt.view, found.values()), asked=asked)
        return self._passes.run(request, attempt), attempt

    def view_over(self, view: View, packs: Iterable[tuple[Entry, ...]]) -> View:
        """A view that can judge these entries: another process may have seen more of the log."""
        newest = max((entry.stamp.position for pack in packs for entry in pack), default=-1)
        return self._parts.table.ensure() if newest > view.position else view

    def share(
        self, request: PageRequest, attempt: Attempt, page: Page | None, keys: Collection[str]
    ) -> frozenset[str]:
        """Store the packs of `keys`, and the page if it was asked for in vain, all in one go.

        Done behind the reader's back; gives the keys for which that was begun.
        """
        parts, epoch = self._parts, attempt.view.epoch
        packs = {key: pack for key in keys if (pack := parts.memory.pack(key))}
        stored = frozenset(packs)
        whole, key = self._whole_entry(attempt, page), attempt.asked.whole_key
        if whole is not None and key is not None:
            packs[key] = (whole,)
            attempt.asked.whole_key = None
        if not packs:
            return frozenset()
        now = parts.clock().timestamp()
        begun = parts.storing.add(lambda: parts.shared.set_many(epoch, packs, now))
        return stored if begun else frozenset()

    # --- whole pages --------------------------------------------------------------------------

    def _ask(
        self, request: PageRequest, view: View, now: float, asked: Asked, wanted: Sequence[str]
    ) -> tuple[Remembered | None, Found]:
        """The page as a whole, unless this page has asked for it before, else what is wanted."""
        shared, epoch = self._parts.shared, view.epoch

        def is_usable(entry: Entry) -> bool:
            nonlocal view
            view = self.view_over(view, ((entry,),))
            return entry.label == WHOLE_PAGE and usable(entry, view.position, view, now)

        key = None if asked.for_whole else self._passes.whole_key(request)
        started = monotonic()
        if key is None:
            whole, found = None, shared.get_many(epoch, wanted)
        else:
            asked.for_whole = True
            whole, found = shared.get_page(epoch, key, wanted, is_usable)
            self._comes_whole = whole is not None
            asked.whole_key = None if whole is not None else key
        asked.seconds += monotonic() - started
        return None if whole is None else _unpack(request, whole, view, now), found

    def _whole_entry(self, attempt: Attempt, page: Page | None) -> Entry | None:
        """The page as an entry, if it was asked for in vain and others may have it."""
        if page is None or attempt.asked.whole_key is None or not attempt.is_shareable:
            return None
        if attempt.aged or not is_kept(page):
            return None
        until = attempt.seconds + page.lifetime
        ends = [entry.ends for entry in attempt.used if entry.ends is not None]
        return Entry(
            stamp=Stamp(attempt.view.epoch, attempt.position),
            tags=page.tags,
            created=attempt.seconds,
            fresh_until=until,
            stale_until=until + attempt.grace,
            digest=page.etag,
            html=page.content.gzipped,
            states=tuple(sorted(as_kept(page).states.items())),
            cost=sum(entry.cost for entry in attempt.used),
            ends=min(ends, default=None),
            label=WHOLE_PAGE,
        )


def _unpack(request: PageRequest, whole: Entry, view: View, now: float) -> Remembered:
    """The page out of its entry, on which alone it rests."""
    page = Page(
        200,
        request.locale,
        Body(gzipped=whole.html),
        whole.digest,
        whole.fresh_until - now,
        whole.tags,
        states=cast("dict[str, BlockState]", dict(whole.states)),
        position=whole.stamp.position,
    )
    return Remembered(
        request,
        page,
        (whole,),
        view,
        whole.fresh_until,
        early_renewal(whole, random.random()),  # noqa: S311 - no secret
        now,
        whole.stale_until - whole.fresh_until,
        weigh(page),
    )
