"""What a block author types: blocks, block new, block readme."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.registry import BUILT_IN
from tests.integration.cli.conftest import ROOT
from tests.integration.cli.conftest import RunCommand


def test_blocks_lists_what_is_installed(portal: RunCommand):
    answer = portal("blocks", "--format", "json")
    assert answer.code == 0
    assert [item["name"] for item in answer.data["blocks"]] == sorted(BUILT_IN)
    assert {item["origin"] for item in answer.data["blocks"]} == {"built-in"}
    assert all(item["summary"] for item in answer.data["blocks"])
    assert answer.data["broken"] == {}
    assert "related\tbuilt-in\tBlock_BanTin_Related\t" in portal("blocks").output


def test_a_disabled_block_is_not_listed(portal: RunCommand, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PORTAL_BLOCKS_DISABLED", "related, toolbar")
    names = {item["name"] for item in portal("blocks", "--format", "json").data["blocks"]}
    assert names == set(BUILT_IN) - {"related", "toolbar"}


def test_a_new_block_passes_its_test_as_it_is_written(portal: RunCommand, tmp_path: Path):
    folder = tmp_path / "newblocks"
    answer = portal("block", "new", "greeting", "--folder", folder)
    assert answer.code == 0
    assert str(folder / "greeting" / "__init__.py") in answer.output.splitlines()
    assert "Next: " in answer.output
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    test = folder / "greeting" / "test_greeting.py"
    configuration = ["-c", str(ROOT / "pyproject.toml"), "-o", f"cache_dir={tmp_path}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *configuration, str(test)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert "failed" not in done.stdout


def test_the_tables_of_the_readmes_are_current(portal: RunCommand):
    answer = portal("block", "readme", "--check")
    assert (answer.code, answer.output) == (0, "")


def test_a_block_is_never_written_over(portal: RunCommand, tmp_path: Path):
    portal("block", "new", "greeting", "--folder", tmp_path)
    mine = tmp_path / "greeting" / "README.md"
    mine.write_text("mine", "utf-8")
    answer = portal("block", "new", "greeting", "--folder", tmp_path)
    assert answer.code == 1
    assert answer.errors.endswith("exists already; choose another name\n")
    assert mine.read_text("utf-8") == "mine"


@pytest.mark.parametrize("name", ["Greeting", "x", "9lives", "a-b", "../up", "class", "a" * 33])
def test_a_bad_name_is_refused_with_the_rule(portal: RunCommand, tmp_path: Path, name: str):
    answer = portal("block", "new", "--folder", tmp_path / "made", "--", name)
    assert answer.code == 1
    assert f"{name!r} is no block name" in answer.errors
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "arguments", [("block",), ("block", "new"), ("block", "nwe"), ("blocks", "x")]
)
def test_a_wrong_call_prints_how_it_is_used(portal: RunCommand, arguments: tuple[str, ...]):
    answer = portal(*arguments)
    assert answer.code == 2
    assert "Usage: portal block" in answer.errors
    assert "Traceback" not in answer.errors
