"""`portal doctor`: what is configured, what is reachable, what is migrated."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

import click

from portal.app import create_app
from portal.cli.output import FORMAT
from portal.cli.output import print_json
from portal.cli.output import print_table
from portal.content import schema
from portal.errors import PortalError
from portal.settings import Settings
from portal.settings import load_settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, what was seen, and what to do if not."""

    subject: str
    healthy: bool
    seen: str
    advice: str = ""


@click.command()
@FORMAT
def doctor(form: str) -> None:
    """Look at settings, site files, database and folders, and say what to change."""
    findings = examine()
    if form == "json":
        print_json(
            [
                {"subject": f.subject, "healthy": f.healthy, "seen": f.seen, "advice": f.advice}
                for f in findings
            ]
        )
    else:
        print_table(
            ("", "subject", "seen", "advice"),
            [("ok" if f.healthy else "!!", f.subject, f.seen, f.advice) for f in findings],
        )
    sys.exit(0 if all(finding.healthy for finding in findings) else 1)


def examine() -> list[Finding]:
    """Every finding, in the order a start-up would meet them."""
    try:
        settings = load_settings(os.environ)
    except PortalError as problem:
        return [Finding("settings", False, str(problem), "set what the message names")]
    findings = [_examine_secret(settings), _examine_media(settings), _examine_site(settings)]
    return [*findings, *_examine_database(settings)]


def _examine_secret(settings: Settings) -> Finding:
    if settings.secret_key or settings.environment == "development":
        return Finding("secret key", True, "set" if settings.secret_key else "made at each start")
    return Finding(
        "secret key", False, "none", "set PORTAL_SECRET_KEY (32 characters or more) for production"
    )


def _examine_media(settings: Settings) -> Finding:
    folder = settings.media
    parent = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if os.access(parent, os.W_OK):
        return Finding("media folder", True, str(folder))
    return Finding("media folder", False, f"{folder} cannot be written", "mend its permissions")


def _examine_site(settings: Settings) -> Finding:
    try:
        app = create_app(settings)
    except PortalError as problem:
        first = str(problem).partition("\n")[0]
        return Finding("site files", False, first, "run: portal check")
    portal = app.extensions["portal"]
    broken = portal.registry.broken
    if broken:
        return Finding("blocks", False, "; ".join(broken), "see: portal blocks")
    layouts = len(portal.folder.layouts)
    return Finding("site files", True, f"{layouts} layouts, {len(portal.registry)} blocks")


def _examine_database(settings: Settings) -> list[Finding]:
    try:
        current, head = schema.current(settings.database_url), schema.head()
    except Exception as problem:  # noqa: BLE001 - any driver's error is the finding itself
        seen = str(problem).partition("\n")[0]
        return [Finding("database", False, seen, "check PORTAL_DATABASE_URL and the server")]
    finding = Finding("database", True, settings.database_url.partition("://")[0])
    if current == head:
        return [finding, Finding("migrations", True, f"at {current}")]
    return [
        finding,
        Finding("migrations", False, f"at {current or 'nothing'}", "run: portal db upgrade"),
    ]
