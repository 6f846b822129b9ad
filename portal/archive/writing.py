"""Makes an archive: one snapshot of the database, then the files."""

from __future__ import annotations

import hashlib
import io
import tarfile
import tempfile
from collections.abc import Callable
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

from portal.archive.folders import database_files
from portal.archive.folders import files_below
from portal.archive.folders import real
from portal.archive.manifest import CONFIG
from portal.archive.manifest import FORMAT
from portal.archive.manifest import MEDIA
from portal.archive.manifest import NAME
from portal.archive.manifest import FileEntry
from portal.archive.manifest import Manifest
from portal.archive.manifest import TableEntry
from portal.archive.manifest import table_member
from portal.archive.reading import verify_archive
from portal.archive.unfinished import PRIVATE
from portal.archive.unfinished import SUFFIX
from portal.archive.unfinished import unfinished
from portal.archive.versions import check_source
from portal.content import schema
from portal.content.transfer import digest_table
from portal.content.transfer import open_source
from portal.content.transfer import site_tables
from portal.errors import ArchiveError

# A fifth of the work of the usual 6, for a twentieth more of bytes.
_COMPRESSION = 4
_ARCHIVES = (".tar", ".tar.gz", SUFFIX)
_TABLES_OF_FILES = ("attachment", "media")


def write_archive(
    target: Path,
    *,
    database_url: str,
    media: Path | None,
    config: Path,
    now: datetime,
    step: Callable[[], None],
) -> Manifest:
    """Write the site to `target`, read it again to verify it, and only then give it its name.

    `.gz` at the end of the name compresses. `media` is none where an object store has the files.
    Raises `ArchiveError` when the schema is not this version's, since an archive must not lack
    what a newer one has added, and when a folder is not there or cannot be read as a whole.
    `step` is called after each table and file.
    """
    found = schema.current(database_url)
    check_source("the database schema", found, advice=schema.advice(found))
    is_left_out = _others(target, database_url, media)
    with unfinished(target) as part:
        with _open_tar(part, compress=target.suffix == ".gz") as tar:
            tables = _add_tables(tar, database_url, target.parent, step)
            files = _add_media(tar, media, tables, is_left_out, step)
            files |= _add_folder(tar, CONFIG, config, is_left_out, step)
            manifest = Manifest(
                format=FORMAT,
                made=now.isoformat(timespec="seconds"),
                portal=version("provincial-portal"),
                schema_version=schema.head(),
                tables=tables,
                files=files,
            )
            content = (manifest.model_dump_json(indent=2) + "\n").encode()
            _add(tar, NAME, io.BytesIO(content), len(content))
        verify_archive(part)
    return manifest


def _others(target: Path, database_url: str, media: Path | None) -> Callable[[Path], bool]:
    """What is no file of a folder though it lies in it, by its real path.

    The database and the stored files have their own places in the archive, and archives would
    hold each other, more of them each time.
    """
    kept_apart = database_files(database_url) | ({real(media)} if media is not None else set())
    archives = real(target.parent)

    def is_left_out(path: Path) -> bool:
        is_archive = path.name == target.name or path.name.endswith(_ARCHIVES)
        return path in kept_apart or (path.parent == archives and is_archive and path.is_file())

    return is_left_out


def _open_tar(file: Path, *, compress: bool) -> tarfile.TarFile:
    return (
        tarfile.open(file, "w:gz", compresslevel=_COMPRESSION)
        if compress
        else tarfile.open(file, "w")
    )


def _add_tables(
    tar: tarfile.TarFile, database_url: str, folder: Path, step: Callable[[], None]
) -> dict[str, TableEntry]:
    entries = {}
    with open_source(database_url) as connection:
        for table in site_tables():
            with tempfile.TemporaryFile(dir=folder) as rows:
                found = digest_table(connection, table, rows.write)
                size = rows.tell()
                rows.seek(0)
                _add(tar, table_member(table.name), rows, size)
            entries[table.name] = TableEntry(
                columns=found.columns, rows=found.rows, sha256=found.sha256
            )
            step()
    return entries


def _add_media(
    tar: tarfile.TarFile,
    folder: Path | None,
    tables: Mapping[str, TableEntry],
    is_left_out: Callable[[Path], bool],
    step: Callable[[], None],
) -> dict[str, FileEntry]:
    """The stored files; their folder may be missing as long as no row is about one."""
    is_needed = any(tables[table].rows for table in _TABLES_OF_FILES)
    if folder is None or not (is_needed or folder.exists()):
        return {}
    entries = _add_folder(tar, MEDIA, folder, is_left_out, step)
    if is_needed and not entries:
        raise _lacking(MEDIA, folder, f"{folder}: no file is there")
    return entries


def _add_folder(
    tar: tarfile.TarFile,
    name: str,
    folder: Path,
    is_left_out: Callable[[Path], bool],
    step: Callable[[], None],
) -> dict[str, FileEntry]:
    entries = {}
    for file in _files(name, folder, is_left_out):
        member = f"{name}/{file.relative_to(folder).as_posix()}"
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
            size = content.tell()
            content.seek(0)
            _add(tar, member, content, size)
        entries[member] = FileEntry(size=size, sha256=digest)
        step()
    return entries


def _files(name: str, folder: Path, is_left_out: Callable[[Path], bool]) -> list[Path]:
    """Every file of a folder; one that cannot be looked into must not be taken for an empty one."""
    try:
        return sorted(files_below(folder, is_left_out))
    except OSError as problem:
        raise _lacking(name, folder, f"{problem.filename}: {problem.strerror}") from problem


def _lacking(name: str, folder: Path, why: str) -> ArchiveError:
    return ArchiveError(
        f"{why}, so the archive would lack files of {name}; nothing was written; set"
        f" PORTAL_{name.upper()} to the folder, which is {folder} now, and let this user read it"
    )


def _add(tar: tarfile.TarFile, name: str, content: IO[bytes], size: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, PRIVATE
    tar.addfile(entry, content)
