"""Static files under names that carry a hash of their content, so they are cached for ever."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.block import SitePicture
from portal.errors import ConfigError
from portal.media.measuring import measure
from portal.media_types import media_type_of
from portal.site import Site

PREFIX = "/-/assets/"
SHELL = "portal"
BUNDLE = f"{SHELL}/blocks.css"
"""The styles of the shipped blocks in one file."""

_REFERENCE = re.compile(rb"url\((['\"]?)(?!data:|https?:|/|#)([^'\")]+)\1\)")


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file as it is served."""

    url: str
    media_type: str
    content: bytes


class AssetCatalog:
    """All static files of the shell and the blocks, by `owner/file` and by served name.

    The stylesheets of the owners `bundled` are served as one file too, `BUNDLE`. Together they are
    smaller than the requests for those of one page, and the next page has them already.
    """

    def __init__(
        self,
        folders: Mapping[str, Path],
        generated: Mapping[str, bytes],
        bundled: Collection[str] = (),
    ) -> None:
        self._folders = folders
        self._by_name: dict[str, Asset] = {}
        self._by_url: dict[str, Asset] = {}
        self._pictures: dict[str, SitePicture | None] = {}
        for name, content in generated.items():
            self._add(name, content)
        for owner, folder in sorted(folders.items()):
            for file in sorted(folder.rglob("*")):
                if file.is_file() and file.suffix not in {".md", ".txt"}:
                    self._load(f"{owner}/{file.relative_to(folder).as_posix()}")
        sheets = [
            asset
            for name, asset in sorted(self._by_name.items())
            if name.endswith(".css") and name.partition("/")[0] in bundled
        ]
        self._bundled = frozenset(sheet.url for sheet in sheets)
        self._add(BUNDLE, b"\n".join(sheet.content for sheet in sheets))

    def url(self, name: str) -> str:
        """The served address of `owner/file`; raise `ConfigError` when there is no such file."""
        asset = self._by_name.get(name)
        if asset is None:
            owner = name.partition("/")[0]
            known = ", ".join(sorted(key for key in self._by_name if key.startswith(owner + "/")))
            raise ConfigError(f"no static file {name!r} (known: {known or 'none of this owner'})")
        return asset.url

    def is_bundled(self, url: str) -> bool:
        """Whether the file served at `url` is part of `BUNDLE`, which every page has."""
        return url in self._bundled

    def digest(self, *owners: str) -> str:
        """A digest of the files of these owners: fragments name them by their served addresses."""
        urls = [self._by_name[name].url for name in sorted(self._by_name)]
        prefixes = tuple(f"{PREFIX}{owner}/" for owner in owners)
        named = "\n".join(url for url in urls if url.startswith(prefixes))
        return hashlib.blake2b(named.encode(), digest_size=8).hexdigest()

    def picture(self, name: str) -> SitePicture | None:
        """The picture `owner/file` with its size; none where it is missing or cannot be read."""
        asset = self._by_name.get(name)
        if asset is None:
            return None
        if name not in self._pictures:
            size = measure(asset.content, asset.media_type)
            self._pictures[name] = SitePicture(asset.url, *size) if size else None
        return self._pictures[name]

    def everything(self) -> tuple[Asset, ...]:
        """Every file that is served."""
        return tuple(self._by_url.values())

    def find(self, url: str) -> Asset | None:
        """The file served at `url`, if there is one."""
        return self._by_url.get(url)

    def read(self, name: str) -> bytes:
        """The content of `owner/file`."""
        return self._by_name[name].content

    def _load(self, name: str) -> Asset:
        known = self._by_name.get(name)
        if known is not None:
            return known
        owner, _, relative = name.partition("/")
        content = (self._folders[owner] / relative).read_bytes()
        if relative.endswith(".css"):
            content = self._rewrite(owner, relative, content)
        return self._add(name, content)

    def _rewrite(self, owner: str, relative: str, content: bytes) -> bytes:
        """Point `url(…)` of a stylesheet at the hashed names of its neighbours."""
        parent = (self._folders[owner] / relative).parent

        def point(match: re.Match[bytes]) -> bytes:
            target, _, fragment = match[2].decode().partition("#")
            file = (parent / target).resolve().relative_to(self._folders[owner].resolve())
            url = self._load(f"{owner}/{file.as_posix()}").url
            return f"url({url}{'#' + fragment if fragment else ''})".encode()

        return _REFERENCE.sub(point, content)

    def _add(self, name: str, content: bytes) -> Asset:
        digest = hashlib.blake2b(content, digest_size=6).hexdigest()
        stem, dot, suffix = name.rpartition(".")
        url = f"{PREFIX}{stem}.{digest}{dot}{suffix}"
        asset = Asset(url, asset_type(name), content)
        self._by_name[name] = asset
        self._by_url[url] = asset
        return asset


def asset_type(name: str) -> str:
    """The media type a static file is served as; text is UTF-8."""
    media_type = media_type_of(name)
    if media_type.startswith("text/") or media_type.endswith("javascript"):
        media_type += "; charset=utf-8"
    return media_type


def theme_stylesheet(site: Site) -> bytes:
    """The site's design tokens as custom properties; a file: pages carry no inline style."""
    tokens = "".join(
        f"--site-{name.replace('_', '-')}:{value};"
        for name, value in site.theme.model_dump().items()
    )
    return f":root{{{tokens}}}\n".encode()
