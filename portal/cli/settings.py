"""`portal settings`: what is in effect and where it comes from."""

from __future__ import annotations

import os
from dataclasses import asdict

import click

from portal.cli.output import FORMAT
from portal.cli.output import print_json
from portal.cli.output import print_table
from portal.settings import effective_settings
from portal.settings import settings_table


@click.command()
@FORMAT
@click.option("--table", is_flag=True, help="Print the table of the operators' documentation.")
def settings(form: str, table: bool) -> None:
    """Show every setting: its value, where it was set, what it means. Secrets are masked."""
    if table:
        click.echo(settings_table())
        return
    found = effective_settings(os.environ)
    if form == "json":
        print_json([asdict(setting) for setting in found])
        return
    print_table(
        ("setting", "value", "origin", "meaning"),
        [(item.name, item.value, item.origin, item.meaning) for item in found],
    )
