"""Bringing in content from the old system: text dumps of PublishingPortal article pages."""

from __future__ import annotations

from portal.importing.dump import Dump
from portal.importing.dump import DumpRefused
from portal.importing.reading import read_dump

__all__ = ["Dump", "DumpRefused", "read_dump"]
