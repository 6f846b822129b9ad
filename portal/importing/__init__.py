"""Bringing in content from the old system: text dumps of PublishingPortal article pages."""

from __future__ import annotations

from portal.importing.batch import import_dumps
from portal.importing.dump import Dump
from portal.importing.dump import DumpRefused
from portal.importing.reading import read_dump
from portal.importing.report import FileOutcome
from portal.importing.report import ImportReport
from portal.importing.sources import find_files

__all__ = [
    "Dump",
    "DumpRefused",
    "FileOutcome",
    "ImportReport",
    "find_files",
    "import_dumps",
    "read_dump",
]
