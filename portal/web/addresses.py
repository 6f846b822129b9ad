"""Addresses as readers type them: locale prefix, page path, suffix, page number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from portal.compose import PageRequest
from portal.site import Site

Form = Literal["page", "print", "html", "text"]

_SUFFIXES: tuple[tuple[str, Form], ...] = (
    ("/in", "print"),
    ("/luu.html", "html"),
    ("/luu.txt", "text"),
)
LARGEST_PAGE_NUMBER = 100_000


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed address: which page, and in which form it is wanted."""

    request: PageRequest
    form: Form


def parse_address(path: str, page: str | None, site: Site) -> Address | None:
    """Take a URL path and its `page` argument apart; none when it can lead nowhere.

    Every other query argument is undeclared and therefore ignored.
    """
    locale, rest = _split_locale(path, site)
    form: Form = "page"
    for suffix, name in _SUFFIXES:
        if rest.endswith(suffix) and len(rest) > len(suffix):
            form, rest = name, rest[: -len(suffix)]
            break
    number = _page_number(page)
    if number is None or not rest.isprintable() or len(rest) > 1000:
        return None
    request = PageRequest(rest, locale, number, printing=form in ("print", "html"))
    return Address(request, form)


def _split_locale(path: str, site: Site) -> tuple[str, str]:
    first, slash, rest = path.lstrip("/").partition("/")
    if slash and first in site.locales[1:]:
        return first, "/" + rest
    return site.default_locale, "/" + path.lstrip("/")


def _page_number(page: str | None) -> int | None:
    if page is None:
        return 1
    if not (page.isascii() and page.isdecimal()):
        return None
    number = int(page[:7])
    return number if 1 <= number <= LARGEST_PAGE_NUMBER else None
