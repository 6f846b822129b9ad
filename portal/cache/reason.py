"""Why an entry is shown, why it is not, and why it was made: in a word, for people who ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from typing import get_args

Kind = Literal[
    "missed",
    "fresh",
    "stale",
    "expired",
    "clipped",
    "ended",
    "ahead",
    "trimmed",
    "epoch",
    "early",
    "rechosen",
    "bypassed",
    "unshared",
    "foreign",
    "format",
    "truncated",
    "oversized",
    "forged",
]
"""The last five are refusals of what the shared tier holds (`portal.cache.sealing.Refusal`)."""

KINDS: tuple[Kind, ...] = get_args(Kind)
"""In the order of their numbers in sealed entries: new ones go to the end."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason.

    `tag` and `position` name the row of the log that `ended` an entry; `at` is the moment
    (seconds since the epoch, UTC) at which what it shows changed by itself (`clipped`).
    """

    kind: Kind
    tag: str = ""
    position: int = 0
    at: float = 0.0


MISSED = Reason("missed")
