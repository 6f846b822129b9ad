"""Every error this portal raises on purpose, so callers can tell ours from the rest."""

from __future__ import annotations


class PortalError(Exception):
    """Something the portal refuses; the message names place, thing, problem and way out."""


class ConfigError(PortalError):
    """A setting or a site file is wrong; raised before anything is served."""


class SettingsError(ConfigError):
    """The operator's settings forbid to start (exit code 78, EX_CONFIG of sysexits.h)."""


class BlockError(PortalError):
    """A block is declared, found or used wrongly."""


class UndeclaredRead(BlockError):
    """A block read something its declaration does not name, so it is not in its cache key."""


class ContentError(PortalError):
    """A content command was refused; nothing was written."""


class ImportRefused(PortalError):
    """A file is not what the importer reads; nothing of it was imported."""


class MediaRefused(PortalError):
    """A file is not one that the portal keeps; nothing of it was stored."""


class ArchiveError(PortalError):
    """A backup, a restore or a copy was refused; nothing was changed."""


class SearchUnfinished(PortalError):
    """Content was received, but its search index could not be made; the content stays."""


class NoSuchPage(PortalError):
    """A block knows that the page asked of it does not exist (a number beyond a list's end)."""


class ContentUnavailable(PortalError):
    """The database cannot be read at the moment."""
