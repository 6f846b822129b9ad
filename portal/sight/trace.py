"""One request as it passes: its id, and where its time goes."""

from __future__ import annotations

import random
import re
import time
from contextvars import ContextVar
from contextvars import Token
from dataclasses import dataclass
from dataclasses import field

# Nothing that could break a log line or a header, and no room for somebody's data.
_WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(slots=True)
class Trace:
    """The id of a request and the seconds it has spent with each dependency, and how often."""

    id: str
    started: float = field(default_factory=time.perf_counter)
    spent: dict[str, float] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)

    def spend(self, dependency: str, seconds: float) -> None:
        """Note one question to a dependency."""
        self.spent[dependency] = self.spent.get(dependency, 0.0) + seconds
        self.asked[dependency] = self.asked.get(dependency, 0) + 1

    @property
    def seconds(self) -> float:
        """Since the request came in."""
        return time.perf_counter() - self.started

    def server_timing(self) -> str:
        """The value of a Server-Timing header (W3C Server Timing): milliseconds."""
        parts = [f"app;dur={self.seconds * 1000:.1f}"]
        parts += [
            f'{name};dur={spent * 1000:.1f};desc="{self.asked[name]}"'
            for name, spent in self.spent.items()
        ]
        return ", ".join(parts)


_CURRENT: ContextVar[Trace | None] = ContextVar("portal_trace", default=None)


def begin_trace(offered: str | None) -> tuple[Trace, Token[Trace | None]]:
    """Begin a request. `offered` is the id that a proxy sent: taken only when well-formed."""
    well_formed = offered is not None and _WELL_FORMED.fullmatch(offered)
    trace = Trace(offered if offered and well_formed else _new_id())
    return trace, _CURRENT.set(trace)


def _new_id() -> str:
    # Nobody has to be unable to guess it, and the system's numbers cost a call of the system.
    return f"{random.getrandbits(128):032x}"


def end_trace(token: Token[Trace | None]) -> None:
    """Forget the request that `begin_trace` began."""
    _CURRENT.reset(token)


def current_trace() -> Trace | None:
    """The request that this thread is working for, if any."""
    return _CURRENT.get()
