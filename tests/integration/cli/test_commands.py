"""The commands by their names: all there, imported one by one, and what a wrong name is told."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from portal.cli import group
from portal.cli.commands import COMMANDS
from tests.integration.cli.conftest import RunCommand

LOADED = """
import click, sys
from portal.cli import group
group.get_command(click.Context(group), "serve")
print(sorted({"PIL", "alembic", "rich"} & set(sys.modules)))
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_the_one_of_its_name(name: str):
    command = group.get_command(click.Context(group), name)
    assert command is not None
    assert command.name == name
    assert command.get_short_help_str()


def test_a_server_does_not_carry_what_other_commands_import():
    """Its workers are forked from it, so each would have that in its memory."""
    told = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    ).stdout
    assert told == "[]\n"


def test_a_wrong_name_is_told_with_the_nearest_or_with_all(portal: RunCommand):
    near = portal("seerve")
    assert near.code == 2
    assert "No such command 'seerve'. (did you mean 'serve'?)" in near.errors
    far = portal("zzz")
    assert far.code == 2
    assert "known: account, backup, block, blocks, cache, check, db" in far.errors
