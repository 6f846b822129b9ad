"""Site-relative addresses: the default locale has no prefix, the others have `/en`."""

from __future__ import annotations

from portal.content.reader import Reader
from portal.content.values import ArticleKind

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
