"""The one function that decides whether a stored entry may stand on a page."""

from __future__ import annotations

from portal.cache.entry import Entry
from portal.cache.table import View


def usable(entry: Entry, position: int, view: View, now: float) -> bool:
    """Whether `entry` is true on a page whose content stands at `position`, at `now` (seconds).

    It is when it is of the current epoch, its stamp is not above what this process knows of the
    log nor below the log's floor, the page itself is above the floor (or stands exactly at the
    stamp), its time has not run out, and nothing it shows changed after the earlier of its own
    stamp and the page's position.
    """
    stamp = entry.stamp
    if stamp.epoch != view.epoch or not view.floor <= stamp.position <= view.position:
        return False
    if position < view.floor and position != stamp.position:
        return False
    if now >= entry.fresh_until:
        return False
    return not view.changed_after(entry.tags, min(stamp.position, position))


def may_stand_in(entry: Entry, now: float, seconds: float) -> bool:
    """Whether an ended entry may still replace a block that fails: only for a stated while."""
    return now < entry.created + seconds
