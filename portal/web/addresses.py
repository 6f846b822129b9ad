"""Addresses as readers type them: locale prefix, page path, suffix, page number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote_to_bytes

from portal.compose import PageRequest
from portal.content.values import SearchQuery
from portal.site import Site
from portal.site import leads_to_search
from portal.text import one_line

Form = Literal["page", "print", "html", "text"]

_SUFFIXES: tuple[tuple[str, Form], ...] = (
    ("/in", "print"),
    ("/luu.html", "html"),
    ("/luu.txt", "text"),
)
LARGEST_PAGE_NUMBER = 100_000
LONGEST_SEARCH = 300
_PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
_SECTION_KEY = re.compile(r"[a-z0-9-]+(?:/[a-z0-9-]+){0,9}")
_YEAR = re.compile(r"[12][0-9]{3}")
_PLACE = re.compile(r"[0-9a-z]{5,19}")


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed address: which page, and in which form it is wanted."""

    request: PageRequest
    form: Form


def parse_address(
    path: str, page: str | None, site: Site, query_string: bytes = b""
) -> Address | None:
    """Take a URL path and its `page` argument apart; none when it can lead nowhere.

    A search takes what `read_search` knows of the query; every other query argument is
    undeclared and therefore ignored.
    """
    locale, rest = split_locale(path, site)
    if leads_to_search(rest):
        return Address(PageRequest(rest, locale, search=read_search(query_string)), "page")
    form: Form = "page"
    for suffix, name in _SUFFIXES:
        if rest.endswith(suffix) and rest[: -len(suffix)].rpartition("/")[2]:
            form, rest = name, rest[: -len(suffix)]
            break
    number = _page_number(page)
    if number is None or not rest.isprintable() or len(rest) > 1000:
        return None
    request = PageRequest(rest, locale, number, printing=form != "page")
    return Address(request, form)


def split_locale(path: str, site: Site) -> tuple[str, str]:
    """The language that a path names by its prefix, and the path without it."""
    first, slash, rest = path.lstrip("/").partition("/")
    if slash and first in site.locales[1:]:
        return first, "/" + rest
    return site.default_locale, "/" + path.lstrip("/")


def _page_number(page: str | None) -> int | None:
    if page is None:
        return 1
    # One page has one number: with zeros before it, every address of these would be kept apart.
    if not _PAGE_NUMBER.fullmatch(page):
        return None
    number = int(page)
    return number if number <= LARGEST_PAGE_NUMBER else None


def read_search(query_string: bytes) -> SearchQuery:
    """What a search asks for. Whatever of it makes no sense is left out, so that it finds more."""
    arguments = _arguments(query_string)
    text = one_line(arguments.get("q", "")[: 4 * LONGEST_SEARCH])
    if len(text) > LONGEST_SEARCH:
        text = text[: LONGEST_SEARCH + 1].rpartition(" ")[0] or text[:LONGEST_SEARCH]
    kind = arguments.get("type")
    year = _fitting(_YEAR, arguments.get("year"))
    return SearchQuery(
        text,
        section=_fitting(_SECTION_KEY, arguments.get("section")),
        year=int(year) if year is not None else None,
        kind="article" if kind == "article" else "page" if kind == "page" else None,
        after=_fitting(_PLACE, arguments.get("after")),
    )


def _fitting(pattern: re.Pattern[str], value: str | None) -> str | None:
    return value if value is not None and pattern.fullmatch(value) else None


def _arguments(query_string: bytes) -> dict[str, str]:
    """The arguments of a query; of two with one name the first."""
    arguments: dict[str, str] = {}
    for part in query_string[:65_536].split(b"&")[:50]:
        name, _, value = part.replace(b"+", b" ").partition(b"=")
        arguments.setdefault(_decode(unquote_to_bytes(name)), _decode(unquote_to_bytes(value)))
    return arguments


def _decode(data: bytes) -> str:
    """UTF-8, else the Vietnamese code page that old pages and bookmarks were written in."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1258", "replace")
