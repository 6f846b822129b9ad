"""The page procedure, written once over the production parts, in steps that can be interleaved.

Every `yield` is a place where anything else may happen: another thread of the same process,
another process, a writer, a lie of the shared store. The model, the fuzz and the directed
schedules all drive this procedure; a mutation is a subclass of `Process` that breaks one rule.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import AbstractContextManager
from contextlib import ExitStack
from dataclasses import dataclass
from math import inf
from typing import Any
from typing import ClassVar
from typing import Protocol

from portal.cache import Entry
from portal.cache import LogTable
from portal.cache import MemoryTier
from portal.cache import View
from portal.cache import usable
from portal.cache.entry import RENDERED
from portal.content import tags
from portal.content.stamps import LogRows
from portal.content.stamps import LogSource
from portal.content.stamps import Stamp
from tests.proofs.oracle import BOUND
from tests.proofs.oracle import Block
from tests.proofs.oracle import Oracle

Content = Callable[[int], int]
"""What a snapshot shows: the version of an article."""
NEVER = 1e10
Steps = Generator[str, None, None]


class Database(Protocol):
    """The content: a model of one or a real one."""

    replicated: bool

    def source(self) -> LogSource:
        """A connection of its own that reads the log."""

    def snapshot(
        self, epoch: str, after: int | None, *, replica: bool = False
    ) -> AbstractContextManager[tuple[Content, LogRows]]:
        """One state, with the log rows that a table of `epoch` at `after` lacks."""

    def commit(self, changes: Mapping[int, int]) -> None:
        """Give articles new versions in one transaction."""


class Store(Protocol):
    """What processes share, as `portal.cache.Shared`. Whatever it answers, no page may be wrong."""

    def get_many(self, epoch: str, keys: Sequence[str]) -> Mapping[str, tuple[Entry, ...]]:
        """Entries under some of `keys`."""

    def set_many(self, epoch: str, packs: Mapping[str, Sequence[Entry]], now: float) -> None:
        """Store entries, or lose them."""


@dataclass(slots=True)
class World:
    """Everything that processes share."""

    database: Database
    shared: Store
    oracle: Oracle
    clock: Callable[[], float]


def entry_of(stamp: Stamp, block: Block, version: int) -> Entry:
    """A rendered block. Time never ends it, so that only the log can."""
    return Entry(
        stamp=stamp,
        tags=frozenset({tags.article(block.article), "article"}),
        created=0.0,
        fresh_until=NEVER,
        stale_until=NEVER,
        digest="",
        label=RENDERED,
        html=b"%d" % version,
    )


class Process:
    """One process of the portal: its table, its tiers, its follower.

    `follows`: the table is trusted while it was proved within the last second (PostgreSQL);
    otherwise every page looks at the log (SQLite, and editors everywhere).
    """

    table_of: ClassVar[type[LogTable]] = LogTable

    def __init__(self, world: World, *, follows: bool = False) -> None:
        self.world = world
        self.follows = follows
        self.source = self.open_log()
        self.table = self.table_of(self.source, follow=follows, clock=world.clock)
        self.memory = MemoryTier(50_000)
        self.front: dict[tuple[Block, ...], tuple[View, dict[Block, int]]] = {}
        self.acknowledged = 0

    # The log

    def open_log(self) -> LogSource:
        """The connection over which this process reads the log."""
        return self.world.database.source()

    def read_log(self) -> View:
        """Bring the table to where the log stands now."""
        return self.table.ensure()

    def ensure(self, *, strict: bool) -> View:
        """A view that is at least as far as every change this page must show."""
        return self.table.current(strict=strict)

    # Writing

    def save(self, changes: Mapping[int, int]) -> Steps:
        """Commit, read the log, then tell the author."""
        oracle = self.world.oracle
        self.world.database.commit(changes)
        state = oracle.committed(changes)
        yield "committed"
        self.after_commit()
        self.acknowledged = max(self.acknowledged, state)
        oracle.acknowledged(state, self.world.clock())

    def after_commit(self) -> None:
        """What a process does between a commit and its answer."""
        self.read_log()

    # The page

    def required(self, *, strict: bool) -> int:
        """The state that a page which begins now must show at least."""
        oracle = self.world.oracle
        if strict or not self.follows:
            return oracle.required(inf)
        return max(self.acknowledged, oracle.required(self.world.clock() - BOUND))

    def page(self, blocks: tuple[Block, ...], *, strict: bool = False) -> Steps:
        """Make a page and have it judged."""
        required = self.required(strict=strict)
        shown: dict[Block, int] = {}
        yield from self.compose(blocks, shown, strict=strict)
        self.world.oracle.check(shown, required)

    def compose(self, blocks: tuple[Block, ...], shown: dict[Block, int], *, strict: bool) -> Steps:
        """Fill `shown` from the tiers alone if everything is usable, else from a snapshot."""
        needed = self.ensure(strict=strict)
        kept = self.front.get(blocks)
        if kept is not None and kept[0] is needed:
            shown.update(kept[1])
            return
        yield "looked"
        found = {block: held for block in blocks if (held := self.held(block)) is not None}
        early = {b for b, e in found.items() if self.usable(e, needed.position, needed)}
        wanted = [block for block in blocks if block not in early]
        if wanted:
            yield "asks"
            answer = self.world.shared.get_many(needed.epoch, [block.key for block in wanted])
            found |= {block: answer[block.key][-1] for block in wanted if block.key in answer}
            yield "answered"
        judged: list[Block] = []
        view = yield from self.judge(found, early, judged)
        if len(judged) == len(blocks):
            shown.update({block: int(found[block].html) for block in blocks})
            yield "hit"
            self.keep(blocks, found, view, shown)
            return
        yield "missed"
        while not shown:
            yield from self.render(blocks, found, set(judged), shown, needed)
            if not shown:
                # The snapshot is of another history than the table, which is read anew.
                self.read_log()

    def held(self, block: Block) -> Entry | None:
        """What this process has of a block, whatever its state."""
        held = self.memory.get(block.key, RENDERED)
        return held.entry if held else None

    def judge(
        self, found: Mapping[Block, Entry], early: set[Block], judged: list[Block]
    ) -> Generator[str, None, View]:
        """Put into `judged` what may stand on the page: all of it under one view."""
        view = self.table.view
        judged += [b for b, e in found.items() if self.usable(e, view.position, view)]
        yield from ()
        return view

    def keep(
        self,
        blocks: tuple[Block, ...],
        found: Mapping[Block, Entry],
        view: View,
        shown: Mapping[Block, int],
    ) -> None:
        """Store what was usable under `view`."""
        for block, entry in found.items():
            self.memory.put(block.key, entry)
        self.front[blocks] = (view, dict(shown))

    def render(
        self,
        blocks: tuple[Block, ...],
        found: Mapping[Block, Entry],
        judged: set[Block],
        shown: dict[Block, int],
        needed: View,
    ) -> Steps:
        """One pass over a snapshot; leaves `shown` empty if the database went back meanwhile."""
        with ExitStack() as stack:
            content, rows = self.open(stack, needed)
            yield "opened"
            view = self.merge(rows)
            if not self.is_known(rows, view):
                return
            position = self.position_of(rows, view)
            made: dict[str, tuple[Entry, ...]] = {}
            page: dict[Block, int] = {}
            for block in blocks:
                # The first tier is asked again: another thread may have been faster.
                entry, late = found.get(block), self.held(block)
                if entry and not self.accepts(entry, position, view, judged=block in judged):
                    entry = None
                if entry is None and late and self.accepts_late(late, position, view):
                    entry = late
                if entry is None:
                    version = self.read(content, block)
                    yield "rendered"
                    entry = entry_of(self.stamp_of(rows, view), block, version)
                    self.memory.put(block.key, entry)
                    made[block.key] = (entry,)
                page[block] = int(entry.html)
            self.world.shared.set_many(rows.epoch, made, self.world.clock())
            shown.update(page)

    def open(self, stack: ExitStack, needed: View) -> tuple[Content, LogRows]:
        """A snapshot, of a replica only if that has reached what this page must show."""
        view = self.table.view
        database = self.world.database
        if database.replicated:
            answer = stack.enter_context(database.snapshot(view.epoch, view.position, replica=True))
            if self.is_near(answer[1], needed):
                return answer
        return stack.enter_context(database.snapshot(view.epoch, view.position))

    def is_near(self, rows: LogRows, needed: View) -> bool:
        """Whether a replica's snapshot is far enough."""
        return rows.epoch == needed.epoch and rows.position >= needed.position

    # The rules, one method each

    def usable(self, entry: Entry, position: int, view: View) -> bool:
        """Whether an entry may stand on a page at `position`."""
        return usable(entry, position, view, self.world.clock())

    def accepts(self, entry: Entry, position: int, view: View, *, judged: bool) -> bool:
        """The same once the snapshot is open; `judged`: it was usable before."""
        return self.usable(entry, position, view)

    def accepts_late(self, entry: Entry, position: int, view: View) -> bool:
        """The same for what another thread rendered meanwhile."""
        return self.usable(entry, position, view)

    def is_known(self, rows: LogRows, view: View) -> bool:
        """Whether the table knows the history that the snapshot is a state of."""
        return view.epoch == rows.epoch and view.position >= rows.position

    def merge(self, rows: LogRows) -> View:
        """Take in what the snapshot knows of the log."""
        return self.table.merge(rows)

    def position_of(self, rows: LogRows, view: View) -> int:
        """Where the page stands."""
        return rows.position

    def stamp_of(self, rows: LogRows, view: View) -> Stamp:
        """The stamp of what is rendered in a snapshot."""
        return Stamp(rows.epoch, rows.position)

    def read(self, content: Content, block: Block) -> int:
        """Render a block."""
        return content(block.article)


def run(steps: Generator[str, None, Any]) -> None:
    """Let a procedure run to its end with nothing in between."""
    for _ in steps:
        pass
