"""Finds a page in the newest copy of the site; asked only when nothing else can answer."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from portal.compose import Body
from portal.compose import Page
from portal.compose import PageRequest
from portal.essential.manifest import CURRENT
from portal.essential.manifest import CopiedPage
from portal.essential.manifest import read_manifest
from portal.essential.writing import digest
from portal.forking import begin_anew_after_fork

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Opened:
    """One copy, with its pages by language, path without closing slash, and number."""

    folder: Path
    made: datetime
    pages: Mapping[tuple[str, str, int], CopiedPage]


class EssentialCopy:
    """The copies below `folder`; without a folder there is none. Safe to share between threads."""

    def __init__(self, folder: Path | None, site: str) -> None:
        self._folder = folder
        self._site = site
        self._opened: _Opened | None = None
        self._refused: Path | None = None
        self.after_fork()
        begin_anew_after_fork(self)

    def after_fork(self) -> None:
        """Have a lock that nobody holds."""
        self._lock = threading.Lock()

    @property
    def made(self) -> datetime | None:
        """Until when the copy knows the content; none without a usable copy."""
        opened = self._open()
        return opened.made if opened is not None else None

    def page(self, request: PageRequest) -> Page | None:
        """The page as it was copied, with its banner; nobody may keep it.

        A search, one block alone, the print form, or an error page has no copy.
        """
        opened = self._open()
        is_copied = request.search is None and request.failure is None
        if opened is None or request.printing or request.fragment or not is_copied:
            return None
        copied = opened.pages.get((request.locale, _bare(request.path), request.page_number))
        if copied is None:
            return None
        try:
            body = (opened.folder / copied.file).read_bytes()
        except OSError as problem:
            log.warning("essential mode: %s cannot be read: %s", copied.file, problem)
            return None
        if digest(body) != copied.digest:
            log.warning("essential mode: %s is not as it was written", copied.file)
            return None
        return Page(200, request.locale, Body(body), degraded=True)

    def asset(self, address: str) -> bytes | None:
        """A static file of the copy: pages of before a deploy name the files of before it."""
        opened = self._open()
        if opened is None:
            return None
        file = (opened.folder / address.lstrip("/")).resolve()
        if not file.is_relative_to(opened.folder / "-" / "assets"):
            return None
        try:
            return file.read_bytes()
        except OSError:
            return None

    def _open(self) -> _Opened | None:
        if self._folder is None:
            return None
        link = self._folder / CURRENT
        try:
            place = link.resolve(strict=True)
        except OSError:
            return None
        with self._lock:
            if self._opened is not None and self._opened.folder == place:
                return self._opened
            if self._refused == place:
                return None
            self._opened = self._read(place)
            self._refused = place if self._opened is None else None
            return self._opened

    def _read(self, place: Path) -> _Opened | None:
        try:
            manifest = read_manifest(place)
        except (OSError, ValueError) as problem:
            log.error("essential mode: the copy %s cannot be used: %s", place, problem)
            return None
        if manifest.site != self._site:
            log.error("essential mode: %s is a copy of %r", place, manifest.site)
            return None
        pages = {(page.locale, _bare(page.path), page.number): page for page in manifest.pages}
        return _Opened(place, manifest.made, pages)


def _bare(path: str) -> str:
    return path.rstrip("/")
