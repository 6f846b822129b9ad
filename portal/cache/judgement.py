"""The one function that decides whether a stored entry may stand on a page, and why not."""

from __future__ import annotations

from portal.cache.entry import Entry
from portal.cache.reason import Reason
from portal.cache.table import View


def usable(entry: Entry, position: int, view: View, now: float) -> bool:
    """Whether `entry` is true on a page whose content stands at `position`, at `now` (seconds).

    It is when it is of the current epoch, neither its stamp nor the page is above what this
    process knows of the log, its stamp is not below the log's floor, the page itself is above the
    floor (or stands exactly at the stamp), its time has not run out, and nothing it shows changed
    after the earlier of its own stamp and the page's position.
    """
    return now < entry.fresh_until and is_true(entry, position, view)


def is_true(entry: Entry, position: int, view: View) -> bool:
    """The same without the clock: whether the log says that the entry still shows what is."""
    stamp = entry.stamp
    if stamp.epoch != view.epoch or not view.floor <= stamp.position <= view.position:
        return False
    if position < view.floor and position != stamp.position:
        return False
    # Of a page above the view nobody knows what changed between the two.
    if position > view.position:
        return False
    return not view.changed_after(entry.tags, min(stamp.position, position))


def may_be_renewed_behind(entry: Entry, position: int, view: View, now: float) -> bool:
    """Whether it may be shown once more because somebody is renewing it: only its time ran out."""
    return now < entry.stale_until and is_true(entry, position, view)


def explain(entry: Entry, position: int, view: View, now: float) -> Reason:
    """Why `usable` says what it says."""
    stamp = entry.stamp
    if stamp.epoch != view.epoch:
        return Reason("epoch")
    if stamp.position > view.position or position > view.position:
        return Reason("ahead")
    if stamp.position < view.floor or (position < view.floor and position != stamp.position):
        return Reason("trimmed")
    ended = view.ended_by(entry.tags, min(stamp.position, position))
    if ended is not None:
        return Reason("ended", *ended)
    if now < entry.fresh_until:
        return Reason("fresh")
    if entry.ends is not None and now >= entry.ends:
        return Reason("clipped", at=entry.ends)
    return Reason("stale" if now < entry.stale_until else "expired")
