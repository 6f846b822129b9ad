"""Walks a site's folders: for what an archive takes in, and for what a restore takes away."""

from __future__ import annotations

import os
from collections.abc import Callable
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


def files_below(
    folder: Path, is_left_out: Callable[[Path], bool], above: tuple[Path, ...] = ()
) -> Iterator[Path]:
    """Every file, also behind links; raises `OSError` for what cannot be looked into.

    `is_left_out` is asked with the real path of each file and folder; `above` are the real folders
    on the way here, to which no link leads back.
    """
    above = (*above, real(folder))
    for path in folder.iterdir():
        place = real(path) if path.is_symlink() else above[-1] / path.name
        if is_left_out(place):
            continue
        if not path.is_dir():
            if path.is_file():
                yield path
        # Not `..data`, by which Kubernetes exchanges all files of a volume at once.
        elif not (path.name.startswith("..") or _leads_back(place, above)):
            yield from files_below(path, is_left_out, above)


def _leads_back(place: Path, above: tuple[Path, ...]) -> bool:
    return any(folder.is_relative_to(place) for folder in above)


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
