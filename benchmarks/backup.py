"""Backs a large site up and brings it back, search included, by the commands that operators run."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.archive import make_archive

REPOSITORY = Path(__file__).parents[1]
PICTURES = 500
"""Files of media, of a quarter of a megabyte each."""


def measure_backup(folder: Path, number: int, source: str, destination: str) -> dict[str, Any]:
    """Seconds of `portal backup` and of `portal restore`, which makes the search index as well, and
    whether an export of what was restored has the same bytes; `source` and `destination` are
    addresses of empty databases."""
    make_archive(source, folder / "media", number, 1).portal.close()
    (folder / "media").mkdir(exist_ok=True)
    for place in range(PICTURES):
        (folder / "media" / f"{place}.bin").write_bytes(os.urandom(262_144))
    here = _environment(folder / "media", source)
    there = _environment(folder / "restored", destination)
    archive, again = folder / "site.tar.gz", folder / "again.tar.gz"
    seconds = {
        "backup": _run(here, "backup", archive),
        "restore": _run(there, "restore", archive),
        "backup_again": _run(there, "backup", again),
    }
    return {
        "articles": number,
        "seconds": seconds,
        "backup_and_restore_seconds": round(seconds["backup"] + seconds["restore"], 1),
        "archive_megabytes": round(archive.stat().st_size / 1e6),
        "same_bytes": _digests(archive) == _digests(again),
    }


def _environment(media: Path, database: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return kept | {
        "PORTAL_ENVIRONMENT": "development",
        "PORTAL_DATABASE_URL": database,
        "PORTAL_MEDIA": str(media),
    }


def _run(environ: Mapping[str, str], command: str, file: Path) -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "portal.cli", command, file],
        env=dict(environ),
        cwd=REPOSITORY,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return round(time.perf_counter() - began, 1)


def _digests(archive: Path) -> dict[str, str]:
    """The digest of everything in an archive but what it says of itself, which tells the time."""
    with tarfile.open(archive) as tar:
        return {
            member.name: hashlib.file_digest(tar.extractfile(member), "sha256").hexdigest()
            for member in tar
            if member.name != "manifest.json"
        }
