"""The procedure with one rule broken each time, to see that the proofs notice.

`dv_after` and `dv_early` of the study do not apply: SQLite's `data_version` is not used, the
signal is the head of the log itself.
"""

from __future__ import annotations

from collections.abc import Generator
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from dataclasses import replace

from portal.cache import Entry
from portal.cache import LogTable
from portal.cache import View
from portal.content.stamps import LogRows
from portal.content.stamps import LogSource
from portal.content.stamps import Stamp
from tests.proofs.oracle import Block
from tests.proofs.protocol import Content
from tests.proofs.protocol import Process


@dataclass(frozen=True, slots=True)
class Judgement:
    """`portal.cache.usable` once more, with rules that can be left out."""

    floor: bool = True
    page_floor: bool = True
    future: bool = True
    page_position: bool = True
    changes: bool = True

    def usable(self, entry: Entry, position: int, view: View) -> bool:
        """Whether an entry would stand on a page if only these rules held."""
        stamp = entry.stamp
        if stamp.epoch != view.epoch:
            return False
        if self.floor and stamp.position < view.floor:
            return False
        if self.future and stamp.position > view.position:
            return False
        if self.page_floor and position < view.floor and position != stamp.position:
            return False
        since = min(stamp.position, position) if self.page_position else stamp.position
        return not (self.changes and view.changed_after(entry.tags, since))


def without(**rules: bool) -> type[Process]:
    """Processes whose judgement lacks some rules."""
    judgement = Judgement(**rules)

    class Lenient(Process):
        def usable(self, entry: Entry, position: int, view: View) -> bool:
            return judgement.usable(entry, position, view)

    return Lenient


class ReadsOutside(Process):
    """Blocks read the content of the moment, not the snapshot's."""

    def read(self, content: Content, block: Block) -> int:
        with self.world.database.snapshot("", None) as (newest, _):
            return newest(block.article)


class StampsByTable(Process):
    """What is rendered gets the position of the table, which another thread moves on."""

    def stamp_of(self, rows: LogRows, view: View) -> Stamp:
        return Stamp(self.table.view.epoch, self.table.view.position)


class StampsByNow(Process):
    """The head is read outside of the snapshot (and so after it was opened)."""

    def stamp_of(self, rows: LogRows, view: View) -> Stamp:
        head = self.source.head()
        return Stamp(head.epoch, head.position)


class StampsLate(Process):
    """The whole snapshot's position is asked for after it was opened: entry, page and table."""

    def merge(self, rows: LogRows) -> View:
        return self.read_log()

    def position_of(self, rows: LogRows, view: View) -> int:
        return view.position

    def stamp_of(self, rows: LogRows, view: View) -> Stamp:
        return Stamp(view.epoch, view.position)


class NeverLooks(Process):
    """The log is read at the first page only."""

    def ensure(self, *, strict: bool) -> View:
        return self.table.view if self.table.view.epoch else self.read_log()


class KeepsFrontLate(Process):
    """A finished page is remembered under the view of now, not under the one that judged it."""

    def keep(
        self,
        blocks: tuple[Block, ...],
        found: Mapping[Block, Entry],
        view: View,
        shown: Mapping[Block, int],
    ) -> None:
        super().keep(blocks, found, self.table.view, shown)


class StandsAtTable(Process):
    """The page has no position of its own but the table's."""

    def position_of(self, rows: LogRows, view: View) -> int:
        return self.table.view.position

    def merge(self, rows: LogRows) -> View:
        super().merge(rows)
        return self.table.view


class SplitLog:
    """Rows first, the position they are said to lead to afterwards."""

    def __init__(self, source: LogSource) -> None:
        self._source = source

    def head(self) -> LogRows:
        """The head, as it is."""
        return self._source.head()

    def rows(self, after: int) -> LogRows:
        """Rows of one moment, position of a later one."""
        found = self._source.rows(after)
        return replace(found, position=self._source.head().position)


class SplitsLoad(Process):
    """See `SplitLog`."""

    def open_log(self) -> LogSource:
        return SplitLog(super().open_log())


class TwoSnapshots(Process):
    """The position comes from one snapshot, the content from another one opened after it."""

    def open(self, stack: ExitStack, needed: View) -> tuple[Content, LogRows]:
        view = self.table.view
        with self.world.database.snapshot(view.epoch, view.position) as (_, rows):
            pass
        content, _ = stack.enter_context(self.world.database.snapshot("", None))
        return content, rows


class JudgesOnce(Process):
    """What was usable before the store was asked is not judged again with the store's answer."""

    def judge(
        self, found: Mapping[Block, Entry], early: set[Block], judged: list[Block]
    ) -> Generator[str, None, View]:
        view = self.table.view
        judged += [b for b, e in found.items() if b in early or self.usable(e, view.position, view)]
        yield from ()
        return view


class JudgesEach(Process):
    """Every block is judged under the table of that moment."""

    def judge(
        self, found: Mapping[Block, Entry], early: set[Block], judged: list[Block]
    ) -> Generator[str, None, View]:
        for block, entry in found.items():
            view = self.table.view
            if self.usable(entry, view.position, view):
                judged.append(block)
            yield "hit"
        return self.table.view


class KeepsJudgement(Process):
    """What was usable before the snapshot was opened is not judged again at its position."""

    def accepts(self, entry: Entry, position: int, view: View, *, judged: bool) -> bool:
        return judged or self.usable(entry, position, view)


class BelievesLate(Process):
    """What another thread rendered meanwhile is taken as it is."""

    def accepts_late(self, entry: Entry, position: int, view: View) -> bool:
        return True


class TableWithoutMaximum(LogTable):
    """Rows that come late overwrite later ones."""

    def merge(self, rows: LogRows) -> View:
        view = self.view
        if rows.epoch != view.epoch:
            return super().merge(rows)
        self.view = replace(
            view,
            position=max(view.position, rows.position),
            last={**view.last, **dict(rows.rows)},
        )
        return self.view


class MergesWithoutMaximum(Process):
    """See `TableWithoutMaximum`."""

    table_of = TableWithoutMaximum


class TableThatFallsBack(LogTable):
    """A full load replaces the table even when it is older."""

    def merge(self, rows: LogRows) -> View:
        if rows.after < 0:
            self.view = View(rows.epoch, rows.floor, rows.position, dict(rows.rows))
            return self.view
        return super().merge(rows)


class LoadsBack(Process):
    """See `TableThatFallsBack`."""

    table_of = TableThatFallsBack


class DoesNotReadOwn(Process):
    """The author is answered before the log was read."""

    def after_commit(self) -> None:
        """Nothing: the follower will hear of it."""


class ForgetsStrict(Process):
    """Editors are served like everyone else."""

    def ensure(self, *, strict: bool) -> View:
        return super().ensure(strict=False)


class TakesAnyReplica(Process):
    """A replica's snapshot is taken however far it lags."""

    def is_near(self, rows: LogRows, needed: View) -> bool:
        return True


class TrustsForEver(Process):
    """A follower that hears nothing believes that nothing happens."""

    def ensure(self, *, strict: bool) -> View:
        return self.table.view if self.follows and self.table.view.epoch else self.read_log()


class TableProvedAfter(LogTable):
    """The proof counts from when the answer came, not from when the question was sent."""

    def ensure(self) -> View:
        view = super().ensure()
        self._proved_at = self._clock()
        return view


class ProvesAfter(Process):
    """See `TableProvedAfter`."""

    table_of = TableProvedAfter


class TableProvedByHead(LogTable):
    """The table counts as current once the head was read, even if the rows were dropped."""

    def ensure(self) -> View:
        view = self.view
        head = self._source.head()
        if (head.epoch, head.position) != (view.epoch, view.position):
            view = self._catch_up(view, head)
        return view


class ProvesByHead(Process):
    """See `TableProvedByHead`."""

    table_of = TableProvedByHead


class MixesEpochs(Process):
    """A page goes on in its snapshot although the table has moved to another epoch."""

    def is_known(self, rows: LogRows, view: View) -> bool:
        return True
