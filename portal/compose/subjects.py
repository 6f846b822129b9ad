"""What an address leads to: one cached answer per address, read from the content."""

from __future__ import annotations

import re
from collections.abc import Collection

from portal.block import Failure
from portal.block import Subject
from portal.cache import Resolution
from portal.compose.places import find_place
from portal.compose.places import guess_place
from portal.compose.places import resolve_place
from portal.content import queries
from portal.content.reader import Reader
from portal.content.values import Article
from portal.content.values import SearchQuery
from portal.content.values import Withdrawn
from portal.site import Site
from portal.site import leads_to_search

_NUMBERED = re.compile(r"-([0-9]{1,12})$")


def resolve_address(
    reader: Reader, path: str, page_number: int, *, printing: bool = False
) -> Resolution:
    """Find what stands at `path` (without locale prefix, suffix or query) in the reader's locale.

    The canonical address of everything else is a redirect: a section without its slash, an
    article below a section it has left, an old slug.
    """
    if path == "/":
        return Resolution(200, Subject("home", queries.home_path(reader), page_number=page_number))
    if leads_to_search(path):
        return _resolve_search(reader, path)
    place = resolve_place(reader, path, page_number)
    if place is not None:
        return place
    section = queries.find_section(reader, path.strip("/"))
    if section is not None:
        address = section.path if page_number == 1 else f"{section.path}?page={page_number}"
        if not path.endswith("/"):
            return Resolution(301, location=address)
        subject = Subject("section", address, section_key=section.key, page_number=page_number)
        return Resolution(200, subject, section.key)
    found = _find_content(reader, path)
    if isinstance(found, Withdrawn):
        failure = Failure(410, found.headline, found.reason, found.successor)
        return Resolution(410, Subject("error", "/", failure=failure))
    if found is None:
        return Resolution(404, Subject("error", "/", failure=Failure(404)))
    return _resolve_article(reader, found, path, printing)


def _resolve_search(reader: Reader, path: str) -> Resolution:
    """The page of every search: what is looked for comes with the request, not from here."""
    address = queries.search_path(reader, SearchQuery())
    if queries.localise(reader, path) != address:
        return Resolution(301, location=address)
    return Resolution(200, Subject("search", address))


def guess_address(
    path: str,
    locale: str,
    page_number: int,
    *,
    site: Site,
    sections: Collection[str],
    printing: bool = False,
) -> Subject | None:
    """What an address seems to lead to, by its form alone; none where the form says nothing.

    Only for asking the cache early: what it really leads to is for `resolve_address` to say.
    """
    full = path if locale == site.default_locale else f"/{locale}{path}"
    if path == "/":
        return Subject("home", full, page_number=page_number)
    if full == site.search_path(locale):
        return Subject("search", full)
    if find_place(path, locale) is not None:
        return guess_place(path, full, locale, page_number)
    key = path.strip("/")
    if key in sections:
        query = "" if page_number == 1 else f"?page={page_number}"
        return Subject("section", full + query, section_key=key, page_number=page_number)
    folder, _, last = key.rpartition("/")
    number = article_number(last)
    if number is not None:
        page_type = "print" if printing else "article"
        return Subject(page_type, full, article_id=number, section_key=folder or None)
    if not folder and last:
        return Subject("print" if printing else "page", full)
    return None


def article_number(path: str) -> int | None:
    """The number that an address ends in if it may be an article's."""
    numbered = _NUMBERED.search(path)
    return int(numbered[1]) if numbered is not None else None


def _find_content(reader: Reader, path: str) -> Article | Withdrawn | None:
    last = path.rpartition("/")[2]
    number = article_number(last)
    if number is not None:
        found = queries.find_article(reader, number)
        if found is not None and found.locale == reader.locale:
            return found
    if path.count("/") == 1 and last:
        return queries.find_page(reader, last)
    return None


def _resolve_article(reader: Reader, article: Article, path: str, printing: bool) -> Resolution:
    if article.path != queries.localise(reader, path):
        return Resolution(301, location=article.path)
    section_key = article.section.key if article.section else None
    page_type = "print" if printing else article.kind
    return Resolution(
        200,
        Subject(page_type, article.path, article_id=article.id, section_key=section_key),
        section_key,
        frozenset(term.slug for term in article.tags),
    )
