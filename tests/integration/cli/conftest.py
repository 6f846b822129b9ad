"""The command line as an operator runs it: arguments, environment, output, exit code."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from portal.cli.running import run_command

ROOT = Path(__file__).parents[3]

RunCommand = Callable[..., "Answer"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed, and how it ended."""

    code: int
    output: str
    errors: str

    @property
    def data(self) -> Any:
        """Its output as JSON."""
        return json.loads(self.output)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A copy of the shipped site's files, without its demo content and its schema."""
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder, ignore=shutil.ignore_patterns("demo", "schema"))
    return folder


@pytest.fixture
def portal(
    tmp_path: Path,
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> RunCommand:
    """Runs `portal …` on that copy, with a database that is not there yet."""
    values = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'portal.sqlite3'}",
        "CONFIG": str(config),
        "TEMPLATES": str(ROOT / "templates"),
        "MEDIA": str(tmp_path / "media"),
        "SECRET_KEY": "b1946ac92492d2347c6235b4d2611184",
        "TRUSTED_HOSTS": "portal.example",
    }
    for name, value in values.items():
        monkeypatch.setenv(f"PORTAL_{name}", value)

    def run(*arguments: str | Path) -> Answer:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run_command([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Answer(int(ended.value.code or 0), captured.out, captured.err)

    return run
