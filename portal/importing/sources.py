"""Which files an import reads: those named, and every `*.txt` of a folder that is named."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from portal.importing.decoding import refuse_large
from portal.importing.dump import Dump
from portal.importing.dump import DumpRefused
from portal.importing.reading import read_dump


def find_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The files to read, each once: as named, the files of a folder by name.

    A path that does not exist stays in the list; reading it gives the reason.
    """
    files: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found = sorted(file for file in path.glob("*.txt") if file.is_file())
            files.update(dict.fromkeys(found or [path]))
        else:
            files[path] = None
    return tuple(files)


def read_file(path: Path, encoding: str | None = None) -> Dump:
    """Read one file; raise `DumpRefused` for one that is no dump or cannot be read."""
    name = printable(path)
    if path.is_dir():
        raise DumpRefused(name, 1, "the folder has no file named *.txt; name the files")
    try:
        refuse_large(path.stat().st_size, name)
        data = path.read_bytes()
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise DumpRefused(name, 1, f"the file cannot be read: {reason}") from problem
    return read_dump(data, file=name, encoding=encoding)


def printable(path: Path) -> str:
    """The path as text that any report can hold, also where the name is not UTF-8."""
    return str(path).encode("utf-8", "replace").decode()
