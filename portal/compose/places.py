"""Addresses of pages that the system makes: tags, topics, authors, archive, pictures, films.

What a page is about follows from its address alone; the content is only asked whether it exists.
"""

from __future__ import annotations

from portal.block import Failure
from portal.block import ListKey
from portal.block import Subject
from portal.cache import Resolution
from portal.content import queries
from portal.content.reader import Reader
from portal.content.values import CollectionKind
from portal.site import PLACES

_TERMS: dict[str, CollectionKind] = {"tag": "tag", "topic": "topic", "author": "author"}
_ITEMS = {"gallery": "album", "video": "video"}
_LISTS = {"gallery": "gallery", "video": "videos"}
_GONE = Resolution(404, Subject("error", "/", failure=Failure(404)))


def find_place(path: str, locale: str) -> str | None:
    """The kind of page of the system (`portal.site.PLACES`) whose folder `path` begins with."""
    first = path.strip("/").partition("/")[0]
    return next((name for name, names in PLACES.items() if names[locale] == first), None)


def guess_place(path: str, full_path: str, locale: str, page_number: int) -> Subject | None:
    """The subject that a place's address names, by its form alone; none where it names none.

    `full_path` is the address with its locale prefix.
    """
    place = find_place(path, locale)
    if place is None or not path.endswith("/"):
        return None
    below = path.strip("/").split("/")[1:]
    address = full_path if page_number == 1 else f"{full_path}?page={page_number}"
    if place in _TERMS or place == "archive":
        listing = _listing(place, below)
        if listing is None:
            return None
        return Subject(listing.kind, address, page_number=page_number, listing=listing)
    if not below:
        paged = place in _LISTS
        if page_number > 1 and not paged:
            return None
        return Subject(_LISTS.get(place, place), address, page_number=page_number)
    if len(below) > 1 or page_number > 1 or place not in _ITEMS:
        return None
    return Subject(_ITEMS[place], address, item=below[0])


def _listing(place: str, below: list[str]) -> ListKey | None:
    if place in _TERMS:
        return ListKey(_TERMS[place], below[0]) if len(below) == 1 else None
    key = "-".join(below)
    is_period = "-" not in "".join(below) and queries.is_period(key)
    return ListKey("archive", key) if is_period else None


def resolve_place(reader: Reader, path: str, page_number: int) -> Resolution | None:
    """What stands at `path` if its first part is the system's own in the reader's language."""
    if find_place(path, reader.locale) is None:
        return None
    folder = path if path.endswith("/") else f"{path}/"
    full = queries.localise(reader, folder)
    if find_place(path, reader.locale) in _TERMS and folder.count("/") == 2:
        # Nothing lists all tags, topics or authors but the map of the site.
        return Resolution(301, location=queries.place_path(reader, "sitemap"))
    subject = guess_place(folder, full, reader.locale, page_number)
    if subject is None or not _exists(reader, subject):
        return _GONE
    if folder != path:
        return Resolution(301, location=subject.path)
    return Resolution(200, subject)


def _exists(reader: Reader, subject: Subject) -> bool:
    listing, item = subject.listing, subject.item
    if listing is not None:
        return queries.find_collection(reader, listing.kind, listing.key) is not None
    if item is None:
        return True
    found = queries.find_album if subject.page_type == "album" else queries.find_video
    return found(reader, item) is not None
