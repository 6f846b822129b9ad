"""A group of commands that helps who mistypes a name."""

from __future__ import annotations

import click


class KnowingGroup(click.Group):
    """Tells a name that is none of its commands with the nearest, or else with all there are."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that `args` begin with; raises `click.NoSuchCommand`."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as problem:
            known = self.list_commands(ctx)
            told = click.NoSuchCommand(problem.command_name, possibilities=known, ctx=ctx)
            if told.possibilities:
                raise told from problem
            message = f"{problem.message} (known: {', '.join(known)})"
            raise click.NoSuchCommand(problem.command_name, message, ctx=ctx) from problem
