"""A file that gets its name when it is whole, and leaves nothing behind when it never will be.

Who is killed at once, by a want of memory or of power, cannot tidy up. Whoever writes next to the
same name does it instead: a file that nobody holds a lock on has lost its writer.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

PRIVATE = 0o600
"""Mode of archives: drafts are in them."""

SUFFIX = ".unfinished"
"""Ends the names of archives that are being written."""


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """A file beside `target` that becomes it when everything went well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(target)
    handle, part = _begin(target)
    try:
        part.chmod(PRIVATE)
        yield part
        os.fsync(handle)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
        os.close(handle)


def _begin(target: Path) -> tuple[int, Path]:
    """A new file, locked for as long as its handle is open."""
    while True:
        handle, name = tempfile.mkstemp(SUFFIX, f".{target.name}.", target.parent)
        with suppress(OSError):  # some file systems have no locks; there nobody tidies up
            fcntl.flock(handle, fcntl.LOCK_EX)
        # Until it was locked, another process could take it for one without a writer.
        if os.fstat(handle).st_nlink:
            return handle, Path(name)
        os.close(handle)


def _remove_abandoned(target: Path) -> None:
    for file in target.parent.iterdir():
        if file.name.startswith(f".{target.name}.") and file.suffix == SUFFIX:
            # Locked by its writer, another user's, or gone by now.
            with suppress(OSError):
                _remove_unlocked(file)


def _remove_unlocked(file: Path) -> None:
    handle = os.open(file, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.unlink()
    finally:
        os.close(handle)
