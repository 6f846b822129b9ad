"""Makes an archive: one snapshot of the database, then the files."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

from portal.archive.manifest import CONFIG
from portal.archive.manifest import FORMAT
from portal.archive.manifest import MEDIA
from portal.archive.manifest import NAME
from portal.archive.manifest import FileEntry
from portal.archive.manifest import Manifest
from portal.archive.manifest import TableEntry
from portal.archive.manifest import table_member
from portal.archive.reading import verify_archive
from portal.archive.versions import check_source
from portal.content import schema
from portal.content.transfer import digest_table
from portal.content.transfer import open_source
from portal.content.transfer import site_tables

# A fifth of the work of the usual 6, for a twentieth more of bytes.
_COMPRESSION = 4
_PRIVATE = 0o600  # drafts are in it


def write_archive(
    target: Path,
    *,
    database_url: str,
    media: Path,
    config: Path,
    now: datetime,
    step: Callable[[], None],
) -> Manifest:
    """Write the site to `target`, read it again to verify it, and only then give it its name.

    `.gz` at the end of the name compresses. Raises `ArchiveError` when the schema is not this
    version's: an archive must not lack what a newer one has added. `step` is called after each
    table and file.
    """
    found = schema.current(database_url)
    check_source("the database schema", found, upgrade="run: portal db upgrade")
    with _unfinished(target) as part:
        with _open_tar(part, compress=target.suffix == ".gz") as tar:
            tables = _add_tables(tar, database_url, target.parent, step)
            files = _add_folder(tar, MEDIA, media, step) | _add_folder(tar, CONFIG, config, step)
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


@contextmanager
def _unfinished(target: Path) -> Iterator[Path]:
    """A file beside `target` that becomes it when everything went well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    part = Path(name)
    try:
        part.chmod(_PRIVATE)
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


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


def _add_folder(
    tar: tarfile.TarFile, name: str, folder: Path, step: Callable[[], None]
) -> dict[str, FileEntry]:
    entries = {}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        member = f"{name}/{file.relative_to(folder).as_posix()}"
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
            size = content.tell()
            content.seek(0)
            _add(tar, member, content, size)
        entries[member] = FileEntry(size=size, sha256=digest)
        step()
    return entries


def _add(tar: tarfile.TarFile, name: str, content: IO[bytes], size: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, _PRIVATE
    tar.addfile(entry, content)
