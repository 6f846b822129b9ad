"""Commands for site builders: check, show, explain and migrate the files of a site."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from portal.cli.group import KnowingGroup
from portal.cli.output import FORMAT
from portal.cli.output import print_json
from portal.cli.output import print_table
from portal.compose import make_environment
from portal.compose import shell_regions
from portal.errors import ConfigError
from portal.layouts import LayoutErrors
from portal.layouts import Problem
from portal.layouts import SiteFolder
from portal.layouts import load_site_folder
from portal.layouts import render_text
from portal.layouts.explain import as_data
from portal.layouts.explain import effective
from portal.layouts.explain import render
from portal.layouts.explain import values
from portal.layouts.explain import why as explain
from portal.layouts.migrate import migrate_folder
from portal.layouts.schema import schema_text
from portal.registry import Registry
from portal.registry import find_blocks
from portal.settings import Settings
from portal.settings import load_settings

SCHEMA_FILE = Path("schema") / "layout.json"


@click.command()
@click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@FORMAT
def check(folder: Path | None, form: str) -> None:
    """Check every file of a site and report all problems at once.

    FOLDER is a site folder; without it the configured one is checked.
    """
    settings = load_settings(os.environ)
    folder = folder or settings.config
    problems: tuple[Problem, ...]
    found: SiteFolder | None = None
    try:
        found, _ = load_site(settings, folder)
        problems = found.warnings
    except LayoutErrors as errors:
        problems = tuple(errors.problems)
    if form == "json":
        data = [problem.as_data() for problem in problems]
        print_json({"ok": found is not None, "problems": data})
    else:
        if problems:
            click.echo(render_text(problems), err=True)
        count = sum(problem.severity == "error" for problem in problems)
        sound = f"{len(found.layouts)} layouts are sound" if found else ""
        click.echo(f"{folder}: {sound or f'{count} error' + 's' * (count > 1)}")
    sys.exit(0 if found is not None else 1)


@click.group(cls=KnowingGroup)
def layout() -> None:
    """Look at layouts: what they result in, who set what, what is out of date."""


@layout.command()
@click.argument("name", required=False)
@click.option("--effective", "resulting", is_flag=True, help="With defaults and where each is set.")
@FORMAT
def show(name: str | None, resulting: bool, form: str) -> None:
    """Show the layout NAME as it results from its files; without NAME list all of them."""
    folder, _ = load_site(load_settings(os.environ))
    if name is None:
        _list_layouts(folder, form)
        return
    tree = effective(folder, name)
    if form == "json":
        print_json(as_data(tree) if resulting else values(tree, defaults=False))
    elif resulting:
        click.echo(render(tree))
    else:
        file = folder.files.get(name)
        for region, placements in folder.layouts[name].regions.items():
            for placement in placements:
                click.echo(f"{region}: {placement.key} ({placement.block})")
        click.echo(f"file: {file}; add --effective for every value and its source")


@layout.command()
@click.argument("name")
@click.argument("path")
@FORMAT
def why(name: str, path: str, form: str) -> None:
    """Tell who set PATH (as in related.settings.limit) of layout NAME, the newest last."""
    folder, _ = load_site(load_settings(os.environ))
    chain = explain(folder, name, path)
    if form == "json":
        print_json([{"value": item.value, "from": item.source} for item in chain])
        return
    print_table(("value", "set by"), [(item.value, item.source) for item in chain])


@layout.command()
@click.option("--write", is_flag=True, help="Rewrite the files; comments are kept.")
@FORMAT
def migrate(write: bool, form: str) -> None:
    """Bring old block names and settings up to date; without --write only tell what would be."""
    folder, registry = load_site(load_settings(os.environ))
    changes = migrate_folder(folder, registry.specifications(), write=write)
    if form == "json":
        print_json([{"file": c.file, "line": c.line, "change": c.text} for c in changes])
        return
    for change in changes:
        click.echo(f"{change.file}:{change.line}: {change.text}")
    if not changes:
        click.echo("every layout is up to date")
    elif not write:
        click.echo("nothing was written; add --write")


@click.command()
@click.option("--write", is_flag=True, help="Write it to schema/layout.json of the site folder.")
@click.option("--check", "checking", is_flag=True, help="Only tell whether that file is current.")
@click.option("--format", "form", type=click.Choice(["json"]), default="json", hidden=True)
def schema(write: bool, checking: bool, form: str) -> None:
    """Print the JSON Schema of layout files with the settings of every installed block."""
    settings = load_settings(os.environ)
    registry, templates = _blocks_and_templates(settings)
    text = schema_text(registry.specifications(), templates)
    file = settings.config / SCHEMA_FILE
    if checking:
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            raise ConfigError(f"{file} is out of date; run: portal schema --write")
        click.echo(f"{file} is current")
    elif write:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        click.echo(f"written: {file}")
    else:
        click.echo(text, nl=False)


def load_site(settings: Settings, folder: Path | None = None) -> tuple[SiteFolder, Registry]:
    """The site folder with the installed blocks; raises `LayoutErrors` for a broken one."""
    registry, templates = _blocks_and_templates(settings)
    path = folder or settings.config
    found = load_site_folder(
        path, registry.specifications(), templates=templates, broken=registry.broken
    )
    return found, registry


def _blocks_and_templates(settings: Settings) -> tuple[Registry, dict[str, tuple[str, ...]]]:
    registry = find_blocks(settings.blocks_disabled)
    environment = make_environment(settings.templates, registry.values())
    return registry, shell_regions(environment, settings.templates)


def _list_layouts(folder: SiteFolder, form: str) -> None:
    rows = [
        (name, found.page_type, len(found.placements), str(folder.files.get(name, "")))
        for name, found in sorted(folder.layouts.items())
    ]
    if form == "json":
        columns = ("layout", "for", "placements", "file")
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        print_table(("layout", "for", "placements", "file"), rows)
