"""Reader-visible words, dates and numbers in the reader's language.

A catalog is a YAML file of `key: {vi: …, en: …}`; both languages stand side by side, so a missing
one is seen where it is missing. Dates and numbers come from CLDR through Babel.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import get_timezone_gmt
from babel.numbers import format_decimal

from portal.errors import ConfigError
from portal.site import SHIPPED_LOCALES

_LANGUAGE_TAGS = {"vi": "vi_VN", "en": "en_GB"}

Message = str | Mapping[str, str]


class Catalog:
    """The texts of one owner (the portal's shell or one block) in every shipped locale."""

    __slots__ = ("_messages", "_owner")

    def __init__(self, owner: str, messages: Mapping[str, Mapping[str, Message]]) -> None:
        self._owner = owner
        self._messages = messages

    @classmethod
    def load(cls, owner: str, file: Path) -> Catalog:
        """Read a catalog; raise `ConfigError` for a text that lacks a shipped locale."""
        if not file.exists():
            return cls(owner, {})
        # The parser in C: every start of a process reads some forty catalogs.
        messages = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader) or {}
        for key, texts in messages.items():
            missing = [locale for locale in SHIPPED_LOCALES if not texts.get(locale)]
            if missing:
                raise ConfigError(
                    f"{file}: text {key!r} has no {' and no '.join(missing)};"
                    f" every text needs {', '.join(SHIPPED_LOCALES)}"
                )
        return cls(owner, messages)

    @property
    def keys(self) -> frozenset[str]:
        """All text keys, for tests that look for unused ones."""
        return frozenset(self._messages)

    def text(self, key: str, locale: str, **values: object) -> str:
        """The text in `locale` with `{name}` places filled.

        Where a text has plural forms, `count` chooses between them by CLDR's rule.
        """
        try:
            message = self._messages[key][locale]
        except KeyError:
            known = ", ".join(sorted(self._messages)) or "none"
            raise KeyError(
                f"{self._owner}: no text {key!r} in {locale!r} (known: {known})"
            ) from None
        if not isinstance(message, str):
            form = cldr_locale(locale).plural_form(int(str(values["count"])))
            message = message.get(form, message["other"])
        return message.format(**values) if values else message


@lru_cache
def cldr_locale(locale: str) -> Locale:
    """Babel's locale for one of ours (`vi` → `vi_VN`)."""
    return Locale.parse(_LANGUAGE_TAGS[locale])


def open_graph_locale(locale: str) -> str:
    """The locale as OpenGraph writes it: `vi_VN`."""
    return _LANGUAGE_TAGS[locale]


def format_day(day: date, locale: str) -> str:
    """`Thứ Ba, 19/04/2022` in Vietnamese, `19 April 2022` in English."""
    if locale == "vi":
        return babel_date(day, "EEEE, dd/MM/yyyy", locale=cldr_locale(locale))
    return babel_date(day, "d MMMM yyyy", locale=cldr_locale(locale))


def format_short_day(day: date, locale: str) -> str:
    """`19/04/2022`, or `19 Apr 2022` in English where day and month order is not shared."""
    pattern = "dd/MM/yyyy" if locale == "vi" else "d MMM yyyy"
    return babel_date(day, pattern, locale=cldr_locale(locale))


def format_minute(moment: datetime, locale: str, time_zone: str) -> str:
    """Date, time and offset: `Thứ Ba, 19/04/2022 08:05 (GMT+07:00)`."""
    local = moment.astimezone(ZoneInfo(time_zone))
    offset = get_timezone_gmt(local, locale=cldr_locale(locale))
    return f"{format_day(local.date(), locale)} {local:%H:%M} ({offset})"


def format_number(value: int, locale: str) -> str:
    """`1.234.567` in Vietnamese, `1,234,567` in English."""
    return format_decimal(value, locale=cldr_locale(locale))


def format_size(size: int, locale: str) -> str:
    """A file size in bytes as readers know it: `12 kB`, `3,4 MB`."""
    if size < 1000:
        return f"{size} B"
    for unit, factor in (("kB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000)):
        amount = size / factor
        if amount < 1000 or unit == "GB":
            break
    pattern = "0.#" if amount < 10 else "0"
    return f"{format_decimal(amount, format=pattern, locale=cldr_locale(locale))} {unit}"
