"""Processes that share one SQLite file: no acknowledged commit is seen too late, by any of them.

One process that commits is killed again and again, in the middle of whatever it does. `PROOF_STEPS`
says how long it goes on.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import NullPool
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from portal.extensions import make_engine
from portal.testing.samples import load_samples
from tests.proofs.processes.one_file import BEGUN
from tests.proofs.processes.one_file import READERS
from tests.proofs.processes.one_file import WRITERS
from tests.proofs.processes.one_file import open_board
from tests.proofs.processes.servers import ROOT

COMMITS = int(os.environ.get("PROOF_STEPS", "20400")) // 40
LONGEST = 3600
PATIENCE = 120.0
SHORTEST_LIFE = 0.4
"""Seconds until the process is killed that does not live to its end."""


def start(*arguments: object) -> subprocess.Popen[str]:
    """One of the processes."""
    command = [sys.executable, "-m", "tests.proofs.processes.one_file", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def outcome(process: subprocess.Popen[str]) -> dict[str, int]:
    """What it printed at its end."""
    printed, _ = process.communicate(timeout=LONGEST)
    assert process.returncode == 0
    found: dict[str, int] = json.loads(printed)
    return found


def test_every_process_sees_every_commit_that_was_acknowledged(sqlite_url: str, tmp_path: Path):
    """Although most of them run no statement to look for it."""
    engine = make_engine(sqlite_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        load_samples(session, "bach_tra", tmp_path / "media")
    engine.dispose()
    database, file = make_url(sqlite_url).database, tmp_path / "board"
    board = open_board(file)
    readers = [start("read", database, file, number) for number in range(READERS)]
    # Opening a file takes the lock for which those who commit stand in line.
    end = time.monotonic() + PATIENCE
    while not all(board[BEGUN]):
        assert time.monotonic() < end, [reader.poll() for reader in readers]
        time.sleep(0.01)
    steady = [start("write", database, file, number, COMMITS) for number in range(WRITERS - 1)]
    killed = 0
    while any(writer.poll() is None for writer in steady):
        victim = start("write", database, file, WRITERS - 1, 10**9)
        try:
            victim.wait(SHORTEST_LIFE * (1 + killed % 3))
        except subprocess.TimeoutExpired:
            victim.kill()
            killed += 1
        victim.communicate(timeout=60)
    positions = [outcome(writer)["position"] for writer in steady]
    board[0] = 1
    found = [outcome(reader) for reader in readers]
    print(f"\nlog at {max(positions)}, {killed} killed, {found}")  # noqa: T201 - the figure
    assert [reader["late"] for reader in found] == [0] * READERS
    assert max(positions) > COMMITS
    assert killed > 0
    for reader in found:
        assert 0 < reader["statements"] < reader["asked"] // 2
