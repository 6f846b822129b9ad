"""What goes into composition and what comes out of it."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Literal

from portal.block import Failure
from portal.content.values import SearchQuery

BlockState = Literal[
    "fresh", "rendered", "stale", "stand-in", "hidden", "empty", "not-shown", "deferred"
]

_LEVEL = 6

SOUND: frozenset[BlockState] = frozenset(
    {"fresh", "rendered", "stale", "empty", "not-shown", "deferred"}
)
"""States of blocks of a page that shows everything as it is.

A `stale` block is true as far as the log knows; only its time ran out, and it is being renewed.
"""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """All that may go inward from an HTTP request; nothing else of it reaches a block.

    `path` has no locale prefix, no suffix and no query. `failure` asks for an error page,
    `fragment` for one placement of the page alone. `edge` says that an edge server puts blocks
    in (ESI), `full` that nothing may be left for later. `search` are the declared
    query arguments of a search.
    """

    path: str
    locale: str
    page_number: int = 1
    printing: bool = False
    failure: Failure | None = None
    fragment: str = ""
    edge: bool = False
    full: bool = False
    search: SearchQuery | None = None

    @property
    def later(self) -> frozenset[str]:
        """The ways of delivery (`deliver`) that this page leaves to others."""
        if self.full or self.printing or self.failure is not None:
            return frozenset()
        return frozenset({"fetch", "esi"}) if self.edge else frozenset({"fetch"})


class Body:
    """The bytes of a page, plain and as gzip: either is made of the other at its first use.

    Compressing is deterministic, so every process that has the same page sends the same bytes.
    """

    __slots__ = ("_gzipped", "_plain")

    def __init__(self, plain: bytes | None = None, gzipped: bytes | None = None) -> None:
        self._plain = plain
        self._gzipped = gzipped

    @property
    def plain(self) -> bytes:
        """The HTML."""
        if self._plain is None:
            self._plain = gzip.decompress(self._gzipped) if self._gzipped else b""
        return self._plain

    @property
    def gzipped(self) -> bytes:
        """The HTML compressed."""
        if self._gzipped is None:
            self._gzipped = gzip.compress(self.plain, _LEVEL, mtime=0)
        return self._gzipped

    def __len__(self) -> int:
        """Bytes of HTML; estimated where only the gzip is there."""
        return len(self._plain) if self._plain is not None else 4 * len(self._gzipped or b"")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Body) and self.plain == other.plain

    def __hash__(self) -> int:
        return hash(self.plain)


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page. `etag` follows from the digests of its fragments; `lifetime` is seconds.

    `tags` name what the page shows, for surrogate keys. `states` tells per placement key how its
    fragment came to be. `location` makes it a redirect. A `degraded` page shows something that
    could not be made or could not be proved to be current; `edge` says that it contains ESI.
    """

    status: int
    locale: str
    content: Body = Body(b"")
    etag: str = ""
    lifetime: float = 0.0
    tags: frozenset[str] = frozenset()
    location: str | None = None
    states: Mapping[str, BlockState] = field(default_factory=dict)
    position: int = -1
    degraded: bool = False
    edge: bool = False

    @property
    def body(self) -> bytes:
        """The HTML."""
        return self.content.plain
