"""The secret of a development machine: made once, in a file that only its owner can read.

A server, its workers and the command line share it, so that one can ask the other. In production
there is none: whoever runs a portal in public sets the secret.
"""

from __future__ import annotations

import logging
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from portal.errors import SettingsError
from portal.settings import SHORTEST_SECRET
from portal.settings import Settings

log = logging.getLogger(__name__)

FILE_NAME = "development-secret"
_OWNER_ONLY = 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_LARGEST = 1024


def secret_of(settings: Settings) -> str:
    """The configured secret; in development else the shared one, otherwise one of this process.

    Raises `SettingsError` for a shared one that others can read.
    """
    if settings.secret_key is not None:
        return settings.secret_key
    if not settings.developing:
        return secrets.token_hex(32)
    file = secret_file(settings)
    try:
        return _read(file) or _make(file)
    except OSError as problem:
        log.warning("no secret is shared with other processes of this portal: %s", problem)
        return secrets.token_hex(32)


def secret_file(settings: Settings) -> Path:
    """Where a development machine keeps its secret: beside the folder of stored files."""
    return settings.media.parent / FILE_NAME


def _read(file: Path) -> str:
    """The secret in `file`; empty when it is not there."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return ""
    with open(descriptor, encoding="ascii", errors="replace") as opened:
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        if mode & _OTHERS:
            raise SettingsError(
                f"{file}: the secret of this portal has mode {mode:04o}, so others can read it;"
                f" delete the file, and the next start makes a new one with mode {_OWNER_ONLY:04o}"
            )
        secret = opened.read(_LARGEST).strip()
    if len(secret) < SHORTEST_SECRET:
        raise SettingsError(
            f"{file}: the secret of this portal is shorter than {SHORTEST_SECRET} characters;"
            " delete the file, and the next start makes a new one"
        )
    return secret


def _make(file: Path) -> str:
    """A new secret in `file`, or the one that another process was faster to make."""
    file.parent.mkdir(parents=True, exist_ok=True)
    own = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_ONLY)
    try:
        with open(descriptor, "w", encoding="ascii") as opened:
            opened.write(secrets.token_hex(32) + "\n")
        # A link appears whole or not at all, and never in place of another: nobody reads half.
        with suppress(FileExistsError):
            os.link(own, file)
    finally:
        own.unlink()
    return _read(file)
