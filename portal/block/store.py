"""What a block's own routes work with: the content, for reading and for writing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime
from datetime import timedelta
from typing import TYPE_CHECKING
from typing import TypeVar
from typing import cast
from zoneinfo import ZoneInfo

# A block serves several applications; only the request knows which one it came to.
from flask import current_app  # noqa: TID251 - see above; blocks get the store, not the app

from portal.block.limits import RateLimit
from portal.content.reader import Reader
from portal.site import Site

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Value = TypeVar("Value")

EXTENSION = "portal.store"


@dataclass(frozen=True, slots=True)
class Store:
    """The site's content. `read` opens a snapshot in a locale; `write` a transaction for commands.

    What a route stores must never show in a cached fragment unless the command logs its tags.
    """

    site: Site
    clock: Callable[[], datetime]
    read: Callable[[str], AbstractContextManager[Reader]]
    write: Callable[[], AbstractContextManager[Session]]
    _limits: dict[str, RateLimit] = field(default_factory=dict)
    _recent: dict[str, tuple[datetime, object]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def today(self) -> date:
        """The day in the site's zone."""
        return self.clock().astimezone(ZoneInfo(self.site.time_zone)).date()

    def limit(self, name: str, burst: int, per: timedelta) -> RateLimit:
        """This process's limit of a name: `burst` at once, as many again within `per`."""
        with self._lock:
            return self._limits.setdefault(name, RateLimit(burst, per))

    def recent(self, name: str, age: timedelta, load: Callable[[], Value]) -> Value:
        """What `load` gave within the last `age`, so that many readers cost one question."""
        now = self.clock()
        with self._lock:
            known = self._recent.get(name)
            if known is not None and now - known[0] < age:
                return cast("Value", known[1])
            value = load()
            self._recent[name] = (now, value)
            return value


def current_store() -> Store:
    """The store of the application that answers the present request."""
    return cast("Store", current_app.extensions[EXTENSION])
