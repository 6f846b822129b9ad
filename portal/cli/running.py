"""The group of all commands, and what becomes of their errors."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from types import FrameType

import click
from flask import Flask
from sqlalchemy.exc import DBAPIError

from portal.app import create_app
from portal.cli.commands import PortalGroup
from portal.cli.trouble import describe
from portal.errors import PortalError
from portal.errors import SettingsError
from portal.settings import load_settings
from portal.starting import EXIT_CONFIG

_BY_SIGNAL = 128
"""What shells and supervisors add to the number of a signal that ended a process."""


def _create_app() -> Flask:
    return create_app(load_settings(os.environ))


group = PortalGroup(
    name="portal",
    help="Run and look after the portal. `portal COMMAND --help` explains one command.",
    create_app=_create_app,
    add_default_commands=False,
    load_dotenv=False,
    set_debug_flag=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def run_command(arguments: Sequence[str] | None = None) -> None:
    """Run a command; what it refuses, and trouble around it, is one message, no trace."""
    try:
        with ending_properly():
            group.main(args=arguments, prog_name="portal", standalone_mode=True)
    except PortalError as problem:
        click.echo(f"portal: {problem}", err=True)
        sys.exit(EXIT_CONFIG if isinstance(problem, SettingsError) else 1)
    except (OSError, DBAPIError) as problem:
        message = describe(problem)
        if message is None:
            raise
        click.echo(f"portal: {message}", err=True)
        sys.exit(1)


@contextmanager
def ending_properly() -> Iterator[None]:
    """Let SIGTERM end a command as a refusal does, so that it removes what it has not finished.

    A second one ends it at once. `portal serve` puts its own handler in the place of this one.
    """
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(number: int, _: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    sys.exit(_BY_SIGNAL + number)
