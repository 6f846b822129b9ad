"""What a reader may be shown, judged from outside: it knows every state the content ever had.

A page is right when one single state has everything that it shows, and that state is not older
than what had been acknowledged to this reader when the page was begun.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from portal.cache.table import TRUST_SECONDS

BOUND = TRUST_SECONDS
"""Seconds after which an acknowledged change is visible in every process, whatever breaks."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a page that shows the version of one article."""

    name: str
    article: int

    @property
    def key(self) -> str:
        """Under what its entries are stored."""
        return f"{self.name}:{self.article}"


@dataclass(frozen=True, slots=True)
class Violation:
    """A page that no reader should have got."""

    kind: str
    shown: tuple[tuple[str, int], ...]
    required: int

    def __str__(self) -> str:
        return f"{self.kind} page {dict(self.shown)}: older than state {self.required}"


@dataclass(slots=True)
class Oracle:
    """The history of the content and of its acknowledgements; times are seconds."""

    history: list[dict[int, int]]
    violations: list[Violation] = field(default_factory=list)
    pages: int = 0
    _acknowledged: list[tuple[float, int]] = field(default_factory=list)

    def committed(self, changes: Mapping[int, int]) -> int:
        """Note a commit that gave articles new versions; returns the number of its state."""
        self.history.append({**self.history[-1], **changes})
        return len(self.history) - 1

    def acknowledged(self, state: int, now: float) -> None:
        """Note that the author of `state` was told that it is saved."""
        newest = self._acknowledged[-1][1] if self._acknowledged else 0
        self._acknowledged.append((now, max(newest, state)))

    def required(self, before: float) -> int:
        """The newest state that was acknowledged earlier than `before`."""
        for moment, state in reversed(self._acknowledged):
            if moment < before:
                return state
        return 0

    def check(self, shown: Mapping[Block, int], required: int) -> None:
        """Judge a page that is finished now."""
        self.pages += 1
        states = self.history[required:]
        for state in reversed(states):
            if all(state[block.article] == version for block, version in shown.items()):
                return
        stale = any(
            all(state[block.article] != version for state in states)
            for block, version in shown.items()
        )
        named = tuple((block.key, version) for block, version in shown.items())
        self.violations.append(Violation("stale" if stale else "torn", named, required))
