"""A process that saves articles and looks at them at once: `writer BOARD PLAN FIRST STEP`.

Prints one JSON document at its end. Its own pages have to show its own saves without any delay.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path

from portal.app import Portal
from portal.app import create_app
from portal.compose import PageRequest
from portal.settings import load_settings
from tests.proofs.processes.board import Board
from tests.proofs.processes.content import save
from tests.proofs.processes.marks import WrongPage
from tests.proofs.processes.marks import read_marks
from tests.proofs.processes.plan import BOUND
from tests.proofs.processes.plan import read_plan

PAUSES = (0.1, 0.4)
"""Seconds between two saves of a process, at least and at most."""


def main(file: str, first: int, step: int) -> None:
    """Save every `step`-th article from `first` on, again and again until the board says stop."""
    plan = read_plan(Path(file))
    board = plan.open_board()
    portal: Portal = create_app(load_settings(os.environ)).extensions["portal"]
    chance = random.Random(first)  # noqa: S311 - no secret
    mine = plan.stories[first::step]
    pages, violations = 0, []
    while not board.is_stopped:
        story = chance.choice(mine)
        version = board.begun(story.number) + 1
        board.begin(story.number, version)
        save(portal, story, version)
        board.acknowledge(story.number, version)
        portal.composition.table.ensure()
        for path in (story.path, *plan.lists):
            pages += 1
            try:
                _look(portal, board, path, {story.number for story in mine})
            except WrongPage as wrong:
                violations.append(f"in the saving process, {path}: {wrong}")
        time.sleep(chance.uniform(*PAUSES))
    portal.close()
    saves = {story.number: board.acknowledged(story.number) for story in mine}
    print(json.dumps({"pages": pages, "violations": violations, "saves": sum(saves.values())}))  # noqa: T201 - the result


def _look(portal: Portal, board: Board, path: str, own: set[int]) -> None:
    started = time.monotonic()
    page = portal.composer.compose(PageRequest(path, "vi"))
    if page.status != 200 or page.degraded:
        raise WrongPage(f"status {page.status}, degraded {page.degraded}")
    for article, shown in read_marks(page.body).items():
        required = board.required(article, started - (0.0 if article in own else BOUND))
        if shown < required:
            raise WrongPage(f"article {article} in version {shown}, {required} was acknowledged")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
