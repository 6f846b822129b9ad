"""What readers see when a block fails: the rest of the page, and never why."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.block import CachePolicy
from portal.block import Group
from tests.clocks import StandingClock
from tests.integration.composition.small_site import TEMPLATES
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose
from tests.integration.composition.small_site import fragments

SECRET = "the reason that no reader may see"  # noqa: S105 - a text to look for
BETWEEN = ({"key": "before", "block": "sound"}, {"key": "after", "block": "sound"})


def failures(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged as an error, by message."""
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


def place(site: SmallSite, **more: object) -> None:
    """A home page with the block `failing` between two sound ones."""
    site.words("sound")
    before, after = BETWEEN
    site.lay_out("home", before, {"key": "middle", "block": "failing", **more}, after)


def fail(ctx: Any) -> Any:
    raise RuntimeError(SECRET)


def leave(ctx: Any) -> Any:
    sys.exit(SECRET)


def title_with_half_a_letter(ctx: Any) -> Any:
    ctx.head.title("\ud800")
    return {"words": ""}


def data_that_is_no_json(ctx: Any) -> Any:
    ctx.head.json_ld("news", "{'single': quotes}")
    return {"words": ""}


def data_of_more_than_a_mebibyte(ctx: Any) -> Any:
    ctx.head.json_ld("news", f'"{"x" * 1_048_577}"')
    return {"words": ""}


@pytest.mark.parametrize(
    "render",
    [
        pytest.param(fail, id="raises"),
        pytest.param(leave, id="exits"),
        pytest.param(lambda ctx: SECRET, id="text"),
        pytest.param(lambda ctx: 42, id="number"),
        pytest.param(lambda ctx: object(), id="object"),
        pytest.param(lambda ctx: [SECRET], id="list"),
        pytest.param(lambda ctx: {"other": SECRET}, id="undefined-name-in-its-template"),
        pytest.param(lambda ctx: {"words": "x" * 1_048_577}, id="more-than-a-mebibyte"),
        pytest.param(lambda ctx: {"words": f"{SECRET}\ud800"}, id="lone-surrogate"),
        pytest.param(title_with_half_a_letter, id="lone-surrogate-in-the-head"),
        pytest.param(data_that_is_no_json, id="broken-json-ld"),
        pytest.param(data_of_more_than_a_mebibyte, id="more-than-a-mebibyte-in-the-head"),
    ],
)
def test_a_failing_block_costs_readers_only_itself(
    site: SmallSite, caplog: pytest.LogCaptureFixture, render: Callable[[Any], Any]
):
    site.block("failing", render)
    place(site)
    answer = site.app().test_client().get("/")
    assert answer.status_code == 200
    assert list(fragments(answer.text)) == ["before", "after"]
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text
    [message] = failures(caplog)
    assert message.startswith("block failing at main.middle failed: ")


@pytest.mark.parametrize(
    "resolve",
    [
        pytest.param(fail, id="raises"),
        pytest.param(lambda ctx: None, id="nothing"),
        pytest.param(lambda ctx: ((1, 2),), id="no-groups"),
        pytest.param(lambda ctx: (Group("news", None, 3),), id="group-without-ids"),
        pytest.param(lambda ctx: (Group("news", (1,), "3"),), id="limit-is-no-number"),
    ],
)
def test_a_list_that_fails_to_choose_costs_readers_only_itself(
    site: SmallSite, caplog: pytest.LogCaptureFixture, resolve: Callable[[Any], Any]
):
    site.block("failing", lambda ctx: {"words": ctx.chosen}, resolve=resolve)
    place(site)
    page = compose(site.portal())
    assert page.status == 200
    assert list(fragments(page)) == ["before", "after"]
    assert page.states["middle"] == "hidden"
    [message] = failures(caplog)
    assert "main.middle" in message


def test_several_failing_blocks_leave_what_is_sound(
    site: SmallSite, caplog: pytest.LogCaptureFixture
):
    site.block("failing", fail)
    site.words("sound")
    keys = [f"failing_{number}" for number in range(4)]
    placements = [{"key": key, "block": "failing"} for key in keys]
    site.lay_out("home", *placements[:2], BETWEEN[0], *placements[2:])
    page = compose(site.portal())
    assert list(fragments(page)) == ["before"]
    assert len(failures(caplog)) == 4


# --- the last good copy -------------------------------------------------------------------------


@pytest.fixture
def switch(site: SmallSite) -> list[bool]:
    """A block that renders while the list is empty, placed with a last good copy of two hours."""
    broken: list[bool] = []

    def render(ctx: Any) -> dict[str, object]:
        if broken:
            raise RuntimeError(SECRET)
        return {"words": "good"}

    site.block("failing", render, cache=CachePolicy(fresh="10m", stale="0s"))
    place(site, on_error={"use": "last_good", "for": "2h", "else": "hide"})
    return broken


def test_the_last_good_copy_stands_in_for_the_time_the_placement_names(
    site: SmallSite, clock: StandingClock, switch: list[bool]
):
    portal = site.portal()
    good = fragments(compose(portal))
    switch.append(True)
    clock.advance(minutes=119, seconds=59)
    page = compose(portal)
    assert page.states["middle"] == "stand-in"
    assert fragments(page) == good
    clock.advance(seconds=1)
    page = compose(portal)
    assert page.states["middle"] == "hidden"
    assert list(fragments(page)) == ["before", "after"]


def test_a_block_that_recovers_is_shown_again_at_once(
    site: SmallSite, clock: StandingClock, switch: list[bool]
):
    portal = site.portal()
    switch.append(True)
    assert "middle" not in fragments(compose(portal))
    switch.clear()
    assert "good" in fragments(compose(portal))["middle"]


def test_a_placement_that_says_hide_shows_no_old_copy(site: SmallSite, clock: StandingClock):
    broken: list[bool] = []
    site.block(
        "failing",
        lambda ctx: fail(ctx) if broken else {"words": "good"},
        cache=CachePolicy(fresh="10m", stale="0s"),
    )
    place(site, on_error="hide")
    portal = site.portal()
    compose(portal)
    broken.append(True)
    clock.advance(hours=1)
    assert compose(portal).states["middle"] == "hidden"


def test_a_required_block_stands_in_before_the_page_is_given_up(
    site: SmallSite, clock: StandingClock
):
    broken: list[bool] = []
    site.block(
        "failing",
        lambda ctx: fail(ctx) if broken else {"words": "good"},
        cache=CachePolicy(fresh="10m", stale="0s"),
    )
    place(site, required=True, on_error={"use": "last_good", "for": "1h"})
    portal = site.portal()
    compose(portal)
    broken.append(True)
    clock.advance(minutes=59)
    assert compose(portal).status == 200
    clock.advance(minutes=1)
    assert compose(portal).status == 503


# --- pages that cannot be made ------------------------------------------------------------------


def test_a_failing_required_block_makes_the_page_unavailable(site: SmallSite):
    site.block("failing", fail)
    place(site, required=True)
    answer = site.app().test_client().get("/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Title 503" in answer.text
    assert SECRET not in answer.text


def test_a_failing_404_page_becomes_a_503_page(site: SmallSite):
    site.block("failing", fail)
    site.lay_out("404", {"key": "message", "block": "failing", "required": True})
    answer = site.app().test_client().get("/nothing-here")
    assert answer.status_code == 503
    assert "Title 503" in answer.text
    assert SECRET not in answer.text


def test_when_even_the_503_page_fails_readers_get_fixed_bytes(site: SmallSite):
    site.block("failing", fail)
    for name in ("home", "404", "503"):
        site.lay_out(name, {"key": "message", "block": "failing", "required": True})
    client = site.app().test_client()
    for path in ("/", "/nothing-here", "/-/nothing"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert answer.data == (TEMPLATES / "errors" / "unavailable.html").read_bytes()
        assert answer.headers["Retry-After"] == "30"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_an_error_page_has_no_etag(site: SmallSite):
    answer = site.app().test_client().get("/nothing-here")
    assert answer.status_code == 404
    assert "ETag" not in answer.headers


def test_a_copy_that_only_grew_old_is_shown_until_its_renewal_failed(
    site: SmallSite, clock: StandingClock
):
    broken: list[bool] = []
    site.block(
        "failing",
        lambda ctx: fail(ctx) if broken else {"words": "good"},
        cache=CachePolicy(fresh="10m", stale="1d"),
    )
    place(site, on_error="hide")
    portal = site.portal()
    compose(portal)
    broken.append(True)
    clock.advance(hours=1)
    assert compose(portal).states["middle"] == "stale"
    portal.composer.settle()
    assert compose(portal).states["middle"] == "hidden"


def test_a_block_that_fails_again_and_again_is_left_alone_for_a_while(
    site: SmallSite, clock: StandingClock
):
    called: list[str] = []

    def render(ctx: Any) -> Any:
        called.append(ctx.key)
        if len(called) <= 5:
            raise RuntimeError(SECRET)
        return {"words": "good"}

    site.block("failing", render)
    place(site)
    portal = site.portal()
    for _ in range(9):
        assert compose(portal).states["middle"] == "hidden"
    assert len(called) == 5
    clock.advance(seconds=5)
    assert compose(portal).states["middle"] == "rendered"


# --- databases ----------------------------------------------------------------------------------


def test_a_block_that_hides_a_database_error_does_not_break_its_neighbours(
    site_on_each: SmallSite, caplog: pytest.LogCaptureFixture
):
    site = site_on_each
    site.sections()
    site.article("News")

    def hide_an_error(ctx: Any) -> dict[str, object]:
        try:
            ctx.reader.session.connection().exec_driver_sql("SELECT no_such_column")
        except Exception:  # noqa: BLE001 - what a careless block does
            return {"words": "as if nothing had happened"}
        return {"words": "no error at all"}

    site.block("failing", hide_an_error)
    site.news()
    site.lay_out(
        "home",
        {"key": "before", "block": "news"},
        {"key": "middle", "block": "failing"},
        {"key": "after", "block": "news", "dedupe": False},
    )
    page = compose(site.portal())
    shown = fragments(page)
    assert "News" in shown["before"]
    assert "News" in shown["after"]
    on_postgresql = site.database_url.startswith("postgresql")
    assert ("middle" in shown) is not on_postgresql
    assert len(failures(caplog)) == on_postgresql
    assert all("main.middle" in message for message in failures(caplog))


def test_a_block_cannot_write(site_on_each: SmallSite, caplog: pytest.LogCaptureFixture):
    site = site_on_each
    site.sections()

    def write(ctx: Any) -> dict[str, object]:
        ctx.reader.session.connection().exec_driver_sql("DELETE FROM section")
        return {"words": "deleted"}

    site.block("failing", write)
    place(site)
    portal = site.portal()
    page = compose(portal)
    assert list(fragments(page)) == ["before", "after"]
    assert compose(portal, "/tin-tuc/").status == 200


# --- blocks that hang ---------------------------------------------------------------------------


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """What hanging blocks wait for; set at the end of every test."""
    event = threading.Event()
    yield event
    event.set()
    for thread in render_threads():
        thread.join(10)
    assert render_threads() == []


def render_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "render"]


def hanging_threads() -> list[threading.Thread]:
    """The threads that are still there when those that have nothing to do have ended."""
    threads = render_threads()
    for thread in threads:
        thread.join(0.2)
    return [thread for thread in threads if thread.is_alive()]


def hang_on(site: SmallSite, release: threading.Event) -> list[str]:
    """Install the block `failing`, which hangs until released; returns the keys it ran for."""
    started: list[str] = []

    def render(ctx: Any) -> dict[str, object]:
        started.append(ctx.key)
        release.wait()
        return {"words": "late"}

    site.block("failing", render)
    return started


def test_a_hanging_block_costs_its_budget_and_nothing_else(
    site: SmallSite, release: threading.Event, caplog: pytest.LogCaptureFixture
):
    hang_on(site, release)
    place(site, budget="50ms")
    page = compose(site.portal())
    assert page.status == 200
    assert list(fragments(page)) == ["before", "after"]
    [message] = failures(caplog)
    assert message == "block failing at main.middle failed: no answer within 0.050 s"


def test_pages_do_not_pile_up_threads_behind_a_hanging_block(
    site: SmallSite, release: threading.Event
):
    started = hang_on(site, release)
    place(site, budget="50ms")
    site.lay_out("section", {"key": "middle", "block": "failing", "budget": "50ms"})
    site.sections()
    portal = site.portal()
    for path in ("/", "/tin-tuc/", "/thong-bao/", "/", "/tin-tuc/"):
        assert compose(portal, path).status == 200
    assert started == ["middle"]
    assert len(hanging_threads()) == 1


def test_a_block_that_comes_back_late_is_asked_again(site: SmallSite, release: threading.Event):
    started = hang_on(site, release)
    place(site, budget="50ms")
    portal = site.portal()
    assert "middle" not in fragments(compose(portal))
    [thread] = hanging_threads()
    release.set()
    thread.join(10)
    assert "late" in fragments(compose(portal))["middle"]
    assert started == ["middle", "middle"]


def test_a_hanging_template_is_left_behind_too(site: SmallSite, release: threading.Event):
    site.block("failing", lambda ctx: {"wait": release.wait}, "{{ wait() }}")
    place(site, budget="50ms")
    assert list(fragments(compose(site.portal()))) == ["before", "after"]


def test_a_hanging_list_is_left_behind_too(site: SmallSite, release: threading.Event):
    def resolve(ctx: Any) -> tuple[Group, ...]:
        release.wait()
        return ()

    site.block("failing", lambda ctx: {"words": ""}, resolve=resolve)
    place(site, budget="50ms")
    assert list(fragments(compose(site.portal()))) == ["before", "after"]


def test_one_budget_holds_for_placements_that_name_none(site: SmallSite, release: threading.Event):
    hang_on(site, release)
    place(site)
    page = compose(site.portal(render_budget="50ms"))
    assert page.states["middle"] == "hidden"


def test_a_template_that_is_missing_costs_only_its_block(site: SmallSite):
    block = site.block("failing", lambda ctx: {"words": ""})
    (block.folder / "templates" / Path(block.template)).unlink()
    place(site)
    assert list(fragments(compose(site.portal()))) == ["before", "after"]
