"""Random steps on real databases and a real Redis behind a store that lies: no page is wrong.

Sized for the test run; `make prove` runs longer. See README.md of this folder for the variables.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from collections.abc import Mapping

import pytest

from tests.proofs import mutations
from tests.proofs.fuzz import Fuzz
from tests.proofs.lying import lying_tier
from tests.proofs.mutations import without
from tests.proofs.oracle import Block
from tests.proofs.oracle import Oracle
from tests.proofs.protocol import Process
from tests.proofs.protocol import Steps
from tests.proofs.protocol import World
from tests.proofs.protocol import run
from tests.proofs.real import RealDatabase
from tests.servers import RedisServer

STEPS = int(os.environ.get("PROOF_STEPS", "20400"))
"""Steps in all; a quarter of them on PostgreSQL, where each costs three times as much."""
FIRST_SEED = int(os.environ.get("PROOF_SEED", "1"))
SECONDS = float(os.environ.get("PROOF_SECONDS", "600"))
"""Longest time of each of the two; a message says where to go on."""
STEPS_OF_A_SEED = 1700
SHARES = {"sqlite": 0.75, "postgresql": 0.25}


class LockedProcess(Process):
    """A process of real threads: a commit and its note in the history are one for every judge."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.noting = threading.Lock()

    def save(self, changes: Mapping[int, int]) -> Steps:
        """Commit and note under the lock, acknowledge outside of it."""
        with self.noting:
            self.world.database.commit(changes)
            state = self.world.oracle.committed(changes)
        self.after_commit()
        with self.noting:
            self.world.oracle.acknowledged(state, self.world.clock())
        yield "acknowledged"

    def page(self, blocks: tuple[Block, ...], *, strict: bool = False) -> Steps:
        """Judge under the lock."""
        with self.noting:
            required = self.required(strict=strict)
        shown: dict[Block, int] = {}
        yield from self.compose(blocks, shown, strict=strict)
        with self.noting:
            self.world.oracle.check(shown, required)


@pytest.fixture
def database(database_url: str) -> Iterator[RealDatabase]:
    """Articles in a fresh database."""
    made = RealDatabase(database_url)
    made.fill(3)
    yield made
    made.close()


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[RealDatabase]:
    """The same on SQLite only."""
    made = RealDatabase(sqlite_url)
    made.fill(3)
    yield made
    made.close()


def fuzz(
    database: RealDatabase,
    redis_server: RedisServer,
    seed: int,
    steps: int,
    broken: type[Process] = Process,
    *,
    renews_epoch: bool = True,
) -> tuple[str | None, Fuzz]:
    """Run one seed: what went wrong, and the run."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    tier = lying_tier(redis_server, chance, f"proof:{database.engine.url.database}:{seed}:")
    made = Fuzz(
        database,
        tier,
        seed,
        broken,
        follows=database.dialect == "postgresql",
        renews_epoch=renews_epoch,
    )
    try:
        return made.run(steps), made
    finally:
        tier.close()


def test_no_random_run_shows_a_stale_or_a_torn_page(
    database: RealDatabase, redis_server: RedisServer
) -> None:
    left = round(STEPS * SHARES[database.dialect])
    end, seed, pages, done = time.monotonic() + SECONDS, FIRST_SEED, 0, 0
    while left > 0 and time.monotonic() < end:
        steps = min(left, STEPS_OF_A_SEED)
        failure, made = fuzz(database, redis_server, seed, steps)
        assert failure is None, f"{database.dialect}, PROOF_SEED={seed}: {failure}"
        left, seed, pages, done = (
            left - steps,
            seed + 1,
            pages + made.world.oracle.pages,
            done + steps,
        )
    print(  # noqa: T201 - the proof's size, and where to go on
        f"{database.dialect}: {done} steps, {pages} pages, seeds {FIRST_SEED} to {seed - 1};"
        f" go on with PROOF_SEED={seed}"
    )
    assert pages > done / 10


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(without(changes=False), id="no_judge"),
        pytest.param(without(floor=False), id="no_floor"),
        pytest.param(mutations.ReadsOutside, id="no_snap"),
        pytest.param(mutations.StampsByTable, id="stamp_table"),
        pytest.param(mutations.NeverLooks, id="no_follow"),
        pytest.param(mutations.StampsByNow, id="stamp_wall"),
        pytest.param(mutations.StandsAtTable, id="no_p"),
        pytest.param(mutations.KeepsJudgement, id="no_rejudge"),
    ],
)
def test_random_runs_find_a_rule_that_is_left_out(
    sqlite: RealDatabase, redis_server: RedisServer, broken: type[Process]
) -> None:
    assert any(fuzz(sqlite, redis_server, seed, 2000, broken)[0] for seed in range(1, 6))


def test_random_runs_find_an_epoch_that_is_not_renewed(
    sqlite: RealDatabase, redis_server: RedisServer
) -> None:
    found = (fuzz(sqlite, redis_server, seed, 3000, renews_epoch=False)[0] for seed in range(1, 9))
    assert any(found)


def test_nothing_forged_is_shown_and_every_kind_of_lie_was_told(
    sqlite: RealDatabase, redis_server: RedisServer
) -> None:
    """The oracle knows every version there ever was: a forged one is in none of its states."""
    failure, made = fuzz(sqlite, redis_server, 77, 1500)
    assert failure is None
    statistics = made.shared.statistics()  # type: ignore[attr-defined]  # the production's tier
    assert statistics["forged"] > 0
    assert statistics["hits"] > 100
    lies = made.shared._backend.lies  # type: ignore[attr-defined]  # this proof's own
    assert set(lies) == {"lost", "delayed", "replayed", "none", "of another key", "forged"}


def test_threads_of_one_process_show_no_wrong_page(
    database: RealDatabase, redis_server: RedisServer
) -> None:
    """Real threads share a table and a tier; a save is noted before anyone else may judge."""
    world = World(
        database,
        lying_tier(redis_server, random.Random(5), f"threads:{database.engine.url.database}:"),  # noqa: S311 - no secret
        Oracle([dict.fromkeys(database.articles, 0)]),
        time.monotonic,
    )
    process, noted, stop = LockedProcess(world), world.oracle, threading.Event()
    failures: list[BaseException] = []

    def read(article: int) -> None:
        try:
            while not stop.is_set():
                run(process.page((Block("title", article), Block("teaser", article))))
        except BaseException as problem:  # noqa: BLE001 - reported by the assertion below
            failures.append(problem)

    readers = [
        threading.Thread(target=read, args=(n,)) for n in (*database.articles, database.articles[0])
    ]
    for reader in readers:
        reader.start()
    for version in range(1, 60):
        run(process.save({database.articles[version % 3]: version}))
    stop.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert noted.violations == []
    assert noted.pages > 50
    world.shared.close()  # type: ignore[attr-defined]  # the production's tier
