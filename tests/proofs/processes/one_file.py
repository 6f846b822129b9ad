"""What processes that share one SQLite file do: some commit, some ask where the log stands.

The board is a file of numbers that all of them map: for each process that commits the position of
its last commit, written once it was acknowledged; before them whether it is time to stop, behind
them for each that asks whether it has begun.
"""

from __future__ import annotations

import json
import mmap
import random
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from portal.content.stamps import HeldConnectionLog
from portal.extensions import make_engine

WRITERS = 3
READERS = 2
SLOTS = 1 + WRITERS + READERS
COMMITTED = slice(1, 1 + WRITERS)
BEGUN = slice(1 + WRITERS, SLOTS)
THREADS = 2
CHECKPOINTS = ("PASSIVE", "FULL", "RESTART", "TRUNCATE")
_SAVE = "UPDATE article SET headline = headline || '.' WHERE id = (SELECT min(id) FROM article)"
_POSITION = "SELECT seq FROM sqlite_sequence WHERE name = 'cache_log'"


def open_board(file: Path) -> memoryview:
    """The numbers; made if there are none yet."""
    if not file.exists():
        file.write_bytes(bytes(8 * SLOTS))
    with file.open("r+b") as opened:
        return memoryview(mmap.mmap(opened.fileno(), 8 * SLOTS)).cast("q")


def write(database: str, board: memoryview, number: int, commits: int) -> dict[str, int]:
    """Commit so often, now and then with a checkpoint, or begun and taken back."""
    chance = random.Random(number)  # noqa: S311 - no secret
    connection = sqlite3.connect(database, isolation_level=None, timeout=60)
    for _ in range(commits):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_SAVE)
        if chance.random() < 0.1:
            connection.execute("ROLLBACK")
            continue
        (position,) = connection.execute(_POSITION).fetchone()
        connection.execute("COMMIT")
        board[1 + number] = position
        if chance.random() < 0.1:
            connection.execute(f"PRAGMA wal_checkpoint({chance.choice(CHECKPOINTS)})")
    connection.close()
    return {"position": board[1 + number]}


def read(database: str, board: memoryview, number: int) -> dict[str, int]:
    """Ask until it is time to stop: how often, how often a statement was run, how often too old."""
    engine = make_engine(f"sqlite:///{database}")
    log = HeldConnectionLog(lambda: engine)
    found = dict.fromkeys(("asked", "statements", "late"), 0)
    counting, read_head = threading.Lock(), log._read_head

    def count(held: object) -> object:
        found["statements"] += 1
        return read_head(held)

    log._read_head = count  # type: ignore[assignment, method-assign]  # to count, under the log's lock

    def ask() -> None:
        asked = late = 0
        while not board[0]:
            required = max(board[COMMITTED])
            late += log.head().position < required
            asked += 1
            board[BEGUN.start + number] = 1
        with counting:
            found["asked"] += asked
            found["late"] += late

    threads = [threading.Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    engine.dispose()
    return found


def main(role: str, database: str, board_file: str, *numbers: str) -> None:
    """Do one of the two and print what came of it."""
    roles: dict[str, Callable[..., dict[str, int]]] = {"read": read, "write": write}
    board = open_board(Path(board_file))
    print(json.dumps(roles[role](database, board, *map(int, numbers))))  # noqa: T201 - the result


if __name__ == "__main__":
    main(*sys.argv[1:])
