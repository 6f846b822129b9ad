"""Processes that share a Redis are no worse off than one alone: in trouble, and after a deploy."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.block import CachePolicy
from portal.compose import PageRequest
from portal.content import queries
from portal.errors import ContentUnavailable
from portal.sight import SILENT
from tests.clocks import StandingClock
from tests.integration.composition.small_site import TEMPLATES
from tests.integration.composition.small_site import fragments
from tests.integration.trouble.newspaper import Newspaper
from tests.integration.trouble.newspaper import assert_marked
from tests.integration.trouble.newspaper import assert_sound
from tests.integration.trouble.newspaper import at_most
from tests.integration.trouble.newspaper import portal_of
from tests.integration.trouble.newspaper import settle
from tests.integration.trouble.tier import Tier

AT_ONCE = 1.0
HELD = 10.0


class Reading:
    """A block that shows something of the articles, until it is told to fail."""

    def __init__(self, paper: Newspaper, last_good: str, **cache: Any) -> None:
        self.fails = False
        paper.site.block("reading", self.render, cache=CachePolicy(**cache))
        on_error = {"use": "last_good", "for": last_good, "else": "hide"}
        paper.site.lay_out("home", {"key": "reading", "block": "reading", "on_error": on_error})

    def render(self, ctx: Any) -> dict[str, object]:
        if self.fails:
            raise RuntimeError("not for readers")
        queries.latest(ctx.reader, 3, sections=())
        return {"words": "good"}

    def assert_stands_in(self, paper: Newspaper, client: FlaskClient) -> None:
        """An edit ends its copy, and it fails: the copy is shown all the same."""
        self.fails = True
        paper.publish("Newer")
        answer = client.get("/")
        assert_marked(answer)
        assert "good" in answer.text


@pytest.mark.parametrize("shares", [False, True], ids=["alone", "by-redis"])
def test_a_copy_that_was_proved_a_moment_ago_stands_in(
    paper: Newspaper, tier: Tier, clock: StandingClock, shares: bool
):
    """What comes out of Redis is the same copy, and no less proved."""
    block = Reading(paper, last_good="2h", fresh="30d")
    app = tier.app(paper) if shares else paper.app()
    client = app.test_client()
    assert_sound(client.get("/"))
    settle(app)
    for _ in range(10):
        clock.advance(hours=1)
        assert_sound(client.get("/"))
    block.assert_stands_in(paper, client)


def test_a_copy_on_a_page_that_was_proved_a_moment_ago_stands_in(
    paper: Newspaper, clock: StandingClock
):
    """The page is given out again and again without a look at its blocks."""
    block = Reading(paper, last_good="20m", fresh="30d")
    client = paper.app().test_client()
    for _ in range(10):
        assert_sound(client.get("/"))
        clock.advance(minutes=5)
    assert_sound(client.get("/"))
    block.assert_stands_in(paper, client)


@pytest.mark.parametrize("shares", [False, True], ids=["one-process", "two-by-redis"])
def test_nobody_waits_for_what_another_makes_and_does_not_keep(
    paper: Newspaper, tier: Tier, shares: bool
):
    is_held, began, may_end = (threading.Event() for _ in range(3))

    def render(ctx: Any) -> dict[str, object]:
        if is_held.is_set() and not began.is_set():
            began.set()
            may_end.wait(HELD)
        return {"words": "now"}

    paper.site.block("always", render, cache=CachePolicy(off=True))
    paper.site.lay_out("home", {"key": "always", "block": "always", "budget": "30s"})
    one = tier.app(paper)
    two = tier.app(paper) if shares else one
    for app in (one, two):
        assert "now" in app.test_client().get("/").text
        settle(app)
    is_held.set()
    first = threading.Thread(target=lambda: one.test_client().get("/"))
    first.start()
    assert began.wait(HELD)
    with at_most(AT_ONCE):
        answer = two.test_client().get("/")
    may_end.set()
    first.join()
    assert "now" in answer.text


def test_a_page_that_stands_in_as_a_whole_is_counted_as_one(paper: Newspaper, tier: Tier):
    """Its blocks are not told to have been hidden."""
    first, second = tier.app(paper), tier.app(paper)
    for app in (first, second):
        for _ in range(2):
            assert_sound(app.test_client().get("/"))
            settle(app)
    told: list[tuple[str, ...]] = []

    class Listening(type(SILENT)):  # type: ignore[misc]  # a class that is made here
        def gave(self, tier: str) -> None:
            told.append(("gave", tier))

        def served(self, block: str, tier: str, age: float | None = None) -> None:
            told.append(("served", block, tier))

    def away() -> Any:
        raise ContentUnavailable("away")

    portal = portal_of(second)
    listening = Listening()
    portal.composition.fragments.observer = portal.composer._observer = listening
    portal.composition.table._source.head = away  # type: ignore[method-assign]  # a log that is away
    answer = second.test_client().get("/")
    assert_marked(answer)
    assert list(fragments(answer.text)) == ["news", "words"]
    assert told == [("gave", "remembered")]


def test_what_another_process_made_anew_is_told_as_its_reader_gets_it(
    paper: Newspaper, tier: Tier, clock: StandingClock
):
    """The own copy has been ended by an edit, theirs only grew old."""
    Reading(paper, last_good="2h", fresh="10m", stale="1h")
    one, other = tier.app(paper), tier.app(paper)
    assert_sound(one.test_client().get("/"))
    settle(one)
    paper.publish("Newer")
    assert_sound(other.test_client().get("/"))
    settle(other)
    clock.advance(minutes=11)
    composer = portal_of(one).composer
    report = composer.explain(PageRequest("/", "vi"))
    page = composer.compose(PageRequest("/", "vi"))
    told = {block.placement: block.reason.kind for block in report.blocks}
    assert (told["reading"], page.states["reading"]) == ("stale", "stale")


def test_a_site_map_names_the_pages_of_the_layouts_of_now(paper: Newspaper, tier: Tier):
    before = tier.app(paper)
    first = before.test_client().get("/sitemap-1.xml")
    settle(before)
    paper.site.lay_out("archive", {"key": "words", "block": "words"})
    shared, alone = (
        app.test_client().get("/sitemap-1.xml") for app in (tier.app(paper), paper.app())
    )
    assert shared.data == alone.data != first.data


def test_the_page_for_programs_is_of_the_templates_of_now(
    paper: Newspaper, tier: Tier, tmp_path: Path
):
    before = tier.app(paper)
    assert before.test_client().get("/api/").status_code == 200
    settle(before)
    templates = tmp_path / "templates"
    shutil.copytree(TEMPLATES, templates)
    page = templates / "programs" / "api.html"
    page.write_text(page.read_text("utf-8").replace("<ul>", "<p>deployed</p><ul>"), "utf-8")
    assert "deployed" in tier.app(paper, templates=templates).test_client().get("/api/").text
