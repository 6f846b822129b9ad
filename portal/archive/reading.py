"""Reads an archive: verifies every byte first, then restores all of it or nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Set
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection

from portal.archive.folders import database_files
from portal.archive.folders import real
from portal.archive.folders import site_files
from portal.archive.manifest import CONFIG
from portal.archive.manifest import FORMAT
from portal.archive.manifest import MEDIA
from portal.archive.manifest import NAME
from portal.archive.manifest import Manifest
from portal.archive.manifest import check_member_name
from portal.archive.manifest import table_member
from portal.archive.versions import check_destination
from portal.content import schema
from portal.content.receiving import open_destination
from portal.content.receiving import receive
from portal.content.receiving import write_lines
from portal.content.transfer import clear
from portal.content.transfer import digest_table
from portal.content.transfer import is_empty
from portal.content.transfer import open_source
from portal.content.transfer import site_tables
from portal.errors import ArchiveError

LARGEST_MANIFEST = 100_000_000

_SITE_FILE = "site.yaml"

_UNREADABLE = (tarfile.TarError, EOFError, OSError, zlib.error)


def verify_archive(file: Path) -> Manifest:
    """Read every byte of an archive; raise `ArchiveError` where it is not what it says."""
    found: dict[str, str] = {}
    manifest: Manifest | None = None
    for name, content, size in _members(file):
        if manifest is not None or name in found:
            raise ArchiveError(f"{file}: {name} comes twice or after the manifest")
        if name == NAME:
            manifest = _read_manifest(file, content, size)
        else:
            check_member_name(name)
            found[name] = _digest(file, content)
    if manifest is None:
        raise ArchiveError(f"{file}: no {NAME} at its end; the archive is cut off")
    expected = manifest.members
    wrong = sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise ArchiveError(f"{file}: {wrong[0]}{more} differs from the manifest; do not use it")
    return manifest


def restore_archive(
    file: Path,
    *,
    database_url: str,
    media: Path,
    config: Path | None,
    force: bool,
    step: Callable[[], None],
) -> Manifest:
    """Bring a site back. The database gets a new epoch, so no cached fragment is believed.

    `config` is where the site's files go, or none to leave them. Raises `ArchiveError` when the
    archive is damaged or of another schema, or, without `force`, when there is something already.
    In the end the database has what the archive has and nothing else, and so have the YAML files
    of `config`; whatever else is there stays.
    """
    manifest = verify_archive(file)
    _check_schema(file, manifest)
    if config is not None:
        _check_folder(config, force)
    check_destination("the database", found := schema.current(database_url))
    if found is not None and not force:
        with open_source(database_url) as connection:
            _refuse_rows(connection)
    schema.upgrade(database_url)
    # Files first: a file that no row names does no harm, a row without its file does.
    folders = {MEDIA: media} | ({CONFIG: config} if config is not None else {})
    _restore_files(file, folders, {real(file), *database_files(database_url)}, step)
    with open_destination(database_url) as connection:
        if force:
            clear(connection)
        _refuse_rows(connection)
        with receive(connection):
            _restore_tables(connection, file, manifest, step)
    if config is not None:
        _remove_others(config, media, manifest)
    return manifest


def _check_folder(config: Path, force: bool) -> None:
    if not config.exists() or not any(config.iterdir()):
        return
    if not force:
        raise ArchiveError(f"{config} is not empty; name another folder, or add --force")
    if not (config / _SITE_FILE).exists():
        raise ArchiveError(
            f"{config} has no {_SITE_FILE}, so it is no folder of a site, and --force would remove"
            " YAML files that are in it; name another folder"
        )


def _remove_others(config: Path, media: Path, manifest: Manifest) -> None:
    """Take away the site's files of before: a layout that is still there would still be used.

    Only those: a database, media and archives may lie in the same folder.
    """
    if f"{CONFIG}/{_SITE_FILE}" not in manifest.files:
        return  # an archive without a site's files has nothing to put in their place
    kept = {
        _place(config / name.removeprefix(f"{CONFIG}/"))
        for name in manifest.files
        if name.startswith(f"{CONFIG}/")
    }
    for file in site_files(config, media):
        if _place(file) not in kept:
            file.unlink()


def _place(file: Path) -> Path:
    """One name for a file that several links to its folder lead to; a link is a file of its own."""
    return real(file.parent) / file.name


def _refuse_rows(connection: Connection) -> None:
    if not is_empty(connection):
        raise ArchiveError(
            "the database is not empty; restore into an empty one, or add --force to"
            " replace everything in it"
        )


def _check_schema(file: Path, manifest: Manifest) -> None:
    if manifest.format != FORMAT:
        raise ArchiveError(f"{file}: format {manifest.format}; this version reads {FORMAT}")
    if manifest.schema_version != schema.head():
        raise ArchiveError(
            f"{file} has schema {manifest.schema_version}, this version has {schema.head()};"
            f" restore it with portal {manifest.portal}, then upgrade: portal db upgrade"
        )
    expected = {table.name: tuple(table.columns.keys()) for table in site_tables()}
    found = {name: entry.columns for name, entry in manifest.tables.items()}
    if found != expected:
        different = sorted(
            {name for name in {*found, *expected} if found.get(name) != expected.get(name)}
        )
        raise ArchiveError(f"{file}: tables differ from this version's: {', '.join(different)}")


def _restore_tables(
    connection: Connection, file: Path, manifest: Manifest, step: Callable[[], None]
) -> None:
    # Members come in the order in which tables may be filled: writing and reading sort alike.
    tables = {table_member(table.name): table for table in site_tables()}
    for name, content, _ in _members(file):
        table = tables.get(name)
        if table is None:
            continue
        write_lines(connection, table, content)
        if digest_table(connection, table).sha256 != manifest.tables[table.name].sha256:
            raise ArchiveError(f"{table.name} reads differently than it was written; nothing kept")
        step()


def _restore_files(
    file: Path, folders: Mapping[str, Path], kept: Set[Path], step: Callable[[], None]
) -> None:
    """Put each stored file into its folder, but never over one of `kept`, which are in use."""
    for name, content, _ in _members(file):
        kind = name.partition("/")[0]
        if kind not in folders:
            continue
        target = folders[kind] / check_member_name(name).relative_to(kind)
        if real(target) not in kept:
            _restore_file(target, content)
            step()


def _restore_file(target: Path, content: IO[bytes]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".restoring-", dir=target.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as written:
            shutil.copyfileobj(content, written)
        part.chmod(0o644)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _members(file: Path) -> Iterator[tuple[str, Any, int]]:
    with _open_tar(file) as tar:
        try:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if content is None:
                    raise ArchiveError(f"{file}: {member.name!r} is no plain file")
                yield member.name, content, member.size
        except _UNREADABLE as problem:
            raise ArchiveError(f"{file} cannot be read to its end: {problem}") from problem


@contextmanager
def _open_tar(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        tar = tarfile.open(file, "r:*")
    except OSError as problem:
        raise ArchiveError(f"{file} cannot be read: {problem.strerror}") from problem
    except (tarfile.TarError, EOFError, zlib.error) as problem:
        raise ArchiveError(
            f"{file} is no archive of a portal, but something else or damaged from its beginning;"
            " name a file that portal backup has written"
        ) from problem
    with tar:
        yield tar


def _digest(file: Path, content: Any) -> str:
    try:
        return hashlib.file_digest(content, "sha256").hexdigest()
    except _UNREADABLE as problem:
        raise ArchiveError(f"{file} cannot be read to its end: {problem}") from problem


def _read_manifest(file: Path, content: IO[bytes], size: int) -> Manifest:
    if size > LARGEST_MANIFEST:
        raise ArchiveError(f"{file}: the manifest is larger than {LARGEST_MANIFEST} bytes")
    try:
        return Manifest.model_validate_json(content.read())
    except ValidationError as problem:
        raise ArchiveError(f"{file}: the manifest is damaged: {problem}") from problem
