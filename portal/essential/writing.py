"""Writes a copy of the site: every published page, with the style, pictures and films it shows."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from typing import Protocol
from urllib.parse import unquote

from markupsafe import Markup

from portal.compose import AssetCatalog
from portal.compose import Page
from portal.compose import PageRequest
from portal.compose import PageUnavailable
from portal.content import queries
from portal.content.reader import Reader
from portal.errors import ContentUnavailable
from portal.essential.manifest import CURRENT
from portal.essential.manifest import FILE
from portal.essential.manifest import CopiedPage
from portal.essential.manifest import Manifest
from portal.i18n import Catalog
from portal.i18n import format_minute
from portal.media.storage import PUBLIC_PREFIX
from portal.site import Site

MOST_LIST_PAGES = 5
"""So many pages of each section are kept: what is further back is found by search engines only."""
OLDER_KEPT = 1

_BODY = re.compile(rb"<body[^>]*>")
_MEDIA = re.compile(rb"/-/media/[^\"'\s,<>?#)\\&]+")


class Source(Protocol):
    """What a copy is made of: the composer."""

    def compose(self, request: PageRequest) -> Page:
        """The page for a request; raises `PageUnavailable`."""


def write_copy(
    folder: Path,
    *,
    site: Site,
    page_types: Collection[str],
    source: Source,
    read: Callable[[str], AbstractContextManager[Reader]],
    assets: AssetCatalog,
    open_media: Callable[[str], BinaryIO],
    catalog: Catalog,
    now: datetime,
    step: Callable[[], None] = lambda: None,
) -> Manifest:
    """Write a complete copy into `folder`, make it the current one and remove older ones.

    `page_types` are those the site has layouts for.

    Raises `ContentUnavailable` when a page cannot be made whole, and `OSError` (a full disk); the
    copy that was current then still is. An address that has become another one meanwhile is left
    out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / now.strftime("%Y%m%dT%H%M%S%fZ")
    try:
        place.mkdir()
        banners: dict[str, bytes] = {
            locale: make_banner(site, catalog, locale, now) for locale in site.locales
        }
        writer = _Writer(place, source, banners, step)
        for request in find_pages(site, page_types, read):
            writer.write(request)
        files = _write_assets(place, assets) + _write_media(place, writer.media, open_media)
        manifest = Manifest(site=site.key, made=now, pages=tuple(writer.pages), files=files)
        (place / FILE).write_text(manifest.model_dump_json(indent=1), "utf-8")
        _make_current(folder, place)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return manifest


def find_pages(
    site: Site,
    page_types: Collection[str],
    read: Callable[[str], AbstractContextManager[Reader]],
) -> Iterator[PageRequest]:
    """Every published page that has an address of its own: homes, sections, articles, pages, and
    what the system lists (site map, tags, topics, authors, archive, albums, videos).
    """
    for locale in site.locales:
        yield PageRequest("/", locale)
    with read(site.default_locale) as reader:
        sections = queries.section_addresses(reader, site.locales)
        lists = queries.system_addresses(reader, site.locales, page_types)
        parts = [part.number for part in queries.address_parts(reader)]
    for address in sections:
        for number in range(1, MOST_LIST_PAGES + 1):
            yield PageRequest(_within(address.path, address.locale, site), address.locale, number)
    for address in lists:
        yield PageRequest(_within(address.path, address.locale, site), address.locale)
    for part in parts:
        # One part at a time, so that no snapshot stays open while pages are made.
        with read(site.default_locale) as reader:
            found = queries.addresses_of_part(reader, part)
        for address in found:
            yield PageRequest(_within(address.path, address.locale, site), address.locale)


def make_banner(site: Site, catalog: Catalog, locale: str, made: datetime) -> bytes:
    """What stands above every page of a copy."""
    time = format_minute(made, locale, site.time_zone)
    return (
        Markup('\n<aside class="essential" aria-label="{}"><p>{}</p></aside>')
        .format(
            catalog.text("essential_mode", locale),
            catalog.text("essential_notice", locale, time=time),
        )
        .encode()
    )


def file_of(request: PageRequest, default_locale: str) -> str:
    """Where a page lies: as a web server would look for its address."""
    prefix = "" if request.locale == default_locale else f"{request.locale}/"
    name = "index.html" if request.page_number == 1 else f"page-{request.page_number}.html"
    return "/".join(filter(None, [(prefix + request.path.strip("/")).strip("/"), name]))


def digest(body: bytes) -> str:
    """By which a page that is no longer as it was written is known."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


class _Writer:
    """Writes pages, and notes what they show."""

    def __init__(
        self, place: Path, source: Source, banners: dict[str, bytes], step: Callable[[], None]
    ) -> None:
        self._place = place
        self._source = source
        self._banners = banners
        self._default = next(iter(banners))
        self._step = step
        self.pages: list[CopiedPage] = []
        self.media: set[str] = set()

    def write(self, request: PageRequest) -> None:
        page = self._compose(request)
        self._step()
        if page.status != 200:
            return
        banner = self._banners[request.locale]
        body = _BODY.sub(lambda found: found[0] + banner, page.body, count=1)
        name = file_of(request, self._default)
        file = self._place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
        self.media |= {unquote(found.decode()) for found in _MEDIA.findall(body)}
        self.pages.append(
            CopiedPage(
                locale=request.locale,
                path=request.path,
                number=request.page_number,
                file=name,
                digest=digest(body),
            )
        )

    def _compose(self, request: PageRequest) -> Page:
        try:
            page = self._source.compose(replace(request, full=True))
        except PageUnavailable:
            page = None
        if page is None or page.status == 503 or page.degraded:
            raise ContentUnavailable(f"{request.path} ({request.locale}) cannot be made whole")
        return page


def _within(path: str, locale: str, site: Site) -> str:
    """A site-relative address without its language, as page requests have it."""
    return path if locale == site.default_locale else path.removeprefix(f"/{locale}")


def _write_assets(place: Path, assets: AssetCatalog) -> int:
    count = 0
    for asset in assets.everything():
        _write(place / unquote(asset.url).lstrip("/"), asset.content)
        count += 1
    return count


def _write_media(
    place: Path, addresses: Iterable[str], open_media: Callable[[str], BinaryIO]
) -> int:
    """What pages show; a file that is missing is missing in the portal as well."""
    count = 0
    for address in sorted(addresses):
        try:
            with open_media(address.removeprefix(PUBLIC_PREFIX)) as stream:
                file = place / address.lstrip("/")
                file.parent.mkdir(parents=True, exist_ok=True)
                with file.open("wb") as output:
                    shutil.copyfileobj(stream, output)
        except FileNotFoundError:
            continue
        count += 1
    return count


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _make_current(folder: Path, place: Path) -> None:
    """Let the link lead to the new copy in one step, then remove what is older."""
    link = folder / f".{CURRENT}.{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(place.name, target_is_directory=True)
    link.replace(folder / CURRENT)
    copies = sorted(
        (entry for entry in folder.glob("2*Z") if entry.is_dir() and entry.name < place.name),
        reverse=True,
    )
    for older in copies[OLDER_KEPT:]:
        shutil.rmtree(older, ignore_errors=True)
