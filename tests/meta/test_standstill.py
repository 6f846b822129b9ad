"""Which failures are excused: those of tests by the watch, on a machine that stood still."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAILS = """
import time
from pathlib import Path
import pytest

{mark}
def test_it():
    attempt = len(list(Path().glob("attempt-*")))
    Path(f"attempt-{{attempt}}").touch()
    time.sleep({seconds})
    assert False
"""
AGAIN = "@pytest.mark.by_the_watch"
STOPPED_SECONDS = 0.3


def run(folder: Path, mark: str, seconds: float, *, stopped: bool) -> int:
    """How often a test was tried that always fails, perhaps in a process that stood still."""
    (folder / "test_it.py").write_text(FAILS.format(mark=mark, seconds=seconds))
    command = [sys.executable, "-m", "pytest", "-p", "tests.standstill", "-c", os.devnull]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*command, "--rootdir", str(folder), "test_it.py"],
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        if stopped:
            stop_first_attempt(folder, process)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "1 failed" in output
    return len(list(folder.glob("attempt-*")))


def stop_first_attempt(folder: Path, process: subprocess.Popen[str]) -> None:
    """Give the process no processor for a while, in its first attempt only."""
    end = time.monotonic() + 60
    while not (folder / "attempt-0").exists():
        assert time.monotonic() < end
        time.sleep(0.01)
    process.send_signal(signal.SIGSTOP)
    time.sleep(STOPPED_SECONDS)
    process.send_signal(signal.SIGCONT)


@pytest.mark.by_the_watch
def test_what_failed_on_a_machine_that_stood_still_is_tried_again(tmp_path: Path):
    """And what fails again on one that runs has failed."""
    assert run(tmp_path, AGAIN, 1.0, stopped=True) == 2


@pytest.mark.by_the_watch
def test_what_failed_on_a_machine_that_runs_has_failed(tmp_path: Path):
    assert run(tmp_path, AGAIN, 0.0, stopped=False) == 1


def test_what_measures_no_time_is_never_tried_again(tmp_path: Path):
    assert run(tmp_path, "", 1.0, stopped=True) == 1
