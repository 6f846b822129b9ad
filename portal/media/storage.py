"""Where stored files are kept: five operations, on the local disk or in an object store.

Names are relative, with slashes: `ab/abcdef/960.webp`. They carry a digest of what they hold, so
a name never changes its content and a file may be cached for ever.
"""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path
from typing import BinaryIO
from typing import Protocol
from urllib.parse import quote
from urllib.parse import urlsplit

from portal.errors import ConfigError
from portal.errors import MediaRefused

PUBLIC_PREFIX = "/-/media/"

_PART = re.compile(r"[^/\\\x00-\x1f\x7f.][^/\\\x00-\x1f\x7f]*")


class Storage(Protocol):
    """A place for files. `folder` is where they lie if that is on this machine's disk."""

    folder: Path | None

    def put(self, name: str, data: bytes) -> None:
        """Keep `data` as `name`; whoever reads sees all of it or nothing."""

    def open(self, name: str) -> BinaryIO:
        """The content, to be closed by the caller, who may `seek` in it.

        `FileNotFoundError` if there is no such file.
        """

    def url(self, name: str) -> str:
        """The site-relative address at which readers get the file."""

    def delete(self, name: str) -> None:
        """Forget the file; one that is not there is no error."""

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""


def check_name(name: str) -> str:
    """The name itself; raise `MediaRefused` for one that could leave the place of files."""
    if len(name) > 500 or not all(_PART.fullmatch(part) for part in name.split("/")):
        raise MediaRefused(
            f"{name!r} is no name for a stored file; use parts like a/b.jpg, none of which"
            " begins with a dot or has a backslash"
        )
    return name


def is_public(name: str) -> bool:
    """Whether readers may have a file: of a picture they get the renditions, not the master."""
    return not name.startswith("masters/") and "/." not in f"/{name}"


def public_url(name: str) -> str:
    """The site-relative address of a stored file."""
    return PUBLIC_PREFIX + quote(check_name(name))


class LocalStorage:
    """Files below a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder: Path | None = folder
        self._folder = folder

    def put(self, name: str, data: bytes) -> None:
        """Write beside the final name, then rename: nobody ever sees half a file."""
        file = self._folder / check_name(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f".{file.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            with partial.open("wb") as handle:
                handle.write(data)
                handle.flush()
                os.fsync(handle.fileno())
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)

    def open(self, name: str) -> BinaryIO:
        """The file, opened for reading."""
        file = (self._folder / check_name(name)).resolve()
        if not file.is_relative_to(self._folder.resolve()) or not file.is_file():
            raise FileNotFoundError(name)
        return file.open("rb")

    def url(self, name: str) -> str:
        """The address that the portal serves the file at."""
        return public_url(name)

    def delete(self, name: str) -> None:
        """Remove the file."""
        (self._folder / check_name(name)).unlink(missing_ok=True)

    def exists(self, name: str) -> bool:
        """Whether the file is there."""
        return (self._folder / check_name(name)).is_file()


def open_storage(store: str, endpoint: str, folder: Path) -> Storage:
    """The place `store` names: nothing for `folder`, or `s3://BUCKET/PREFIX`.

    Raises `ConfigError` for anything else, and where the S3 library is not installed.
    """
    if not store:
        return LocalStorage(folder)
    address = urlsplit(store)
    if address.scheme != "s3" or not address.netloc:
        raise ConfigError(
            f"PORTAL_MEDIA_STORE: {store!r} is no place for files; write s3://BUCKET/PREFIX,"
            " or nothing to use the folder PORTAL_MEDIA"
        )
    # Only where it is asked for: the library behind it takes a second to load.
    from portal.media.s3 import S3Storage  # noqa: PLC0415

    return S3Storage(address.netloc, address.path.strip("/"), endpoint or None)
