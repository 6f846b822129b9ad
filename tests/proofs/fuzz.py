"""Random steps of many processes on a real database and a real Redis behind a lying store.

A seed determines everything that happens, so a failure is found again by its seed and step.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from collections.abc import Generator
from dataclasses import dataclass
from dataclasses import field

from portal.content import log
from tests.proofs.oracle import BOUND
from tests.proofs.oracle import Block
from tests.proofs.oracle import Oracle
from tests.proofs.protocol import Process
from tests.proofs.protocol import Steps
from tests.proofs.protocol import Store
from tests.proofs.protocol import World
from tests.proofs.protocol import run
from tests.proofs.real import Backup
from tests.proofs.real import RealDatabase

ARTICLES = 3
PROCESSES = 4
MOST_OPEN = 5
"""Pages and saves that are under way at the same time."""
FRAMES = ("title", "teaser")


@dataclass(slots=True)
class Clock:
    """Seconds that pass only between two steps."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Fuzz:
    """One seed's run; `broken` are the processes under test, as mutations break them."""

    database: RealDatabase
    shared: Store
    seed: int
    broken: type[Process] = Process
    follows: bool = False
    renews_epoch: bool = True
    trims: int = 4
    steps: int = 0
    done: Counter[str] = field(default_factory=Counter)
    world: World = field(init=False)
    clock: Clock = field(default_factory=Clock)
    _chance: random.Random = field(init=False)
    _processes: list[Process] = field(init=False)
    _open: list[tuple[Process, Steps]] = field(default_factory=list)
    _backup: Backup | None = None
    _version: int = 0
    _cut: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311 - no secret
        content = self.database.back_up(0).content
        self._version = max(content.values())
        self.world = World(self.database, self.shared, Oracle([dict(content)]), self.clock)
        self._processes = [self._start() for _ in range(PROCESSES)]

    def run(self, steps: int) -> str | None:
        """Take steps until the first violation; return what happened and how to replay it."""
        actions: dict[str, tuple[int, Callable[[], None]]] = {
            "go on": (40, self._go_on),
            "begin a page": (16, self._begin_page),
            "read a page": (22, self._read_page),
            "save": (8, self._save),
            "follow": (4, self._follow),
            "pass time": (4, self._pass_time),
            "crash after a commit": (1, self._crash),
            "start anew": (1, self._restart),
            "cut a follower": (1, self._cut_follower),
            "compact": (2, lambda: self._tidy(log.compact)),
            "trim": (self.trims, lambda: self._tidy(lambda e: log.trim(e, 1))),
            "back up": (1, self._back_up),
            "restore": (1, self._restore),
        }
        names = list(actions)
        weights = [weight for weight, _ in actions.values()]
        for self.steps in range(1, steps + 1):
            name = self._chance.choices(names, weights)[0]
            self.done[name] += 1
            actions[name][1]()
            if self.world.oracle.violations:
                self.close()
                return f"seed {self.seed}, step {self.steps}: {self.world.oracle.violations[0]}"
        self.close()
        return None

    def close(self) -> None:
        """End everything that is under way, which gives its snapshots back."""
        for _, steps in self._open:
            steps.close()
        self._open.clear()
        for process in self._processes:
            _close(process)

    # What may happen

    def _go_on(self) -> None:
        if self._open:
            at = self._chance.randrange(len(self._open))
            if next(self._open[at][1], None) is None:
                del self._open[at]

    def _begin_page(self) -> None:
        self._begin(self._pick(), lambda process: process.page(self._page(), strict=self._one(8)))

    def _read_page(self) -> None:
        run(self._pick().page(self._page(), strict=self._one(8)))

    def _save(self) -> None:
        changes = self._changes()
        process = self._pick()
        if self._one(3):
            self._begin(process, lambda process: process.save(changes))
        else:
            run(process.save(changes))

    def _follow(self) -> None:
        process = self._pick()
        if id(process) not in self._cut:
            process.read_log()

    def _pass_time(self) -> None:
        self.clock.now += self._chance.choice((0.05, 0.3, BOUND * 0.9, BOUND * 1.5))

    def _crash(self) -> None:
        changes = self._changes()
        self.database.commit(changes)
        self.world.oracle.committed(changes)
        self._restart()

    def _restart(self) -> None:
        at = self._chance.randrange(len(self._processes))
        gone = self._processes[at]
        for process, steps in self._open:
            if process is gone:
                steps.close()
        self._open = [item for item in self._open if item[0] is not gone]
        self._cut.discard(id(gone))
        _close(gone)
        self._processes[at] = self._start()

    def _cut_follower(self) -> None:
        self._cut.symmetric_difference_update({id(self._pick())})

    def _tidy(self, tidy: Callable[..., int]) -> None:
        tidy(self.database.engine)

    def _back_up(self) -> None:
        self._backup = self.database.back_up(len(self.world.oracle.history) - 1)

    def _restore(self) -> None:
        if self._backup is None or not self._one(4):
            return
        backup, oracle = self._backup, self.world.oracle
        epoch = f"{self.seed}-{self.steps}" if self.renews_epoch else backup.epoch
        self.database.restore(backup, epoch)
        state = oracle.committed(backup.content)
        oracle.acknowledged(state, self.clock())

    # What it happens to

    def _start(self) -> Process:
        return self.broken(self.world, follows=self.follows)

    def _begin(self, process: Process, begin: Callable[[Process], Steps]) -> None:
        if len(self._open) >= MOST_OPEN:
            self._go_on()
            return
        steps: Generator[str, None, None] = begin(process)
        if next(steps, None) is not None:
            self._open.append((process, steps))

    def _pick(self) -> Process:
        return self._chance.choice(self._processes)

    def _one(self, of: int) -> bool:
        return self._chance.randrange(of) == 0

    def _page(self) -> tuple[Block, ...]:
        first = self._chance.choice(self.database.articles)
        blocks = [Block(name, first) for name in FRAMES]
        if self._one(2):
            blocks.append(Block("title", self._chance.choice(self.database.articles)))
        if self._one(4):
            blocks = blocks[:1]
        return tuple(dict.fromkeys(blocks))

    def _changes(self) -> dict[int, int]:
        self._version += 1
        count = 2 if self._one(4) else 1
        return {
            number: self._version for number in self._chance.sample(self.database.articles, count)
        }


def _close(process: Process) -> None:
    close = getattr(process.source, "close", None)
    if close is not None:
        close()
