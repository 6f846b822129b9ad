"""Tables and progress: rich in a terminal, plain lines everywhere else."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from typing import Protocol

import click
from rich.console import Console
from rich.progress import BarColumn
from rich.progress import MofNCompleteColumn
from rich.progress import Progress
from rich.progress import TextColumn
from rich.progress import TimeRemainingColumn
from rich.table import Table

FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="Text for people, JSON for programs.",
)


class Step(Protocol):
    """Tells a progress bar that one more item is done, or several."""

    def __call__(self, items: int = 1) -> None: ...


def print_json(value: object) -> None:
    """Print `value` as JSON with its letters as they are."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under column names; tab-separated where nobody looks."""
    if sys.stdout.isatty():
        table = Table(*columns, box=None, header_style="bold")
        for row in rows:
            table.add_row(*map(str, row))
        Console().print(table)
        return
    click.echo("\t".join(columns))
    for row in rows:
        click.echo("\t".join(map(str, row)))


@contextmanager
def progress(label: str, total: int) -> Iterator[Step]:
    """A progress bar in a terminal; elsewhere nothing, so that logs stay readable."""
    if not sys.stderr.isatty() or total < 2:
        yield lambda items=1: None
        return
    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda items=1: bar.advance(task, items)
