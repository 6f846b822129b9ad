"""A cache entry: what was rendered, from which state of the content, and how long it may live."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

from portal.block import Group
from portal.block import HeadPart
from portal.block import Subject
from portal.cache.reason import MISSED
from portal.cache.reason import Reason
from portal.content.stamps import Stamp

RENDERED = "html"
CHOSEN = "ids"
WHOLE_PAGE = "page"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an address leads to: a page (`status` 200, 404, 410) or another address (301, 308)."""

    status: int
    subject: Subject | None = None
    section_key: str | None = None
    tags: frozenset[str] = frozenset()
    location: str | None = None


class Entry(NamedTuple):
    """A cached answer. Times are seconds since the epoch (UTC).

    A tuple, since a page from the shared tier makes dozens: a frozen dataclass takes five times as
    long to make.

    A fragment has `html`, `head` and `assets`; the first phase of a list block has `groups`; an
    address has a `resolution`; a whole page has its `html` as gzip, and the `states` of its
    placements. `tags` name the rows and lists that were read, and the classes of
    these; the tag `*` of a purge of everything is implied.

    `fresh_until` is when the entry is to be renewed, `stale_until` until when it may be shown
    while somebody renews it; neither is later than `ends`, the moment at which the content
    changes by itself (a scheduled publication, midnight). `label` tells the entries of one key
    apart: what a list chose from (`ids`), and a rendering for each choice (`html …`). `cause` is
    why it was made; it is kept with it, so that every process can tell.
    """

    stamp: Stamp
    tags: frozenset[str]
    created: float
    fresh_until: float
    stale_until: float
    digest: str
    html: bytes = b""
    head: tuple[HeadPart, ...] = ()
    assets: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    resolution: Resolution | None = None
    states: tuple[tuple[str, str], ...] = ()
    cost: float = 0.0
    ends: float | None = None
    label: str = RENDERED
    cause: Reason = MISSED

    @property
    def useful_until(self) -> float:
        """Until when a store has use for it; of a page that grew old the parts are renewed."""
        return self.fresh_until if self.label == WHOLE_PAGE else self.stale_until

    @property
    def size(self) -> int:
        """Bytes this entry is counted with: HTML and head, and an estimate of all beside them."""
        # Python keeps a text with Vietnamese letters at two bytes for each letter.
        head = sum(200 + 2 * part.size for part in self.head)
        return len(self.html) + head + 60 * len(self.tags) + 500


def seal_digest(*parts: object) -> str:
    """A short digest of rendered content; equal content gives equal ETags in every process."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part if isinstance(part, bytes) else repr(part).encode()
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()
