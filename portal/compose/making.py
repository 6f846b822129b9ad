"""What a page makes and asks others for on its way, kept over all attempts at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

from portal.cache import CHOSEN
from portal.cache import Kind
from portal.compose.worker import RenderWorker


@dataclass(slots=True)
class Made:
    """What a page made: keys, those of them that processes may share, and whom to tell."""

    tell: Callable[[str], None] = lambda key: None
    keys: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)

    def note(self, key: str, label: str, *, shared: bool) -> None:
        """An entry was made; a list is made when it is rendered, not when it has chosen."""
        self.keys.add(key)
        if shared:
            self.shared.add(key)
        if label != CHOSEN:
            self.tell(key)


@dataclass(frozen=True, slots=True)
class Making:
    """The means of a pass that may render: a snapshot, and the record of what was made."""

    worker: RenderWorker
    made: Made


@dataclass(slots=True)
class Asked:
    """What the shared tier was asked for a page, and what it said; one for all attempts at it.

    It is asked once, for the page as a whole, its parts, or both. `arrived` are keys that came,
    `refused` those of which it holds something that is not shown. `whole_key` is where the page is
    missing as a whole. `seconds` is how long the page has waited.
    """

    for_whole: bool = False
    for_parts: bool = False
    arrived: set[str] = field(default_factory=set)
    refused: dict[str, Kind] = field(default_factory=dict)
    whole_key: str | None = None
    seconds: float = 0.0
