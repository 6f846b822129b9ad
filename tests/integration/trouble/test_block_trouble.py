"""Blocks in trouble behind a real server of pages: what readers, memory and Redis get of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest

from portal.block import CachePolicy
from tests.clocks import StandingClock
from tests.integration.composition.small_site import fragments
from tests.integration.trouble.newspaper import Newspaper
from tests.integration.trouble.newspaper import assert_marked
from tests.integration.trouble.newspaper import assert_nothing_is_held
from tests.integration.trouble.newspaper import assert_sound
from tests.integration.trouble.newspaper import assert_unavailable
from tests.integration.trouble.newspaper import at_most
from tests.integration.trouble.newspaper import portal_of
from tests.integration.trouble.newspaper import settle

SHORT = CachePolicy(fresh="10m", stale="0s")
TEN_MEGABYTES = "x" * 10_000_000


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """What hanging blocks wait for."""
    event = threading.Event()
    yield event
    event.set()


class Switched:
    """A block that is sound until it is told what to do instead."""

    def __init__(self, paper: Newspaper, **placement: Any) -> None:
        self.does: Callable[[], Any] | None = None
        self.asked = 0
        paper.site.block("switched", self.render, cache=SHORT)
        placed = {"key": "middle", "block": "switched", "budget": "100ms", **placement}
        after = {"key": "words", "block": "words"}
        paper.site.lay_out("home", {"key": "news", "block": "news"}, placed, after)

    def render(self, ctx: Any) -> Any:
        self.asked += 1
        return {"words": "good"} if self.does is None else self.does()


def fail() -> Any:
    raise RuntimeError("not for readers")


MISDEEDS: dict[str, Callable[[], Any]] = {
    "raises": fail,
    "ten-megabytes": lambda: {"words": TEN_MEGABYTES},
    "rubbish": lambda: ["no", "dict"],
    "half-a-letter": lambda: {"words": "\ud800"},
    "recursion": lambda: MISDEEDS["recursion"](),
    "no-memory": lambda: bytearray(1 << 60),
}


@pytest.mark.parametrize("misdeed", MISDEEDS.values(), ids=MISDEEDS)
def test_a_bad_block_is_replaced_by_its_last_good_copy_and_then_left_out(
    paper: Newspaper, clock: StandingClock, misdeed: Callable[[], Any]
):
    """For as long as its placement says, marked; nothing of it is remembered or shared."""
    block = Switched(paper, on_error={"use": "last_good", "for": "2h", "else": "hide"})
    app = paper.app()
    good = app.test_client().get("/")
    assert_sound(good)
    block.does = misdeed
    clock.advance(minutes=10)
    answer = app.test_client().get("/")
    assert_marked(answer)
    assert answer.data == good.data
    clock.advance(hours=2)
    answer = app.test_client().get("/")
    assert_marked(answer)
    assert list(fragments(answer.text)) == ["news", "words"]
    statistics = portal_of(app).composer.statistics()
    assert statistics["entry_bytes"] < 1_000_000
    block.does = None
    clock.advance(seconds=5)
    answer = app.test_client().get("/")
    assert_sound(answer)
    assert answer.data == good.data
    assert_nothing_is_held(app)


def test_a_required_block_takes_its_page_along_and_only_that(
    paper: Newspaper, clock: StandingClock
):
    block = Switched(paper, required=True, on_error="hide")
    app = paper.app()
    assert_sound(app.test_client().get("/"))
    block.does = fail
    clock.advance(minutes=10)
    assert_unavailable(app.test_client().get("/"))
    assert_sound(app.test_client().get(paper.paths[1]))
    block.does = None
    assert_sound(app.test_client().get("/"))


def test_a_hanging_block_costs_each_reader_its_budget_at_most_and_then_nothing(
    paper: Newspaper, release: threading.Event
):
    """The first one waits a tenth of a second; the call that hangs stands for all the others."""
    block = Switched(paper)
    block.does = lambda: release.wait() and {"words": "late"}
    app = paper.app()
    with at_most(0.1 + 5.0):
        assert_marked(app.test_client().get("/"))
    with at_most(5.0):
        for _ in range(20):
            assert_marked(app.test_client().get("/"))
    assert block.asked == 1
    release.set()
    settle(app)


def test_readers_of_a_block_that_fails_together_ask_it_five_times_in_half_a_minute(
    paper: Newspaper, clock: StandingClock
):
    """Then it rests for five seconds, is asked once, and rests again."""
    block = Switched(paper)
    block.does = fail
    app = paper.app()
    for _ in range(30):
        assert_marked(app.test_client().get("/"))
    assert block.asked == 5
    for _ in range(2):
        clock.advance(seconds=5)
        for _ in range(5):
            assert_marked(app.test_client().get("/"))
    assert block.asked == 7
    clock.advance(seconds=5)
    block.does = None
    assert_sound(app.test_client().get("/"))
    assert_nothing_is_held(app)


def test_an_address_that_leads_elsewhere_says_so_while_a_required_block_rests(paper: Newspaper):
    """It only looks like one of the pages that cannot be made."""
    paper.site.block("brittle", lambda ctx: fail())
    placed = {"key": "b", "block": "brittle", "required": True, "on_error": "hide"}
    paper.site.lay_out("article", placed)
    client = paper.app().test_client()
    assert [client.get(paper.paths[1]).status_code for _ in range(6)] == [503] * 6
    moved, unknown = client.get(f"/tin-tuc/other-{paper.number}"), client.get("/tin-tuc/none-999")
    assert (moved.status_code, unknown.status_code) == (301, 404)
