"""The README tells the truth: its commands, settings, targets and files exist, and it is short."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from portal.cli.running import group
from portal.settings import PREFIX
from portal.settings import Settings

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
LONGEST = 120

SHELL = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
TOLD = re.findall(r"`portal ([^`]+)`", README)
SETTINGS = sorted(set(re.findall(rf"\b{PREFIX}([A-Z_]+)\b", README)))
# A path of the repository: it has a slash, or is a file of the first level.
PATHS = sorted(
    {
        path.rstrip("/")
        for path in re.findall(
            r"[`(]((?:[\w.-]+/)+[\w.-]*|Dockerfile|Makefile|[\w-]+\.toml)[`)]", README
        )
    }
)


def test_readme_has_two_commands_and_is_short() -> None:
    lines = [line for block in SHELL for line in block.splitlines()]

    assert [line.partition("#")[0].strip() for line in lines] == ["make run", "make test"]
    assert len(README.splitlines()) <= LONGEST


@pytest.mark.parametrize("told", TOLD)
def test_command_of_the_readme_exists(told: str) -> None:
    command: click.Command = group
    with click.Context(group) as context:
        words = told.split()
        while isinstance(command, click.Group):
            name = words.pop(0)
            found = command.get_command(context, name)
            assert found is not None, f"portal has no command {name!r}"
            command = found
            if not words:
                return
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= options


@pytest.mark.parametrize("name", SETTINGS)
def test_setting_of_the_readme_exists(name: str) -> None:
    assert name.lower() in Settings.model_fields


@pytest.mark.parametrize("path", PATHS)
def test_file_of_the_readme_exists(path: str) -> None:
    assert (REPOSITORY / path).exists()


def test_targets_of_the_readme_exist() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    paragraph = README.partition("`make help` lists the targets:")[2].partition(".")[0]
    told = re.findall(r"`([a-z]+)`", paragraph) + re.findall(r"\bmake ([a-z]+)", README)

    assert set(told) <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert len(told) > 5
