"""`portal blocks` and `portal block …`: what is installed, a new block, settings tables."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

from portal.cli.group import KnowingGroup
from portal.cli.output import FORMAT
from portal.cli.output import print_json
from portal.cli.output import print_table
from portal.registry import find_blocks
from portal.scaffold import settings_table
from portal.scaffold import write_block
from portal.settings import load_settings

_TABLE = re.compile(r"(<!-- settings -->\n).*?(<!-- /settings -->)", re.DOTALL)


@click.command()
@FORMAT
def blocks(form: str) -> None:
    """List the installed blocks, where they come from, and those that cannot be loaded."""
    registry = find_blocks(load_settings(os.environ).blocks_disabled)
    rows = [
        (name, registry.origin(name), ", ".join(block.aliases), block.summary)
        for name, block in registry.items()
    ]
    if form == "json":
        columns = ("name", "origin", "aliases", "summary")
        print_json(
            {
                "blocks": [dict(zip(columns, row, strict=True)) for row in rows],
                "broken": registry.broken,
            }
        )
        return
    print_table(("block", "from", "legacy names", "purpose"), rows)
    for name, reason in registry.broken.items():
        click.echo(f"cannot be loaded: {name}: {reason}", err=True)


@click.group(cls=KnowingGroup)
def block() -> None:
    """Write a new block, or refresh the settings table of its README."""


@block.command()
@click.argument("name")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("blocks"),
    show_default=True,
    help="Where the block's folder is made.",
)
def new(name: str, folder: Path) -> None:
    """Write the folder of a new block NAME, with a test, that passes everything at once."""
    for file in write_block(name, folder):
        click.echo(file)
    click.echo(
        f"Next: add {name!r} to BUILT_IN in portal/registry.py, or offer it from a package"
        " under the entry point group portal.blocks; then place it in a layout."
    )


@block.command()
@click.option("--check", is_flag=True, help="Only tell whether a table is out of date.")
def readme(check: bool) -> None:
    """Write the settings table of every built-in block's README from its settings model."""
    stale = []
    for found in find_blocks().values():
        file = found.folder / "README.md"
        if not file.exists():
            continue
        text = file.read_text(encoding="utf-8")
        fresh = _TABLE.sub(lambda match: match[1] + settings_table(found) + match[2], text)  # noqa: B023 - used at once
        if fresh != text:
            stale.append(str(file))
            if not check:
                file.write_text(fresh, encoding="utf-8")
    for name in stale:
        click.echo(f"{'out of date' if check else 'written'}: {name}")
    if check and stale:
        raise click.ClickException("run: portal block readme")
