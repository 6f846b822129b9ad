"""What the processes of the proof have to know, as a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.proofs.processes.board import Board
from tests.proofs.processes.content import Story

BOUND = 1.0
"""Seconds after which a follower has to show a save, whatever breaks."""


@dataclass(frozen=True, slots=True)
class Address:
    """A worker's number, where it listens, and seconds after which it has to show a save."""

    number: int
    host: str
    port: int
    delay: float


@dataclass(frozen=True, slots=True)
class Plan:
    """The board's file, the articles, the pages that list them, the workers."""

    board: str
    stories: tuple[Story, ...]
    lists: tuple[str, ...]
    workers: tuple[Address, ...]

    def open_board(self) -> Board:
        """The shared board."""
        return Board(Path(self.board), len(self.stories), len(self.workers) + 1)

    @property
    def redis(self) -> int:
        """Where the board notes the troubles of Redis: after those of the workers."""
        return len(self.workers)

    @property
    def paths(self) -> Sequence[str]:
        """Everything that readers read."""
        return [*(story.path for story in self.stories), *self.lists]

    def write(self, file: Path) -> None:
        """Store it."""
        file.write_text(json.dumps(asdict(self), default=datetime.isoformat))


def read_plan(file: Path) -> Plan:
    """What `Plan.write` stored."""
    values = json.loads(file.read_text())
    stories = [
        Story(**{**story, "published": datetime.fromisoformat(story["published"])})
        for story in values["stories"]
    ]
    workers = [Address(**worker) for worker in values["workers"]]
    return Plan(values["board"], tuple(stories), tuple(values["lists"]), tuple(workers))
