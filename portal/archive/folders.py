"""Walks a site's folders: for what an archive takes in, and for what a restore takes away."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from portal.extensions import read_address

_YAML = frozenset({".yaml", ".yml"})


def real(path: Path | str) -> Path:
    """Where a path leads through every link; unlike `Path.resolve`, also for links in a ring."""
    return Path(os.path.realpath(path))


def database_files(url: str) -> frozenset[Path]:
    """Where SQLite keeps a database; none for a server."""
    place = read_address(url).database
    if not (url.startswith("sqlite") and place):
        return frozenset()
    file = real(place)
    return frozenset(file.with_name(file.name + end) for end in ("", "-journal", "-shm", "-wal"))


def site_files(config: Path, media: Path) -> Iterator[Path]:
    """The YAML files below `config`, without hidden ones: what the portal may read there.

    `layouts` is the only link to a folder that it goes through; behind others may be anything.
    """
    yield from _yaml_below(config, media)
    layouts = config / "layouts"
    if layouts.is_symlink() and not real(layouts).is_relative_to(real(media)):
        yield from _yaml_below(layouts, media)


def _yaml_below(folder: Path, media: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and real(Path(place, name)) != real(media)
        ]
        files = (Path(place, name) for name in names if not name.startswith("."))
        yield from (file for file in files if file.suffix in _YAML)
