"""The commands by their names, each imported when somebody asks for it.

`portal serve` needs none of the others, and its workers would carry along whatever they import.
"""

from __future__ import annotations

from importlib import import_module

import click
from flask.cli import FlaskGroup

from portal.cli.group import KnowingGroup

COMMANDS = {
    "account": "accounts:account",
    "backup": "database:backup",
    "block": "blocks:block",
    "blocks": "blocks:blocks",
    "cache": "cache:cache",
    "check": "layouts:check",
    "db": "database:database",
    "demo": "content:demo",
    "doctor": "doctor:doctor",
    "import": "content:imports",
    "layout": "layouts:layout",
    "media": "media:media",
    "restore": "database:restore",
    "schema": "layouts:schema",
    "search": "search:search",
    "serve": "serve:serve",
    "settings": "settings:settings",
    "snapshot": "snapshot:snapshot",
    "token": "accounts:token",
}
"""Module of this package and name in it."""


class PortalGroup(KnowingGroup, FlaskGroup):
    """Flask's group of commands with those of the portal."""

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of that name, imported now."""
        place = COMMANDS.get(name)
        if place is not None and name not in self.commands:
            module, _, attribute = place.partition(":")
            self.add_command(getattr(import_module(f"portal.cli.{module}"), attribute), name)
        return super().get_command(ctx, name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in their order."""
        return sorted({*COMMANDS, *super().list_commands(ctx)})
