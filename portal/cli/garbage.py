"""When to look for garbage, and when not."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """For the start of a process: all that there is at its end is taken to stay.

    Looking for garbage in it would take an eighth of the start; and later a collection that marks
    what all workers share would give each of them its own copy.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
