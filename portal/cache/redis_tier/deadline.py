"""The deadline of a call: all that happens within it gets what is left of its time."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class _Deadline(threading.local):
    end = math.inf


_deadline = _Deadline()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give the calls inside `seconds` in all; inside another `within`, the outer one holds."""
    if _deadline.end != math.inf:
        yield
        return
    _deadline.end = time.monotonic() + seconds
    try:
        yield
    finally:
        _deadline.end = math.inf


def left(at_most: float) -> float:
    """What is left for one wait. Raises `TimeoutError` when that is nothing."""
    seconds = min(at_most, _deadline.end - time.monotonic())
    if seconds <= 0:
        raise TimeoutError("the time for this call is over")
    return seconds
