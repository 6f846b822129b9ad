"""The plays that the model explores: who reads and who writes in which processes."""

from __future__ import annotations

from portal.content import tags
from tests.proofs.model import Stage
from tests.proofs.oracle import Block
from tests.proofs.protocol import Process
from tests.proofs.protocol import Steps
from tests.proofs.protocol import run

TITLE = Block("title", 1)
TEASER = Block("teaser", 1)
OTHER = Block("title", 2)
PAGE = (TITLE, TEASER)
EVERY_STEP = frozenset({"looked", "asks", "answered", "hit", "missed", "opened", "rendered"})
EVERY_STEP |= {"committed"}
MAIN_STEPS = frozenset({"answered", "opened", "rendered", "committed"})


def probe(*processes: Process) -> None:
    """A page of each process after everything has ended, whatever the store answers."""
    for process in processes:
        run(process.page(PAGE))


def one_reader_two_saves(stage: Stage) -> None:
    """A cold reader takes every step while another process saves twice."""
    reader, writer = stage.process(), stage.process()
    saves = [writer.save({1: 1}), writer.save({1: 2})]
    stage.interleave([reader.page(PAGE), *saves], MAIN_STEPS | {"looked"})
    probe(reader)


def warm_reader(stage: Stage) -> None:
    """A reader that knows one of two blocks; the other is in the shared store in two versions."""
    reader, writer = stage.process(), stage.process()
    run(writer.page(PAGE))
    run(reader.page((TITLE,)))
    stage.interleave(
        [reader.page(PAGE), writer.save({1: 1}), writer.page(PAGE)],
        frozenset({"looked", "opened", "committed"}),
    )


def two_threads(stage: Stage) -> None:
    """Two threads of one process read, and one of them is overtaken by a save."""
    process = stage.process()
    run(process.page((TITLE,)))
    stage.interleave(
        [process.page(PAGE), process.page(PAGE), process.save({1: 1})],
        frozenset({"opened", "rendered", "committed"}),
    )
    probe(process)


def two_processes(stage: Stage) -> None:
    """Two processes read what a third one saves, through a store that lies."""
    first, second = stage.process(), stage.process()
    stage.interleave(
        [first.page(PAGE), second.page(PAGE), stage.process().save({1: 1})],
        frozenset({"answered", "opened", "committed"}),
    )
    probe(first, second)


def two_articles(stage: Stage) -> None:
    """A page of two articles that are saved one after the other shows one state of both."""
    reader, writer = stage.process(), stage.process()
    blocks = (TITLE, OTHER)
    run(reader.page((OTHER,)))
    stage.interleave(
        [reader.page(blocks), reader.page(blocks), writer.save({1: 1}), writer.save({2: 1})],
        frozenset({"opened"}),
    )


def followers(stage: Stage) -> None:
    """A following process, its follower, time that passes, a save elsewhere and one of its own."""
    reader, writer = stage.process(follows=True), stage.process(follows=True)
    run(reader.page(PAGE))

    def follow() -> Steps:
        yield "notified"
        reader.read_log()

    def wait() -> Steps:
        stage.clock.now += 0.6
        yield "waited"
        stage.clock.now += 0.6

    def look() -> Steps:
        yield from reader.page(PAGE)
        yield from reader.page(PAGE, strict=True)

    stops = frozenset({"waited", "looked"})
    stage.interleave([look(), follow(), wait(), writer.save({1: 1}), reader.save({2: 1})], stops)
    probe(reader)


def own_save(stage: Stage) -> None:
    """The process that saved shows it at once, although it only follows."""
    process = stage.process(follows=True)
    run(process.page(PAGE))
    stage.interleave([process.save({1: 1}), process.page(PAGE)], EVERY_STEP)
    probe(process)


def replica(stage: Stage) -> None:
    """Snapshots come from a replica that lags as far as it likes."""
    reader, writer = stage.process(), stage.process()
    run(reader.page((TITLE,)))
    stage.interleave(
        [reader.page(PAGE), writer.save({1: 1}), reader.page(PAGE)],
        frozenset({"opened", "committed"}),
    )
    probe(reader)


def maintenance(stage: Stage) -> None:
    """The log is compacted and trimmed under readers, and a new process starts from what is left.

    The table of a new process has forgotten what lies below the floor.
    """
    reader, writer = stage.process(), stage.process()
    run(reader.page(PAGE))

    def maintain() -> Steps:
        stage.database.compact()
        yield "compacted"
        stage.database.trim()

    def start() -> Steps:
        fresh = stage.process()
        yield from fresh.page(PAGE)

    def saves() -> Steps:
        yield from writer.save({1: 1})
        yield from writer.save({2: 1})

    stage.interleave(
        [reader.page(PAGE), maintain(), saves(), start()],
        frozenset({"answered", "opened", "compacted"}),
    )


def restore(stage: Stage) -> None:
    """The database goes back, and its positions are given out again to other content."""
    reader, writer = stage.process(), stage.process()
    run(writer.save({1: 1}))
    run(reader.page(PAGE))
    kept, shown = stage.database.now, len(stage.world.oracle.history) - 1
    run(writer.save({1: 2}))
    run(reader.page(PAGE))
    saves = [stage.restore(kept, shown), stage.process().save({2: 1})]
    stage.interleave([*saves, reader.page(PAGE)], frozenset({"opened", "committed"}))
    probe(reader)


def purge(stage: Stage) -> None:
    """A purge of everything is one row, and nothing stamped below it is shown again."""
    process = stage.process()
    run(process.page(PAGE))
    state = stage.database.now
    row = ((tags.EVERYTHING, state.last + 1),)
    stage.database.states.append(type(state)(state.epoch, 0, state.last + 1, row, state.content))
    view = process.ensure(strict=False)
    entry = process.held(TITLE)
    assert entry is not None
    assert not process.usable(entry, view.position, view)
    probe(process)
