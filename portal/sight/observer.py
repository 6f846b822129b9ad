"""What the rooms tell about their work; the default listener is silent."""

from __future__ import annotations

from typing import Protocol


class Observer(Protocol):
    """Hears of blocks and dependencies. Must be quick, never raise, and be safe between threads.

    Names come from small sets (installed blocks, tiers, kinds of failure): each one is a time
    series for as long as the process lives.
    """

    def rendered(self, block: str, seconds: float) -> None:
        """A block's code and template ran."""

    def failed(self, block: str, kind: str) -> None:
        """A block gave no fragment: `error`, `overtime`, `database`, `breaker` (left alone)."""

    def served(self, block: str, tier: str, age: float | None = None) -> None:
        """A fragment went into a page that was composed: from `memory` or `redis`, `rendered` for
        it, `stale` (its time is over), `stand-in` (the block failed); `hidden` when there is none.

        `age` are the seconds since it was rendered, where it was not rendered for this page.
        """

    def gave(self, tier: str) -> None:
        """A page was given: `composed` of its fragments, `received` from another process as a
        whole, or `remembered`."""

    def refused(self, kind: str) -> None:
        """A request was turned away before it reached a page: the reason in one word."""

    def asked(self, dependency: str, seconds: float) -> None:
        """A dependency (`database`, `redis`) answered."""

    def unanswered(self, dependency: str, kind: str) -> None:
        """A dependency failed: `error`, `timeout`, `refused` …"""


class _Silent:
    def rendered(self, block: str, seconds: float) -> None: ...
    def failed(self, block: str, kind: str) -> None: ...
    def served(self, block: str, tier: str, age: float | None = None) -> None: ...
    def gave(self, tier: str) -> None: ...
    def refused(self, kind: str) -> None: ...
    def asked(self, dependency: str, seconds: float) -> None: ...
    def unanswered(self, dependency: str, kind: str) -> None: ...


SILENT: Observer = _Silent()
"""Hears everything and keeps nothing."""
