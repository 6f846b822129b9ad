"""The command line: `portal …`, Flask's command group with this portal's commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click
from flask import Flask

from portal.app import create_app
from portal.cli.commands import PortalGroup
from portal.errors import PortalError
from portal.errors import SettingsError
from portal.settings import load_settings
from portal.starting import EXIT_CONFIG

__all__ = ["group", "main"]


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


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; what the portal refuses on purpose is one message, never a trace."""
    try:
        group.main(args=arguments, prog_name="portal", standalone_mode=True)
    except PortalError as problem:
        click.echo(f"portal: {problem}", err=True)
        sys.exit(EXIT_CONFIG if isinstance(problem, SettingsError) else 1)
