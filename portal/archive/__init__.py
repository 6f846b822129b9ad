"""A whole site in one file: database, media, config. Made, verified, restored, moved.

An archive is a tar file: `database/TABLE.jsonl`, `media/…`, `config/…`, and last `manifest.json`
with the digest of everything before it. Reading and writing need memory for one batch of rows and
the database's page cache; writing needs disk for the largest table as well.
"""

from __future__ import annotations

from portal.archive.copying import copy_database
from portal.archive.manifest import Manifest
from portal.archive.reading import restore_archive
from portal.archive.reading import verify_archive
from portal.archive.writing import write_archive

__all__ = ["Manifest", "copy_database", "restore_archive", "verify_archive", "write_archive"]
