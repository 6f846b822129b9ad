"""What an address leads to: one cached answer per address, read from the content."""

from __future__ import annotations

import re

from portal.block import Failure
from portal.block import Subject
from portal.cache import Resolution
from portal.content import queries
from portal.content.reader import Reader
from portal.content.values import Article
from portal.content.values import Withdrawn

_NUMBERED = re.compile(r"-(\d{1,12})$")


def resolve_address(
    reader: Reader, path: str, page_number: int, *, printing: bool = False
) -> Resolution:
    """Find what stands at `path` (without locale prefix, suffix or query) in the reader's locale.

    The canonical address of everything else is a redirect: a section without its slash, an
    article below a section it has left, an old slug.
    """
    if path == "/":
        return Resolution(200, Subject("home", queries.home_path(reader), page_number=page_number))
    section = queries.find_section(reader, path.strip("/"))
    if section is not None:
        if not path.endswith("/"):
            return Resolution(301, location=section.path)
        subject = Subject(
            "section",
            section.path if page_number == 1 else f"{section.path}?page={page_number}",
            section_key=section.key,
            page_number=page_number,
        )
        return Resolution(200, subject, section.key)
    found = _find_content(reader, path)
    if isinstance(found, Withdrawn):
        failure = Failure(410, found.headline, found.reason, found.successor)
        return Resolution(410, Subject("error", "/", failure=failure))
    if found is None:
        return Resolution(404, Subject("error", "/", failure=Failure(404)))
    return _resolve_article(reader, found, path, printing)


def _find_content(reader: Reader, path: str) -> Article | Withdrawn | None:
    last = path.rpartition("/")[2]
    numbered = _NUMBERED.search(last)
    if numbered is not None:
        found = queries.find_article(reader, int(numbered[1]))
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
