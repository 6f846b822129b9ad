"""Whether this process is about to go: told by the server through two empty files.

`leaving` newer than the process: a successor is there or the server stops, so clients are asked to
connect anew. `stopping`: the whole server goes, so readiness is off.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

FOLDER_VARIABLE = "SERVING_FOLDER"
"""Environment variable by which the server tells its workers the folder of the marks."""

_LEAVING = "leaving"
_STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class Presence:
    """The marks in `folder`; without a folder nobody ever leaves."""

    folder: Path | None = None
    born: float = field(default_factory=time.time)

    def leaving(self) -> bool:
        """Whether clients should connect anew; asked at every request."""
        if self.folder is None:
            return False
        try:
            return (self.folder / _LEAVING).stat().st_mtime >= self.born
        except OSError:
            return False

    def stopping(self) -> bool:
        """Whether the server stops."""
        return self.folder is not None and (self.folder / _STOPPING).exists()


def mark_leaving(folder: Path) -> None:
    """Tell every worker that is here by now to send its clients away."""
    mark = folder / _LEAVING
    mark.touch()
    # The file system's own clock lags behind by some milliseconds.
    now = time.time()
    os.utime(mark, (now, now))


def mark_stopping(folder: Path) -> None:
    """Tell every worker that the server stops."""
    (folder / _STOPPING).touch()
    mark_leaving(folder)
