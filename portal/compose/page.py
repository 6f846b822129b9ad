"""What goes into composition and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Literal

from portal.block import Failure

BlockState = Literal["fresh", "rendered", "stand-in", "hidden", "empty", "not-shown"]


@dataclass(frozen=True, slots=True)
class PageRequest:
    """All that may go inward from an HTTP request; nothing else of it reaches a block.

    `path` has no locale prefix, no suffix and no query. `failure` asks for an error page.
    """

    path: str
    locale: str
    page_number: int = 1
    printing: bool = False
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page. `etag` follows from the digests of its fragments; `lifetime` is seconds.

    `tags` name what the page shows, for surrogate keys. `states` tells per placement key how its
    fragment came to be. `location` makes it a redirect.
    """

    status: int
    locale: str
    body: bytes = b""
    etag: str = ""
    lifetime: float = 0.0
    tags: frozenset[str] = frozenset()
    location: str | None = None
    states: Mapping[str, BlockState] = field(default_factory=dict)
    position: int = -1
