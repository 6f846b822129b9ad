"""The commands by their names, each imported when somebody asks for it.

`portal serve` needs none of the others, and its workers would carry along whatever they import.
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module

import click
from flask.cli import FlaskGroup

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


class PortalGroup(FlaskGroup):
    """Flask's group of commands with those of the portal."""

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of that name, imported now."""
        place = COMMANDS.get(name)
        if place is not None and name not in self.commands:
            module, _, attribute = place.partition(":")
            self.add_command(getattr(import_module(f"portal.cli.{module}"), attribute), name)
        return super().get_command(ctx, name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that `args` begin with; a name that is none is told with the nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as problem:
            near = get_close_matches(args[0], COMMANDS, n=1)
            advice = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(COMMANDS)}"
            raise click.UsageError(f"{problem.message} ({advice})", ctx) from problem

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in their order."""
        return sorted({*COMMANDS, *super().list_commands(ctx)})
