"""The command line: `portal …`, Flask's command group with this portal's commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click
from flask import Flask
from flask.cli import FlaskGroup

from portal.app import create_app
from portal.cli.blocks import block
from portal.cli.blocks import blocks
from portal.cli.content import database
from portal.cli.content import demo
from portal.cli.content import imports
from portal.cli.doctor import doctor
from portal.cli.layouts import check
from portal.cli.layouts import layout
from portal.cli.layouts import schema
from portal.cli.serve import serve
from portal.errors import PortalError
from portal.settings import load_settings

__all__ = ["group", "main"]


def _create_app() -> Flask:
    return create_app(load_settings(os.environ))


group = FlaskGroup(
    name="portal",
    help="Run and look after the portal. `portal COMMAND --help` explains one command.",
    create_app=_create_app,
    add_default_commands=False,
    load_dotenv=False,
    set_debug_flag=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (serve, demo, imports, check, layout, schema, blocks, block, database, doctor):
    group.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; what the portal refuses on purpose is one message, never a trace."""
    try:
        group.main(args=arguments, prog_name="portal", standalone_mode=True)
    except PortalError as problem:
        click.echo(f"portal: {problem}", err=True)
        sys.exit(1)
