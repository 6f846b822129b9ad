"""`portal doctor`: what is configured, what is reachable, what is migrated, and what to change."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import asdict
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import NullPool

from portal.app import create_app
from portal.app import open_media
from portal.app import open_provider
from portal.cache.inspection import inspect_redis
from portal.cli.output import FORMAT
from portal.cli.output import print_json
from portal.cli.output import print_table
from portal.content import schema
from portal.content.epoch import check_epoch
from portal.content.epoch import unseen_facts
from portal.content.inspection import inspect_database
from portal.content.triggers import find_differences
from portal.errors import PortalError
from portal.essential.manifest import CURRENT
from portal.essential.manifest import read_manifest
from portal.extensions import make_engine
from portal.generated_secret import secret_file
from portal.generated_secret import secret_of
from portal.masking import mask_url
from portal.settings import FILE_SUFFIX
from portal.settings import PREFIX
from portal.settings import Settings
from portal.settings import find_weakness
from portal.settings import load_settings

SECRETS_OF_CONTAINERS = Path("/run/secrets")


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
    """Look at settings, files, database and Redis, and say what to change."""
    findings = examine()
    if form == "json":
        print_json([asdict(finding) for finding in findings])
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
    return [
        _examine_secret(settings),
        *_examine_secret_files(),
        _examine_hosts(settings),
        _examine_media(settings),
        *_examine_snapshot(settings),
        _examine_site(settings),
        *_examine_database(settings),
        *_examine_redis(settings),
        *_examine_provider(settings),
    ]


def _examine_secret(settings: Settings) -> Finding:
    if settings.developing and settings.secret_key is None:
        return _examine_generated_secret(settings)
    advice = "set PORTAL_SECRET_KEY (32 characters or more) for production"
    if settings.secret_key is None:
        return Finding("secret key", False, "none", advice)
    weakness = find_weakness(settings.secret_key)
    if weakness:
        return Finding("secret key", False, f"it {weakness}", advice)
    return Finding("secret key", True, "set")


def _examine_generated_secret(settings: Settings) -> Finding:
    try:
        secret_of(settings)
    except PortalError as problem:
        return Finding("secret key", False, str(problem), "delete the file")
    return Finding("secret key", True, f"in {secret_file(settings)}, for development alone")


def _examine_secret_files() -> list[Finding]:
    return [
        _examine_secret_file(variable, Path(os.environ[variable]))
        for variable in sorted(os.environ)
        if variable.startswith(PREFIX) and variable.endswith(FILE_SUFFIX)
    ]


def _examine_secret_file(variable: str, file: Path) -> Finding:
    mode = f"{stat.S_IMODE(file.stat().st_mode):04o}"
    if is_open_to_others(file):
        advice = f"take reading from others: chmod o-r {file}; or close its folder to them"
        return Finding(variable, False, f"{file} has mode {mode}, and others reach it", advice)
    return Finding(variable, True, f"{file} has mode {mode}, and others do not reach it")


def is_open_to_others(file: Path) -> bool:
    """Whether users who are neither owner nor of the group can read a file.

    Where containers find their secrets there are no others, and the modes say nothing: the files
    are those of the machine, where a closed folder keeps them, and that folder is not seen here.
    """
    place = file.resolve()
    if place.is_relative_to(SECRETS_OF_CONTAINERS):
        return False
    return bool(place.stat().st_mode & stat.S_IROTH) and all(
        folder.stat().st_mode & stat.S_IXOTH for folder in place.parents
    )


def _examine_hosts(settings: Settings) -> Finding:
    if settings.trusted_hosts or settings.developing:
        return Finding("trusted hosts", True, ", ".join(settings.trusted_hosts) or "any")
    return Finding(
        "trusted hosts", False, "any", "set PORTAL_TRUSTED_HOSTS to the names of the site"
    )


def _examine_media(settings: Settings) -> Finding:
    if settings.media_store:
        return _examine_store(settings)
    folder = settings.media
    parent = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not parent.is_dir():
        return Finding("media folder", False, f"{parent} is a file", "name a folder: PORTAL_MEDIA")
    if os.access(parent, os.W_OK):
        return Finding("media folder", True, str(folder))
    return Finding("media folder", False, f"{folder} cannot be written", "mend its permissions")


def _examine_snapshot(settings: Settings) -> list[Finding]:
    """Whether there are pages to show while the database is away, where that is wanted."""
    folder = settings.snapshot
    if folder is None:
        return []
    try:
        made = read_manifest(folder / CURRENT).made
    except (OSError, ValueError) as problem:
        missing = isinstance(problem, FileNotFoundError)
        first = str(problem).partition("\n")[0]
        seen = f"{folder} holds no copy" if missing else f"its copy cannot be used: {first}"
        advice = f"run: portal snapshot {folder} (and let a timer do it every quarter of an hour)"
        return [Finding("snapshot", False, seen, advice)]
    return [Finding("snapshot", True, f"{folder}, as of {made:%Y-%m-%dT%H:%MZ}")]


def _examine_store(settings: Settings) -> Finding:
    """Ask for a file that is not there: address, bucket and credentials take part in the answer."""
    try:
        open_media(settings).exists("doctor")
    except Exception as problem:  # noqa: BLE001 - any failure of the store is the finding itself
        seen = str(problem).partition("\n")[0]
        return Finding("media store", False, seen, "check PORTAL_MEDIA_STORE and its credentials")
    return Finding("media store", True, settings.media_store)


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
        current = schema.current(settings.database_url)
    except Exception as problem:  # noqa: BLE001 - any driver's error is the finding itself
        seen = mask_url(str(problem).partition("\n")[0])
        return [Finding("database", False, seen, "check PORTAL_DATABASE_URL and the server")]
    finding = Finding("database", True, settings.database_url.partition("://")[0])
    if not schema.is_usable(current):
        seen = f"at {current or 'nothing'}"
        return [finding, Finding("migrations", False, seen, schema.advice(current))]
    found = inspect_database(settings.database_url, datetime.now(UTC))
    findings = [Finding(f.subject, f.healthy, f.seen, f.advice) for f in found]
    return [
        finding,
        Finding("migrations", True, f"at {current}"),
        *findings,
        *_examine_log(settings),
    ]


def _examine_redis(settings: Settings) -> list[Finding]:
    return [
        Finding(seen.subject, seen.healthy, seen.seen, seen.advice)
        for seen in inspect_redis(settings, datetime.now(UTC))
    ]


def _examine_provider(settings: Settings) -> list[Finding]:
    """Whether the identity provider answers as the settings name it, with a usable key."""
    try:
        provider = open_provider(settings)
        if provider is None:
            return []
        provider.keys(provider.metadata())
    except PortalError as problem:
        advice = "check PORTAL_OIDC_ISSUER and the way there; nobody can log in by it meanwhile"
        return [Finding("identity provider", False, str(problem), advice)]
    return [Finding("identity provider", True, provider.issuer)]


def _examine_log(settings: Settings) -> list[Finding]:
    """Whether changes are logged, and whether a database that went back would be noticed."""
    engine = make_engine(settings.database_url, poolclass=NullPool)
    try:
        found, hidden = find_differences(engine), unseen_facts(engine)
        renewed = check_epoch(engine)
    except Exception as problem:  # noqa: BLE001 - any driver's error is the finding itself
        return [Finding("change log", False, str(problem).partition("\n")[0], "see the message")]
    finally:
        engine.dispose()
    triggers = Finding("change log", True, "every trigger is as generated")
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        triggers = Finding("change log", False, found[0] + more, "run: portal cache verify --mend")
    seen = "renewed: the database is not the one it was" if renewed else "is of this database"
    if not hidden:
        return [triggers, Finding("epoch", True, seen)]
    advice = f"GRANT EXECUTE ON FUNCTION {', '.join(hidden)} TO the portal's role"
    return [
        triggers,
        Finding("epoch", False, "a restored or promoted server may go unnoticed", advice),
    ]
