"""What an archive says of itself."""

from __future__ import annotations

from pathlib import PurePosixPath

from pydantic import BaseModel
from pydantic import ConfigDict

from portal.errors import ArchiveError

FORMAT = 1
NAME = "manifest.json"
DATABASE = "database"
MEDIA = "media"
CONFIG = "config"


class TableEntry(BaseModel):
    """One table: its columns in the order of the values, its rows, the SHA-256 of its file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: tuple[str, ...]
    rows: int
    sha256: str


class FileEntry(BaseModel):
    """One file of media or config: its size in bytes and its SHA-256."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int
    sha256: str


class Manifest(BaseModel):
    """The last member of an archive. `files` are named `media/…` and `config/…`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    made: str
    portal: str
    schema_version: str
    tables: dict[str, TableEntry]
    files: dict[str, FileEntry]

    @property
    def members(self) -> dict[str, str]:
        """The digest that each member must have."""
        tables = {table_member(name): entry.sha256 for name, entry in self.tables.items()}
        return tables | {name: entry.sha256 for name, entry in self.files.items()}


def table_member(table: str) -> str:
    """Where the rows of a table stand."""
    return f"{DATABASE}/{table}.jsonl"


def check_member_name(name: str) -> PurePosixPath:
    """Refuse what would be written outside of its folder."""
    path = PurePosixPath(name)
    inside = path.parts and path.parts[0] in {DATABASE, MEDIA, CONFIG} and len(path.parts) > 1
    # Compared as text, because a path forgets doubled slashes and dots.
    if not inside or ".." in path.parts or str(path) != name or "\\" in name or "\0" in name:
        raise ArchiveError(f"the archive holds {name!r}, which belongs to no archive of a portal")
    return path
