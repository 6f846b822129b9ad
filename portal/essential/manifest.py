"""What a copy of the site holds: `manifest.json` beside its pages."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel
from pydantic import ConfigDict

CURRENT = "current"
"""The link in a folder of copies that leads to the newest complete one."""
FILE = "manifest.json"
FORMAT = 1


class CopiedPage(BaseModel):
    """A page: what was asked of the composer, where the answer lies, its BLAKE2 digest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    locale: str
    path: str
    number: int
    file: str
    digest: str


class Manifest(BaseModel):
    """All pages of a copy, and until when its content was followed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    site: str
    made: datetime
    pages: tuple[CopiedPage, ...]
    files: int


def read_manifest(folder: Path) -> Manifest:
    """The manifest of one copy. Raises `OSError` and `ValueError`."""
    found = Manifest.model_validate_json((folder / FILE).read_bytes())
    if found.format != FORMAT:
        raise ValueError(f"format {found.format} is not {FORMAT}, the one this version reads")
    return found
