"""The shared board: which version of which article was acknowledged when, and what was in trouble.

A file that all processes map. Times are `time.monotonic()`, which is one clock for the whole
machine. Every number has one writer; a reader that comes too early for a number asks for less.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

MOST_VERSIONS = 16_384
MOST_TROUBLES = 4_096
_STOP, _HEADER = 0, 8


class Board:
    """One row of times for each article, by version; one row of troubles for each worker."""

    def __init__(self, file: Path, articles: int, workers: int) -> None:
        rows = articles * (MOST_VERSIONS + 2) + workers * MOST_TROUBLES
        size = 8 * (_HEADER + rows)
        if not file.exists():
            file.write_bytes(bytes(size))
        with file.open("r+b") as opened:
            self._numbers = memoryview(mmap.mmap(opened.fileno(), size)).cast("d")
        self._troubles = _HEADER + articles * (MOST_VERSIONS + 2)
        self.articles = articles

    # --- saving -------------------------------------------------------------------------------

    def begin(self, article: int, version: int) -> None:
        """This version may be committed from now on."""
        self._numbers[self._row(article)] = version

    def acknowledge(self, article: int, version: int) -> float:
        """This version is committed, and whoever saved it has been told so; returns when."""
        row = self._row(article)
        now = monotonic()
        self._numbers[row + 2 + version] = now
        self._numbers[row + 1] = version
        return now

    def begun(self, article: int) -> int:
        """The last version that anyone can have seen."""
        return int(self._numbers[self._row(article)])

    def acknowledged(self, article: int) -> int:
        """The last version that was acknowledged."""
        return int(self._numbers[self._row(article) + 1])

    def acknowledged_at(self, article: int, version: int) -> float:
        """When it was."""
        return float(self._numbers[self._row(article) + 2 + version])

    def required(self, article: int, moment: float) -> int:
        """The version that was acknowledged at `moment`; version 0 always was."""
        version = self.acknowledged(article)
        while version and self.acknowledged_at(article, version) > moment:
            version -= 1
        return version

    def _row(self, article: int) -> int:
        return _HEADER + article * (MOST_VERSIONS + 2)

    # --- trouble ------------------------------------------------------------------------------

    def note(self, worker: int) -> None:
        """A worker's trouble begins now, or is over now."""
        row = self._troubles + worker * MOST_TROUBLES
        count = int(self._numbers[row]) + 1
        self._numbers[row + count] = monotonic()
        self._numbers[row] = count

    def was_troubled(self, worker: int, start: float, end: float) -> bool:
        """Whether a worker was killed or stopped at some moment between two."""
        row = self._troubles + worker * MOST_TROUBLES
        times = list(self._numbers[row + 1 : row + 1 + int(self._numbers[row])])
        if len(times) % 2:
            times.append(math.inf)
        return any(start <= until and since <= end for since, until in batched(times))

    # --- the end ------------------------------------------------------------------------------

    def stop(self) -> None:
        """Tell every process to end."""
        self._numbers[_STOP] = 1

    @property
    def is_stopped(self) -> bool:
        """Whether it is over."""
        return self._numbers[_STOP] != 0


def batched(times: Sequence[float]) -> Iterator[tuple[float, float]]:
    """Pairs of neighbours that do not overlap."""
    return zip(times[::2], times[1::2], strict=True)
