"""Typed settings and the cache policy a block declares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator
from pydantic import BeforeValidator
from pydantic import ConfigDict
from pydantic import PlainSerializer
from pydantic import WithJsonSchema

from portal.content.sanitise import clean_html
from portal.durations import format_duration
from portal.durations import parse_duration
from portal.field_help import Explained
from portal.site import check_address
from portal.text import normalise


def _read_duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


Duration = Annotated[
    timedelta,
    BeforeValidator(_read_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(ms|s|m|h|d)$"}),
]
"""A setting written as in layout files: `30s`, `10m`, `1h`, `7d`."""

LocalTime = Annotated[
    datetime,
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?$",
        }
    ),
]
"""A moment such as `2026-12-01T08:00`; without an offset it is one of the site's time zone.

Compare it with `ctx.clock.has_passed`, so that the fragment changes at that very second.
"""

Address = Annotated[str, AfterValidator(check_address)]
"""Where a link of the settings leads: `https://…`, `mailto:…`, `tel:…` or a path with one `/`."""


def _read_rich(text: dict[str, str]) -> dict[str, str]:
    return {locale: clean_html(source) for locale, source in text.items()}


RichText = Annotated[dict[str, str], AfterValidator(_read_rich)]
"""HTML by language, sanitised when it is loaded; print it with `ctx.rich`."""


def _read_words(text: dict[str, str]) -> dict[str, str]:
    words = {locale: " ".join(normalise(value).split()) for locale, value in text.items()}
    if not words or not all(words.values()):
        raise ValueError("must say something in every language it has, as in {vi: …, en: …}")
    return words


Words = Annotated[dict[str, str], AfterValidator(_read_words)]
"""A text by language that must not be empty, such as the text alternative of a picture."""


class Settings(Explained):
    """The typed settings of a block: every field has a default and a line of help below it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NoSettings(Settings):
    """For blocks that have nothing to set."""


@dataclass(frozen=True, slots=True, init=False)
class CachePolicy:
    """How long a fragment may be shown as it is (`fresh`), and after that while it is remade.

    A placement may override both. A scheduled publication, an expiry or a day that ends
    shortens `fresh` by itself; no block needs to know. `shared=False` keeps fragments in the
    process that made them: for what few readers ask twice, such as the results of a search.
    """

    fresh: timedelta
    stale: timedelta
    off: bool
    shared: bool

    def __init__(
        self, fresh: str = "1h", stale: str = "1d", *, off: bool = False, shared: bool = True
    ) -> None:
        object.__setattr__(self, "fresh", parse_duration(fresh))
        object.__setattr__(self, "stale", parse_duration(stale))
        object.__setattr__(self, "off", off)
        object.__setattr__(self, "shared", shared)
