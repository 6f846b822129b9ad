"""Typed settings and the cache policy a block declares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel
from pydantic import BeforeValidator
from pydantic import ConfigDict
from pydantic import PlainSerializer
from pydantic import WithJsonSchema

from portal.durations import format_duration
from portal.durations import parse_duration


def _read_duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


Duration = Annotated[
    timedelta,
    BeforeValidator(_read_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(ms|s|m|h|d)$"}),
]
"""A setting written as in layout files: `30s`, `10m`, `1h`, `7d`."""


class Settings(BaseModel):
    """The typed settings of a block: every field has a default and a line of help below it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class NoSettings(Settings):
    """For blocks that have nothing to set."""


@dataclass(frozen=True, slots=True, init=False)
class CachePolicy:
    """How long a fragment may be shown as it is (`fresh`), and after that while it is remade.

    A placement may override both. A scheduled publication, an expiry or a day that ends
    shortens `fresh` by itself; no block needs to know.
    """

    fresh: timedelta
    stale: timedelta
    off: bool

    def __init__(self, fresh: str = "1h", stale: str = "1d", *, off: bool = False) -> None:
        object.__setattr__(self, "fresh", parse_duration(fresh))
        object.__setattr__(self, "stale", parse_duration(stale))
        object.__setattr__(self, "off", off)
