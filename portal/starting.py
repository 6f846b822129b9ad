"""From the environment to a portal that may serve: settings, secrets, logs, application."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from flask import Flask

from portal.app import create_app
from portal.errors import PortalError
from portal.settings import Settings
from portal.settings import load_settings
from portal.settings import require_secrets
from portal.sight import configure_logs
from portal.web import Presence
from portal.web.presence import FOLDER_VARIABLE

EXIT_CONFIG = 78
"""EX_CONFIG of sysexits.h: supervisors need not try again before somebody changed something."""


def make(environ: Mapping[str, str]) -> Flask:
    """The application for a server. Raises `PortalError` for what forbids to serve."""
    settings = load_settings(environ)
    require_secrets(settings)
    configure_logs(log_form(settings), settings.log_level)
    return create_app(settings, presence=find_presence(environ))


def start(environ: Mapping[str, str]) -> Flask:
    """The application for a server. What forbids to serve is one message and exit code 78."""
    try:
        return make(environ)
    except PortalError as problem:
        sys.stderr.write(f"portal: {problem}\n")
        sys.exit(EXIT_CONFIG)


def log_form(settings: Settings) -> str:
    """`json` or `plain`."""
    if settings.log_format == "auto":
        return "plain" if settings.developing else "json"
    return settings.log_format


def find_presence(environ: Mapping[str, str]) -> Presence:
    """The marks of the server that started this process, if it is one that leaves them."""
    folder = environ.get(FOLDER_VARIABLE)
    return Presence(Path(folder) if folder else None)
