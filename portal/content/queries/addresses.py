"""Site-relative addresses: the default locale has no prefix, the others have `/en`."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from portal.content.reader import Reader
from portal.content.values import ArticleKind
from portal.content.values import CollectionKind
from portal.content.values import SearchQuery
from portal.content.values import Translation
from portal.site import PLACES

MEDIA = "/-/media/"


def localise(reader: Reader, path: str, locale: str | None = None) -> str:
    """The address of `path` (which starts with a slash) in a locale, the reader's unless named."""
    locale = locale or reader.locale
    return path if locale == reader.default_locale else f"/{locale}{path}"


def home_path(reader: Reader) -> str:
    """The address of the home page in the reader's language."""
    return localise(reader, "/")


def section_path(reader: Reader, key: str, locale: str | None = None) -> str:
    """The address of a section."""
    return localise(reader, f"/{key}/", locale)


def place_path(reader: Reader, place: str, locale: str | None = None) -> str:
    """The address of a page the system makes (`portal.site.PLACES`)."""
    locale = locale or reader.locale
    return localise(reader, f"/{PLACES[place][locale]}/", locale)


def collection_path(
    reader: Reader, kind: CollectionKind, key: str, locale: str | None = None
) -> str:
    """The address of a list of articles; an archive's period is a folder a part."""
    if kind == "section":
        return section_path(reader, key, locale)
    below = key.replace("-", "/") if kind == "archive" else key
    return place_path(reader, kind, locale) + (f"{below}/" if below else "")


def article_path(
    reader: Reader, kind: ArticleKind, number: int, slug: str, section: str | None, locale: str
) -> str:
    """The address of an article or a static page."""
    if kind == "page":
        return localise(reader, f"/{slug}", locale)
    folder = f"/{section}" if section else ""
    return localise(reader, f"{folder}/{slug}-{number}", locale)


def media_path(src: str) -> str:
    """The address of a stored file; what is an address already stays as it is."""
    return src if src.startswith("/") else MEDIA + src


def search_translations(
    reader: Reader, query: SearchQuery, locales: Iterable[str]
) -> tuple[Translation, ...]:
    """The same words looked for in the other languages."""
    words = SearchQuery(query.text)
    return tuple(
        Translation(locale, search_path(reader, words, locale), query.text)
        for locale in locales
        if locale != reader.locale
    )


def search_path(reader: Reader, query: SearchQuery, locale: str | None = None) -> str:
    """The address of a search in a locale, the reader's unless named; what is empty is left out."""
    locale = locale or reader.locale
    return place_path(reader, "search", locale).rstrip("/") + search_arguments(query)


def search_arguments(query: SearchQuery) -> str:
    """What stands behind the path of a search: nothing, or a question mark and arguments."""
    arguments = {
        "q": query.text,
        "section": query.section,
        "year": query.year,
        "type": query.kind,
        "after": query.after,
    }
    written = urlencode({name: value for name, value in arguments.items() if value})
    return f"?{written}" if written else ""
