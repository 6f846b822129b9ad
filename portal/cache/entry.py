"""A cache entry: what was rendered, from which state of the content, and how long it may live."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from portal.block import Group
from portal.block import HeadPart
from portal.block import Subject
from portal.content.stamps import Stamp


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an address leads to: a page (`status` 200, 404, 410) or another address (301, 308)."""

    status: int
    subject: Subject | None = None
    section_key: str | None = None
    tags: frozenset[str] = frozenset()
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A cached answer. Times are seconds since the epoch (UTC).

    A fragment has `html`, `head` and `assets`; the first phase of a list block has `groups`; an
    address has a `resolution`. `tags` name the rows and lists that were read; the implicit `*`
    is the tag of a purge of everything.
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
    cost: float = 0.0

    @property
    def size(self) -> int:
        """Bytes this entry is counted with: its HTML plus an estimate of everything beside it."""
        return len(self.html) + 200 * len(self.head) + 60 * len(self.tags) + 500


def seal_digest(*parts: object) -> str:
    """A short digest of rendered content; equal content gives equal ETags in every process."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part if isinstance(part, bytes) else repr(part).encode()
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


def seconds(moment: datetime) -> float:
    """A moment as entries store it."""
    return moment.timestamp()
