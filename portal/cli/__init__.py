"""The command line: `portal …`, Flask's command group with this portal's commands."""

from __future__ import annotations

from portal.cli.garbage import without_collection

__all__ = ["main"]


def main() -> None:
    """The process of a command."""
    with without_collection():
        from portal.cli.running import run_command  # noqa: PLC0415 - this is what takes the time
    run_command()
