"""What composition asks of the tier that processes share, and the answer where there is none."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Protocol

from portal.cache.entry import Entry
from portal.cache.reason import Kind


class Found(dict[str, tuple[Entry, ...]]):
    """What is stored, by key; `refused` tells of other keys why what lies there is not shown."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: dict[str, Kind] = {}


class Shared(Protocol):
    """A store that may lose, delay or replay anything. No method raises because of it."""

    @property
    def is_available(self) -> bool:
        """Whether asking makes sense at the moment."""

    def get_many(self, epoch: str, keys: Sequence[str]) -> Found:
        """What is stored under these keys; one round trip."""

    def get_page(
        self, epoch: str, page: str, parts: Sequence[str], is_usable: Callable[[Entry], bool]
    ) -> tuple[Entry | None, Found]:
        """The entry under `page` if it is usable, else what is stored of `parts`."""

    def look(self, epoch: str, key: str) -> tuple[Entry, ...] | Kind:
        """What is stored under one key, or in a word why it is refused; for explanations."""

    def set_many(self, epoch: str, packs: Mapping[str, Sequence[Entry]], now: float) -> None:
        """Store what was rendered; one round trip."""

    def claim(self, epoch: str, keys: Collection[str], milliseconds: int) -> frozenset[str]:
        """The keys that no other process is making; ours until given back or abandoned.

        A process that is killed or stopped loses them after so many milliseconds.
        """

    def abandon(self, epoch: str, keys: Collection[str]) -> None:
        """Let claimed keys become free when their time is over; asks nobody."""

    def release(self, epoch: str, keys: Collection[str]) -> None:
        """Give claimed keys back."""

    @property
    def call_seconds(self) -> float:
        """How long one call may take."""

    def statistics(self) -> Mapping[str, int]:
        """Counts since the start of this process."""

    def close(self) -> None:
        """Close every connection."""


class NothingShared:
    """One process alone, or readers that are to do without: every key is ours to make."""

    is_available = False

    def get_many(self, epoch: str, keys: Sequence[str]) -> Found:
        """Nothing."""
        return Found()

    def get_page(
        self, epoch: str, page: str, parts: Sequence[str], is_usable: Callable[[Entry], bool]
    ) -> tuple[Entry | None, Found]:
        """Nothing."""
        return None, Found()

    def look(self, epoch: str, key: str) -> tuple[Entry, ...] | Kind:
        """Nothing."""
        return ()

    def set_many(self, epoch: str, packs: Mapping[str, Sequence[Entry]], now: float) -> None:
        """Nowhere to store it."""

    def claim(self, epoch: str, keys: Collection[str], milliseconds: int) -> frozenset[str]:
        """All of them."""
        return frozenset(keys)

    def abandon(self, epoch: str, keys: Collection[str]) -> None:
        """Nobody waits."""

    def release(self, epoch: str, keys: Collection[str]) -> None:
        """Nobody waits."""

    @property
    def call_seconds(self) -> float:
        """Nobody is called."""
        return 0.0

    def statistics(self) -> Mapping[str, int]:
        """None."""
        return {}

    def close(self) -> None:
        """Nothing is open."""
