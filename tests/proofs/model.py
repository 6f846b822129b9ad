"""A small world in memory, explored exhaustively: every order of steps and every answer.

The database, the clock and the store between processes are models; the procedure and the parts
that decide (`LogTable`, `usable`, `MemoryTier`) are the real ones. The store may answer each
question with any value that was ever stored there, or with none.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

from portal.cache import Entry
from portal.content import tags
from portal.content.stamps import LogRows
from portal.content.stamps import LogSource
from tests.proofs.oracle import Oracle
from tests.proofs.oracle import Violation
from tests.proofs.protocol import Content
from tests.proofs.protocol import Process
from tests.proofs.protocol import Steps
from tests.proofs.protocol import World

FIRST = {1: 0, 2: 0}


class Choices:
    """Answers every question of a run: first as told, then always with the first answer."""

    def __init__(self, told: Sequence[int] = ()) -> None:
        self.trail: list[tuple[int, int]] = []
        self._told = told

    def choose(self, count: int) -> int:
        """One of `count` possibilities."""
        if count == 1:
            return 0
        turn = len(self.trail)
        chosen = self._told[turn] if turn < len(self._told) else 0
        self.trail.append((chosen, count))
        return chosen


def every_run(attempt: Callable[[Choices], Oracle]) -> Iterator[Oracle]:
    """Every run of `attempt` that differs in at least one choice, depth first."""
    told: list[int] = []
    while True:
        choices = Choices(told)
        yield attempt(choices)
        trail = choices.trail
        while trail and trail[-1][0] + 1 == trail[-1][1]:
            trail.pop()
        if not trail:
            return
        told = [chosen for chosen, _ in trail]
        told[-1] += 1


@dataclass(frozen=True, slots=True)
class State:
    """Everything the database holds after one transaction."""

    epoch: str = "a"
    floor: int = 0
    last: int = 0
    log: tuple[tuple[str, int], ...] = ()
    content: Mapping[int, int] = field(default_factory=lambda: dict(FIRST))

    @property
    def position(self) -> int:
        """What the head statement says."""
        return max(self.floor, self.log[-1][1] if self.log else 0)

    def rows(self, after: int) -> LogRows:
        """What a table at `after` lacks."""
        found = tuple(row for row in self.log if row[1] > after)
        return LogRows(self.epoch, self.floor, self.position, found, after)


class ModelDatabase:
    """The content as the list of its states; replicas show an earlier one."""

    def __init__(self, *, replicated: bool = False, lag: Callable[[], int] = lambda: 0) -> None:
        self.replicated = replicated
        self.states = [State()]
        self.meanwhile: dict[str, Callable[[], None]] = {}
        """What happens right after the next answer of a kind (`head`, `rows`, `snapshot`)."""
        self._lag = lag

    @property
    def now(self) -> State:
        """The newest state."""
        return self.states[-1]

    def source(self) -> LogSource:
        """Reads the log of the newest state."""
        return ModelLog(self)

    @contextmanager
    def snapshot(
        self, epoch: str, after: int | None, *, replica: bool = False
    ) -> Iterator[tuple[Content, LogRows]]:
        """A state that stays; a replica's may be older."""
        behind = self._lag() if replica else 0
        state = self.states[max(0, len(self.states) - 1 - behind)]
        if after is None:
            after = state.position
        elif epoch != state.epoch:
            after = -1
        self.happen("snapshot")
        yield state.content.__getitem__, state.rows(after)

    def commit(self, changes: Mapping[int, int]) -> None:
        """New versions and their rows of the log, in one step."""
        state = self.now
        log = tuple((tags.article(n), state.last + at) for at, n in enumerate(changes, start=1))
        self.states.append(
            replace(
                state,
                last=state.last + len(log),
                log=state.log + log,
                content={**state.content, **changes},
            )
        )

    def happen(self, kind: str) -> None:
        """Let happen what was planned for while an answer is on its way."""
        self.meanwhile.pop(kind, lambda: None)()

    def compact(self) -> None:
        """Remove every row that has a newer one of the same tag."""
        newest = dict(self.now.log)
        log = tuple(row for row in self.now.log if newest[row[0]] == row[1])
        self.states.append(replace(self.now, log=log))

    def trim(self) -> None:
        """Remove every row but the newest, and raise the floor to what was removed."""
        state = self.now
        if len(state.log) > 1:
            floor = max(state.floor, state.log[-2][1])
            self.states.append(replace(state, floor=floor, log=state.log[-1:]))

    def restore(self, state: State, *, epoch: str) -> None:
        """Go back to an earlier state."""
        self.states.append(replace(state, epoch=epoch))


class ModelLog:
    """The log of the newest state."""

    def __init__(self, database: ModelDatabase) -> None:
        self._database = database

    def head(self) -> LogRows:
        """Epoch, floor and position as of now."""
        found = self._database.now.rows(self._database.now.last)
        self._database.happen("head")
        return found

    def rows(self, after: int) -> LogRows:
        """The same with the rows above `after`."""
        found = self._database.now.rows(after)
        self._database.happen("rows")
        return found


class AnyAnswer:
    """A store that answers with any value it ever had under a key, or with none."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._stored: dict[str, dict[tuple[str, int, bytes], Entry]] = {}

    def get_many(self, epoch: str, keys: Sequence[str]) -> dict[str, tuple[Entry, ...]]:
        """One possible answer."""
        answer: dict[str, tuple[Entry, ...]] = {}
        for key in keys:
            values = list(self._stored.get(key, {}).values())
            chosen = self._choices.choose(len(values) + 1)
            if chosen < len(values):
                answer[key] = (values[chosen],)
        return answer

    def set_many(self, epoch: str, packs: Mapping[str, Sequence[Entry]], now: float) -> None:
        """Remember every value for ever."""
        for key, (entry,) in packs.items():
            identity = (entry.stamp.epoch, entry.stamp.position, entry.html)
            self._stored.setdefault(key, {})[identity] = entry


@dataclass(slots=True)
class Clock:
    """Seconds that pass only when something lets them pass."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Stage:
    """One run: a world, its processes, and the procedures that are going on in it."""

    choices: Choices
    kind: type[Process] = Process
    replicated: bool = False
    renews_epoch: bool = True
    database: ModelDatabase = field(init=False)
    world: World = field(init=False)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.database = ModelDatabase(
            replicated=self.replicated, lag=lambda: self.choices.choose(3)
        )
        oracle = Oracle([dict(FIRST)])
        self.world = World(self.database, AnyAnswer(self.choices), oracle, self.clock)

    def process(self, *, follows: bool = False) -> Process:
        """A new process of the kind under test."""
        return self.kind(self.world, follows=follows)

    def restore(self, state: State, shown: int) -> Steps:
        """Bring back `state`, which is the oracle's `shown`; then tell the operator."""
        oracle = self.world.oracle
        self.database.restore(state, epoch="b" if self.renews_epoch else state.epoch)
        number = oracle.committed(oracle.history[shown])
        yield "committed"
        oracle.acknowledged(number, self.clock())

    def interleave(self, procedures: Sequence[Steps], stops: frozenset[str]) -> None:
        """Run procedures to their ends in one possible order; they change only at `stops`."""
        going = list(procedures)
        while going:
            chosen = going[self.choices.choose(len(going))]
            for label in chosen:
                if label in stops:
                    break
            else:
                going.remove(chosen)


@dataclass(slots=True)
class Exploration:
    """What an exploration found."""

    runs: int = 0
    pages: int = 0
    violations: list[Violation] = field(default_factory=list)


def explore(
    play: Callable[[Stage], None],
    kind: type[Process] = Process,
    *,
    replicated: bool = False,
    renews_epoch: bool = True,
    first_only: bool = False,
) -> Exploration:
    """Every run of a play; only up to the first violation if so wished."""
    found = Exploration()

    def attempt(choices: Choices) -> Oracle:
        stage = Stage(choices, kind, replicated, renews_epoch)
        play(stage)
        return stage.world.oracle

    for oracle in every_run(attempt):
        found.runs += 1
        found.pages += oracle.pages
        found.violations += oracle.violations
        if found.violations and first_only:
            break
    return found
