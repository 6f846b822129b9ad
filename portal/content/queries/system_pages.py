"""Addresses of the pages that the system makes: what site maps say beside articles and sections.

The archive is given down to its months: its days hold nothing that a month does not. The search
and the reader's own saved articles are for no search engine.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import replace

from portal.content.queries.addresses import place_path
from portal.content.queries.albums import list_albums
from portal.content.queries.albums import list_videos
from portal.content.queries.archive import count_months
from portal.content.queries.archive import count_years
from portal.content.queries.inventory import PublicAddress
from portal.content.queries.popular_terms import popular_authors
from portal.content.queries.popular_terms import popular_tags
from portal.content.queries.popular_terms import popular_topics
from portal.content.reader import Reader

MOST_OF_A_KIND = 5_000
"""Most lists of one kind in a language: a file of the protocol holds 50,000 addresses in all."""

# An address by what it is called in every language: a slug, a period, nothing for a single page.
Found = Iterable[tuple[str, str]]


def system_addresses(
    reader: Reader, locales: Iterable[str], page_types: Collection[str]
) -> tuple[PublicAddress, ...]:
    """The pages of `page_types` in all languages; other page types are none of the site's."""
    readers = {locale: replace(reader, locale=locale) for locale in locales}
    addresses: list[PublicAddress] = []
    for page_type, find in _KINDS.items():
        if page_type not in page_types:
            continue
        found = {locale: dict(find(other)) for locale, other in readers.items()}
        for locale, paths in found.items():
            for name, path in paths.items():
                same = {other: found[other][name] for other in found if name in found[other]}
                addresses.append(PublicAddress(path, locale, None, same))
    return tuple(addresses)


def _single(place: str) -> Callable[[Reader], Found]:
    return lambda reader: [("", place_path(reader, place))]


def _archive(reader: Reader) -> Found:
    yield "", place_path(reader, "archive")
    for year in count_years(reader):
        yield year.key, year.path
        for month in count_months(reader, int(year.key)):
            yield month.key, month.path


_KINDS: Mapping[str, Callable[[Reader], Found]] = {
    "tag": lambda reader: ((one.slug, one.path) for one in popular_tags(reader, MOST_OF_A_KIND)),
    "topic": lambda reader: (
        (one.slug, one.path) for one in popular_topics(reader, MOST_OF_A_KIND)
    ),
    "author": lambda reader: (
        (one.slug, one.path) for one in popular_authors(reader, MOST_OF_A_KIND)
    ),
    "archive": _archive,
    "gallery": _single("gallery"),
    "album": lambda reader: ((one.slug, one.path) for one in list_albums(reader)),
    "videos": _single("video"),
    "video": lambda reader: ((one.slug, one.path) for one in list_videos(reader)),
    "sitemap": _single("sitemap"),
    "accessibility": _single("accessibility"),
}
