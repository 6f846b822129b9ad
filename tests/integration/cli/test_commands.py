"""The commands by their names: all there, imported one by one, and what a wrong name is told."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from portal.cli.commands import COMMANDS
from portal.cli.group import KnowingGroup
from portal.cli.running import group
from tests.integration.cli.conftest import RunCommand

LOADED = """
import click, sys
from portal.cli.running import group
group.get_command(click.Context(group), "serve")
unused = {"PIL", "alembic", "redis", "rich"}
unused |= {"portal.web.api.models", "portal.web.operating", "portal.content.operators"}
unused |= {"sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite"}
print(sorted(unused & set(sys.modules)))
"""

COLLECTED = """
import gc
from portal.cli.garbage import without_collection
collections = []
gc.callbacks.append(lambda phase, told: collections.append(phase))
with without_collection():
    import portal.cli.running
assert not collections and gc.isenabled()
held = len(gc.get_objects())
gc.collect()
print(held < 1000 < gc.get_freeze_count(), len(collections))
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_the_one_of_its_name(name: str):
    command = group.get_command(click.Context(group), name)
    assert command is not None
    assert command.name == name
    assert command.get_short_help_str()


def test_a_server_does_not_carry_what_it_does_not_use():
    """Its workers are forked from it, so each would have that in its memory.

    redis-py is for those whose settings name a Redis, the operators' pages for those who have
    operators, the API for those whose programs ask it, and a dialect of SQL for its database.
    """
    told = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    ).stdout
    assert told == "[]\n"


def test_what_a_start_makes_is_never_searched_for_garbage():
    told = subprocess.run(
        [sys.executable, "-c", COLLECTED], capture_output=True, text=True, check=True
    ).stdout
    assert told == "True 2\n"


def test_a_wrong_name_is_told_with_the_nearest_or_with_all(portal: RunCommand):
    near = portal("seerve")
    assert near.code == 2
    assert "No such command 'seerve'. Did you mean 'serve'?" in near.errors
    far = portal("zzz")
    assert far.code == 2
    assert "known: account, backup, block, blocks, cache, check, db" in far.errors


def test_a_wrong_name_in_a_group_is_told_as_well(portal: RunCommand):
    near = portal("db", "upgrad")
    assert near.code == 2
    assert "No such command 'upgrad'. Did you mean 'upgrade'?" in near.errors
    far = portal("cache", "zzz")
    assert far.code == 2
    known = "compact, explain, log, purge, stats, verify, warm"
    assert f"No such command 'zzz'. (known: {known})" in far.errors


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_group_knows_its_commands(name: str):
    command = group.get_command(click.Context(group), name)
    assert isinstance(command, KnowingGroup) or not isinstance(command, click.Group)
