"""Whatever happens to the content, a page from the cache is the page without one, byte for byte.

Hypothesis makes up the edits and shortens what it finds. `PROOF_STEPS` makes it longer; it counts
the short steps of the protocol's fuzzing, a world of many pages for every five thousand of them.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import rule
from hypothesis.stateful import run_state_machine_as_test

from tests.clocks import StandingClock
from tests.integration.oracle import edits
from tests.integration.oracle.edits import pick
from tests.integration.oracle.world import World
from tests.servers import RedisServer

STEPS = 16
PROOF_STEPS_PER_WORLD = 5000
LOOKS = 6
# Just before and after a minute, a block's life, its grace, a day: what time can do.
MINUTES = (1, 5, 11, 26, 61, 9 * 60, 26 * 60)
LAYOUT_CHANGES = (
    ("home", {"limit: 5": "limit: 4"}),
    ("article", {"limit: 6": "limit: 3"}),
    ("section", {"limit: 6": "limit: 2"}),
    ("base", {"menu, block: main_menu": "navigation, block: main_menu"}),
    ("print", {"corrections, ": ""}),
)

number = st.integers(0, 999)
looks = st.lists(number, min_size=LOOKS, max_size=LOOKS)

Build = Callable[[], World]


def machine(build: Build) -> type[RuleBasedStateMachine]:
    """The machine over worlds that `build` makes."""

    class Machine(RuleBasedStateMachine):
        """One world and everything that may happen to it; a few pages compared at each step."""

        def __init__(self) -> None:
            super().__init__()
            self.world = build()
            self.world.check(self.world.known_paths())

        def look(self, chosen: list[int]) -> None:
            """Compare the home page and some other pages."""
            paths = self.world.known_paths()
            self.world.check(dict.fromkeys(("/", *(pick(paths, at) for at in chosen))))

        @rule(kind=number, which=number, how=number, chosen=looks)
        def edit(self, kind: int, which: int, how: int, chosen: list[int]) -> None:
            pick(edits.EDITS, kind)(self.world, which, how)
            self.look(chosen)

        @rule(which=number, how=number, chosen=looks)
        def run_statement(self, which: int, how: int, chosen: list[int]) -> None:
            edits.run_statement(self.world, which, how)
            self.look(chosen)

        @rule(how=number, chosen=looks)
        def run_bulk(self, how: int, chosen: list[int]) -> None:
            edits.run_bulk(self.world, 0, how)
            self.look(chosen)

        @rule(how=number, chosen=looks)
        def wait(self, how: int, chosen: list[int]) -> None:
            self.world.wait(pick(MINUTES, how))
            self.look(chosen)

        @rule(which=st.integers(0, 1), chosen=looks)
        def forget(self, which: int, chosen: list[int]) -> None:
            self.world.portal(which).composer.forget()
            self.look(chosen)

        @rule(how=number, chosen=looks)
        def change_layout(self, how: int, chosen: list[int]) -> None:
            self.world.rewrite(*pick(LAYOUT_CHANGES, how))
            self.world.start()
            self.look(chosen)

        def teardown(self) -> None:
            try:
                self.world.check(self.world.known_paths())
            finally:
                self.world.stop()

    return Machine


def run(build: Build, examples: int) -> None:
    """Run as many worlds as the test run has time for, or as `PROOF_STEPS` wants."""
    wanted = int(os.environ.get("PROOF_STEPS", "0")) // PROOF_STEPS_PER_WORLD
    options = settings(
        max_examples=max(examples, wanted),
        stateful_step_count=STEPS,
        deadline=None,
        # The same worlds in each test run; others when there is time for them.
        derandomize=not wanted,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=tuple(HealthCheck),
    )
    run_state_machine_as_test(machine(build), settings=options)


def test_every_page_on_sqlite_is_as_it_is(
    sqlite_template: Path, tmp_path: Path, clock: StandingClock, redis_server: RedisServer
) -> None:
    """Content, edits, time, new processes on SQLite."""
    begin = clock()

    def build() -> World:
        folder = tmp_path / uuid.uuid4().hex
        folder.mkdir()
        shutil.copyfile(sqlite_template, folder / "portal.sqlite3")
        url = f"sqlite:///{folder / 'portal.sqlite3'}"
        return World(folder, url, StandingClock(begin), redis_server.url, f"{folder.name}:")

    run(build, examples=2)


def test_every_page_on_postgresql_is_as_it_is(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    clock: StandingClock,
    redis_server: RedisServer,
) -> None:
    """The same on PostgreSQL, shorter."""
    server = request.getfixturevalue("postgres_server")
    template = request.getfixturevalue("postgres_template")
    begin = clock()

    def build() -> World:
        name = f"oracle_{uuid.uuid4().hex}"
        url = server.create_database(name, template)
        return World(tmp_path / name, url, StandingClock(begin), redis_server.url, f"{name}:")

    run(build, examples=1)
