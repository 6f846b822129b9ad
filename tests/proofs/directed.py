"""Single schedules, each of which goes wrong when one rule is left out, and only then.

Random schedules find most of these late or hardly ever; here every step is given.
"""

from __future__ import annotations

from tests.proofs.model import Stage
from tests.proofs.plays import PAGE
from tests.proofs.plays import TEASER
from tests.proofs.plays import TITLE
from tests.proofs.protocol import Steps
from tests.proofs.protocol import run


def until(steps: Steps, label: str) -> None:
    """Let a procedure go on to the next stop of that name."""
    assert label in steps


def page_below_the_floor(stage: Stage) -> None:
    """The table has forgotten a change between an old snapshot and the floor."""
    process, writer = stage.process(), stage.process()
    page = process.page(PAGE)
    until(page, "opened")
    run(writer.save({1: 1}))
    run(writer.save({2: 1}))
    stage.database.trim()
    run(process.page((TEASER,)))
    run(page)


def entry_below_the_floor(stage: Stage) -> None:
    """A process starts after a trim and is offered what was rendered before the change."""
    writer = stage.process()
    run(writer.page(PAGE))
    run(writer.save({1: 1}))
    run(writer.save({2: 1}))
    stage.database.trim()
    run(stage.process().page(PAGE))


def content_of_a_second_snapshot(stage: Stage) -> None:
    """A save falls between the statement that gives the position and those that read content."""
    process, writer = stage.process(), stage.process()
    run(process.page((TITLE,)))
    stage.database.meanwhile["snapshot"] = lambda: run(writer.save({1: 1}))
    run(process.page(PAGE))


def late_rows(stage: Stage) -> None:
    """A thread merges rows after another one has merged later ones of the same tag."""
    process, writer = stage.process(), stage.process()
    process.read_log()
    run(writer.save({1: 1}))
    run(writer.page(PAGE))

    def overtake() -> None:
        run(writer.save({1: 2}))
        process.read_log()

    stage.database.meanwhile["rows"] = overtake
    process.read_log()
    run(process.page(PAGE))


def late_load(stage: Stage) -> None:
    """A full load arrives when another thread has already loaded a later state."""
    process, writer = stage.process(), stage.process()
    run(writer.page(PAGE))
    page = process.page(PAGE)

    def overtake() -> None:
        run(writer.save({1: 1}))
        until(page, "looked")

    stage.database.meanwhile["rows"] = overtake
    process.read_log()
    run(page)


def save_during_the_load(stage: Stage) -> None:
    """A save falls between the rows of a load and the position that they are said to reach."""
    process, writer = stage.process(), stage.process()
    run(writer.page(PAGE))
    stage.database.meanwhile["rows"] = lambda: run(writer.save({1: 1}))
    process.read_log()
    run(process.page(PAGE))


def table_moves_while_the_store_is_asked(stage: Stage) -> None:
    """An old block is in the process, a new one in the answer, and the table knows by now."""
    process, writer = stage.process(), stage.process()
    run(process.page((TITLE,)))
    page = process.page(PAGE)
    until(page, "asks")
    run(writer.save({1: 1}))
    run(writer.page((TEASER,)))
    process.read_log()
    run(page)


def table_moves_between_two_blocks(stage: Stage) -> None:
    """The table learns of a save after the first block was judged and before the second."""
    process, writer = stage.process(), stage.process()
    run(process.page((TITLE,)))
    page = process.page(PAGE)
    until(page, "looked")
    run(writer.save({1: 1}))
    run(writer.page((TEASER,)))
    until(page, "answered")
    next(page)
    process.read_log()
    run(page)


def answer_from_the_future(stage: Stage) -> None:
    """A block comes from a process that already knows a save of which the table does not."""
    process, writer = stage.process(), stage.process()
    run(process.page((TITLE,)))
    page = process.page(PAGE)
    until(page, "looked")
    run(writer.save({1: 1}))
    run(writer.page((TEASER,)))
    run(page)


def save_before_the_snapshot(stage: Stage) -> None:
    """One block was usable; the snapshot for the other one shows a later state."""
    process, writer = stage.process(), stage.process()
    run(process.page((TITLE,)))
    page = process.page(PAGE)
    until(page, "missed")
    run(writer.save({1: 1}))
    run(page)


def late_result(stage: Stage) -> None:
    """Another thread has rendered a block from a later state than this page's snapshot."""
    process, writer = stage.process(), stage.process()
    page = process.page(PAGE)
    until(page, "opened")
    run(writer.save({1: 1}))
    run(process.page((TEASER,)))
    run(page)


def save_after_the_snapshot(stage: Stage) -> None:
    """A snapshot is open while another thread learns of a save; what it renders is old."""
    process, writer = stage.process(), stage.process()
    page = process.page(PAGE)
    until(page, "opened")
    run(writer.save({1: 1}))
    process.read_log()
    run(page)
    run(process.page(PAGE))


def save_between_two_renders(stage: Stage) -> None:
    """A save falls between the renders of two blocks of one page."""
    process, writer = stage.process(), stage.process()
    page = process.page(PAGE)
    until(page, "rendered")
    run(writer.save({1: 1}))
    run(page)


def save_while_the_page_is_finished(stage: Stage) -> None:
    """A page is remembered as a whole after the table has moved on."""
    process = stage.process()
    run(process.page(PAGE))
    page = process.page(PAGE)
    until(page, "hit")
    run(process.save({1: 1}))
    run(page)
    run(process.page(PAGE))


def save_elsewhere(stage: Stage) -> None:
    """Another process saves."""
    process, writer = stage.process(), stage.process()
    run(process.page(PAGE))
    run(writer.save({1: 1}))
    run(process.page(PAGE))


def own_save(stage: Stage) -> None:
    """The process itself saves, and only follows the log."""
    process = stage.process(follows=True)
    run(process.page(PAGE))
    run(process.save({1: 1}))
    run(process.page(PAGE))


def editor_looks(stage: Stage) -> None:
    """An editor looks at once, in another process than the one that saved."""
    process, writer = stage.process(follows=True), stage.process()
    run(process.page(PAGE))
    run(writer.save({1: 1}))
    run(process.page(PAGE, strict=True))


def follower_is_cut(stage: Stage) -> None:
    """Quiet: every block is in the process, and the follower hears nothing any more."""
    process, writer = stage.process(follows=True), stage.process()
    run(process.page(PAGE))
    run(writer.save({1: 1}))
    stage.clock.now += 5.0
    run(process.page(PAGE))


def answer_takes_long(stage: Stage) -> None:
    """Quiet: the log's answer was true when it was sent and came five seconds later."""
    process, writer = stage.process(follows=True), stage.process()
    run(process.page(PAGE))

    def delay() -> None:
        run(writer.save({1: 1}))
        stage.clock.now += 5.0

    stage.database.meanwhile["head"] = delay
    process.read_log()
    stage.clock.now += 0.5
    run(process.page(PAGE))


def database_goes_back(stage: Stage) -> None:
    """A restore gives a position out again; the lost content was stamped with it."""
    process, writer = stage.process(), stage.process()
    run(writer.save({1: 1}))
    kept, shown = stage.database.now, len(stage.world.oracle.history) - 1
    run(writer.save({1: 2}))
    run(process.page(PAGE))
    run(stage.restore(kept, shown))
    run(stage.process().save({2: 1}))
    run(process.page(PAGE))


def database_goes_back_under_a_snapshot(stage: Stage) -> None:
    """A snapshot of before the restore is open when another thread renders after it."""
    process, writer = stage.process(), stage.process()
    kept, shown = stage.database.now, 0
    run(writer.save({1: 1}))
    page = process.page(PAGE)
    until(page, "opened")
    run(stage.restore(kept, shown))
    run(stage.process().save({2: 1}))
    run(process.page((TEASER,)))
    run(page)


def database_goes_back_between_head_and_rows(stage: Stage) -> None:
    """The log's head is of one history and the rows that were asked for next of another."""
    process, writer = stage.process(), stage.process()
    run(process.page(PAGE))
    run(writer.save({1: 1}))
    kept, shown = stage.database.now, len(stage.world.oracle.history) - 1
    stage.database.meanwhile["head"] = lambda: run(stage.restore(kept, shown))
    run(process.page(PAGE))
