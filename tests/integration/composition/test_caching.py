"""What is rendered again after an edit or with the time, and what is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy import text

from portal.block import CachePolicy
from portal.compose import PageRequest
from portal.content import commands
from portal.content import queries
from portal.content.drafts import MediaDraft
from portal.content.drafts import SectionDraft
from portal.content.values import Article
from portal.content.values import Correction
from portal.content.values import Rendition
from portal.content.values import Section
from portal.extensions import make_engine
from tests.clocks import StandingClock
from tests.integration.composition.small_site import KEY
from tests.integration.composition.small_site import NEWS
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose
from tests.integration.composition.small_site import fragments
from tests.integration.composition.small_site import headlines

LONG = CachePolicy(fresh="30d")
STORY = """<section data-block="{{ key }}"><h2>{{ article.headline }}</h2>
{{ article.corrections | map(attribute="note") | join }}{{ article.hero.alt if article.hero }}
</section>"""
PLACE = """<section data-block="{{ key }}">{{ section.name }}</section>"""


def story(site: SmallSite) -> list[str]:
    """Install `story`, which shows the page's article; returns the keys it rendered for."""
    rendered: list[str] = []

    def render(ctx: Any) -> dict[str, object]:
        rendered.append(ctx.key)
        return {"article": ctx.article}

    site.block("story", render, STORY, needs={"article": Article}, cache=LONG)
    return rendered


def pinned(site: SmallSite) -> list[str]:
    """Install `pinned`, which shows what editors put first on the home page."""
    rendered: list[str] = []

    def render(ctx: Any) -> dict[str, object]:
        rendered.append(ctx.key)
        ids = queries.pins(ctx.reader, "home")
        return {"articles": queries.summaries(ctx.reader, ids)}

    site.block("pinned", render, NEWS, cache=LONG)
    return rendered


def where(site: SmallSite) -> list[str]:
    """Install `where`, which shows the name of the page's section."""
    rendered: list[str] = []

    def render(ctx: Any) -> dict[str, object]:
        rendered.append(ctx.key)
        return {"section": ctx.section}

    site.block("where", render, PLACE, needs={"section": Section}, cache=LONG)
    return rendered


def picture(site: SmallSite, alt: str) -> int:
    """Store the picture `hall` and return its id."""
    shown = Rendition("hall-480.jpeg", 480, 270, "jpeg")
    draft = MediaDraft("hall", 480, 270, (shown,), alt={"vi": alt}, content_digest=alt)
    number: int = site.edit(commands.save_media, draft).id
    return number


# --- nothing changes ----------------------------------------------------------------------------


def test_the_second_reader_costs_no_rendering(site_on_each: SmallSite):
    site = site_on_each
    site.sections()
    number = site.article("News")
    rendered, listed = story(site), site.news()
    site.lay_out("article", {"key": "a", "block": "story"}, {"key": "b", "block": "news"})
    portal = site.portal()
    first = compose(portal, f"/tin-tuc/news-{number}")
    rendered.clear()
    listed.clear()
    second = compose(portal, f"/tin-tuc/news-{number}")
    assert (rendered, listed) == ([], [])
    assert second.body == first.body
    assert set(second.states.values()) <= {"fresh", "empty"}


def test_a_cached_page_opens_no_snapshot_and_runs_no_query(site: SmallSite):
    site.sections()
    site.article("News")
    site.news()
    site.lay_out("home", {"key": "a", "block": "news"})
    portal = site.portal()
    compose(portal)
    statements: list[str] = []
    event.listen(portal.engine(), "before_cursor_execute", lambda *call: statements.append(call[2]))
    assert compose(portal).status == 200
    assert statements == []


def test_a_removed_page_is_looked_up_once_and_a_restored_one_too(site: SmallSite):
    """However often its address changes between leading somewhere and nowhere."""
    site.sections()
    number = site.article("News")
    path = f"/tin-tuc/news-{number}"
    portal = site.portal()
    statements: list[str] = []
    event.listen(portal.engine(), "before_cursor_execute", lambda *call: statements.append(call[2]))
    for status, wanted in (("published", 200), ("draft", 404)) * 2:
        with portal.engine().begin() as connection:
            connection.execute(text("UPDATE article SET status = :status"), {"status": status})
        assert compose(portal, path).status == wanted
        statements.clear()
        assert [compose(portal, path).status for _ in range(2)] == [wanted] * 2
        assert statements == []
        route = portal.composer.explain(PageRequest(path, "vi")).route
        assert (route.where, route.reason.kind) == ("process", "fresh")


def test_undeclared_arguments_change_neither_the_page_nor_the_cache(site: SmallSite):
    rendered = site.words("words")
    site.lay_out("home", {"key": "a", "block": "words"})
    client = site.app().test_client()
    pages = {client.get(path).data for path in ("/", "/?utm_source=x", "/?a=1&b=2", "/?page=1")}
    assert len(pages) == 1
    assert rendered == ["a"]


def test_head_requests_have_the_headers_and_no_body(site: SmallSite):
    client = site.app().test_client()
    full, head = client.get("/"), client.head("/")
    assert head.status_code == 200
    assert head.data == b""
    assert head.headers["ETag"] == full.headers["ETag"]
    assert head.headers["Content-Length"] == str(len(full.data))


def test_a_cache_of_no_bytes_still_serves_pages(site: SmallSite):
    rendered = site.words("words")
    site.lay_out("home", {"key": "a", "block": "words"})
    portal = site.portal(cache_bytes=0)
    assert compose(portal).body == compose(portal).body
    assert rendered == ["a", "a"]


def test_a_process_that_forgets_keeps_nothing_of_a_page(site: SmallSite):
    site.words("words")
    site.lay_out("home", {"key": "a", "block": "words"})
    portal = site.portal()
    compose(portal)
    compose(portal, "/nowhere")
    parts = portal.composition
    stores = (parts.memory, parts.absent, parts.pages, parts.assembler.heads)
    assert all(store.bytes > 0 for store in stores)
    portal.composer.forget()
    assert [(len(store), store.bytes) for store in stores] == [(0, 0)] * 4


@pytest.mark.parametrize(
    ("policy", "placement"),
    [(CachePolicy(off=True), {}), (LONG, {"cache": {"off": True}})],
    ids=["by-the-block", "by-the-placement"],
)
def test_a_cache_that_is_off_renders_for_every_reader(
    site: SmallSite, policy: CachePolicy, placement: dict[str, object]
):
    rendered = site.words("words", cache=policy)
    site.lay_out("home", {"key": "a", "block": "words", **placement})
    portal = site.portal()
    compose(portal)
    compose(portal)
    assert rendered == ["a", "a"]


# --- edits --------------------------------------------------------------------------------------


def test_a_correction_shows_at_once_and_only_where_its_article_stands(site_on_each: SmallSite):
    site = site_on_each
    site.sections()
    numbers = [site.article(f"News {number}", days=number) for number in (1, 2)]
    rendered = story(site)
    site.lay_out("article", {"key": "story", "block": "story"})
    portal = site.portal()
    paths = [f"/tin-tuc/news-{slug}-{number}" for slug, number in enumerate(numbers, 1)]
    for path in paths:
        compose(portal, path)
    rendered.clear()
    note = Correction(site.clock(), "correction", "Sửa con số.")
    site.edit(commands.add_correction, numbers[0], note, now=site.clock())
    assert "Sửa con số." in fragments(compose(portal, paths[0]))["story"]
    assert "Sửa con số." not in fragments(compose(portal, paths[1]))["story"]
    assert rendered == ["story"]


def test_a_withdrawal_ends_the_page_and_its_place_in_lists(site_on_each: SmallSite):
    site = site_on_each
    site.sections()
    wrong, sound = site.article("Wrong", days=1), site.article("Sound", days=2)
    site.news()
    site.lay_out("home", {"key": "list", "block": "news"})
    app = site.app()
    client, path = app.test_client(), f"/tin-tuc/wrong-{wrong}"
    assert headlines(fragments(client.get("/").text)["list"]) == ["Wrong", "Sound"]
    assert client.get(path).status_code == 200
    site.edit(commands.withdraw, wrong, now=site.clock(), reason="Sai", successor=sound)
    assert headlines(fragments(client.get("/").text)["list"]) == ["Sound"]
    assert client.get(path).status_code == 410
    site.edit(commands.restore, wrong, now=site.clock())
    assert client.get(path).status_code == 200


def test_a_new_pin_renders_only_what_shows_pins(site_on_each: SmallSite):
    site = site_on_each
    site.sections()
    first, second = site.article("First"), site.article("Second")
    listed, shown = site.news(), pinned(site)
    site.lay_out("home", {"key": "pins", "block": "pinned"}, {"key": "list", "block": "news"})
    site.edit(commands.set_pins, "home", [first])
    portal = site.portal()
    assert headlines(fragments(compose(portal))["pins"]) == ["First"]
    listed.clear()
    shown.clear()
    site.edit(commands.set_pins, "home", [second, first])
    assert headlines(fragments(compose(portal))["pins"]) == ["Second", "First"]
    assert (listed, shown) == ([], ["pins"])


def test_a_renamed_section_shows_at_once_and_only_where_it_is_named(site_on_each: SmallSite):
    site = site_on_each
    site.sections()
    rendered, other = where(site), site.words("words", cache=LONG)
    site.lay_out("section", {"key": "name", "block": "where"}, {"key": "other", "block": "words"})
    portal = site.portal()
    assert "Tin tức" in fragments(compose(portal, "/tin-tuc/"))["name"]
    rendered.clear()
    other.clear()
    site.sections(
        (SectionDraft("tin-tuc", {"vi": "Tin mới"}), SectionDraft("thong-bao", {"vi": "Thông báo"}))
    )
    assert "Tin mới" in fragments(compose(portal, "/tin-tuc/"))["name"]
    assert (rendered, other) == (["name"], [])


def test_a_replaced_picture_shows_at_once_and_only_where_it_is_used(site_on_each: SmallSite):
    site = site_on_each
    site.sections()
    number = picture(site, "Cổng cũ")
    with_picture = site.article("With", hero_id=number)
    without = site.article("Without")
    rendered = story(site)
    site.lay_out("article", {"key": "story", "block": "story"})
    portal = site.portal()
    paths = f"/tin-tuc/with-{with_picture}", f"/tin-tuc/without-{without}"
    assert "Cổng cũ" in fragments(compose(portal, paths[0]))["story"]
    compose(portal, paths[1])
    rendered.clear()
    picture(site, "Cổng mới")
    assert "Cổng mới" in fragments(compose(portal, paths[0]))["story"]
    compose(portal, paths[1])
    assert rendered == ["story"]


def test_an_edit_that_was_rolled_back_renders_nothing_again(site_on_each: SmallSite):
    site = site_on_each
    site.sections()
    site.article("News")
    rendered = site.news()
    site.lay_out("home", {"key": "list", "block": "news"})
    portal = site.portal()
    compose(portal)
    rendered.clear()

    def fail(session: Any, key: str) -> None:
        commands.set_pins(session, key, "home", [1])
        raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        site.edit(fail)
    compose(portal)
    assert rendered == []


def test_two_processes_see_each_others_edits(site_on_each: SmallSite):
    site = site_on_each
    site.sections()
    site.article("News")
    site.news()
    site.lay_out("home", {"key": "list", "block": "news"})
    one, other = site.portal(), site.portal()
    assert compose(one).body == compose(other).body
    site.article("Newer", days=0.5)
    for portal in (one, other):
        assert headlines(fragments(compose(portal))["list"]) == ["Newer", "News"]


# --- time ---------------------------------------------------------------------------------------


def test_a_scheduled_article_appears_exactly_at_its_moment(
    site_on_each: SmallSite, clock: StandingClock
):
    site = site_on_each
    site.sections()
    site.article("Now", days=1)
    number = site.article("Later", published=clock() + timedelta(hours=2))
    site.news()
    site.lay_out("home", {"key": "list", "block": "news"})
    client, path = site.app().test_client(), f"/tin-tuc/later-{number}"
    clock.advance(hours=1, minutes=59, seconds=59)
    assert headlines(fragments(client.get("/").text)["list"]) == ["Now"]
    assert client.get(path).status_code == 404
    clock.advance(seconds=1)
    assert headlines(fragments(client.get("/").text)["list"]) == ["Later", "Now"]
    assert client.get(path).status_code == 200


def test_an_expired_article_leaves_lists_exactly_at_its_moment(
    site_on_each: SmallSite, clock: StandingClock
):
    site = site_on_each
    site.sections()
    site.article("Stays", days=2)
    site.article("Goes", days=1, expires=clock() + timedelta(hours=2))
    site.news()
    site.lay_out("home", {"key": "list", "block": "news"})
    portal = site.portal()
    clock.advance(hours=1, minutes=59, seconds=59)
    assert headlines(fragments(compose(portal))["list"]) == ["Goes", "Stays"]
    clock.advance(seconds=1)
    assert headlines(fragments(compose(portal))["list"]) == ["Stays"]


def test_the_day_ends_at_midnight_of_the_site_whatever_the_policy_says(
    site: SmallSite, clock: StandingClock
):
    site.block("today", lambda ctx: {"words": ctx.clock.today()}, cache=LONG)
    site.lay_out("home", {"key": "day", "block": "today"})
    portal = site.portal()
    clock.moment = datetime(2026, 11, 23, 16, 59, 59, tzinfo=UTC)
    page = compose(portal)
    assert "2026-11-23" in fragments(page)["day"]
    assert page.lifetime == 1.0
    clock.advance(seconds=1)
    assert "2026-11-24" in fragments(compose(portal))["day"]


def test_a_moment_that_a_block_asks_about_ends_its_fragment(site: SmallSite, clock: StandingClock):
    opening = clock() + timedelta(minutes=7)
    site.block("open", lambda ctx: {"words": ctx.clock.has_passed(opening)}, cache=LONG)
    site.lay_out("home", {"key": "open", "block": "open"})
    portal = site.portal()
    clock.advance(minutes=6, seconds=59)
    assert "False" in fragments(compose(portal))["open"]
    clock.advance(seconds=1)
    assert "True" in fragments(compose(portal))["open"]


def test_a_date_window_opens_and_closes_at_midnight_of_the_site(
    site: SmallSite, clock: StandingClock
):
    site.words("words", cache=LONG)
    window = {"between": ["2026-11-24", "2026-11-24"]}
    site.lay_out("home", {"key": "fair", "block": "words", "show": window})
    portal = site.portal()
    shown = []
    for moment in ("23T16:59:59", "23T17:00:00", "24T16:59:59", "24T17:00:00"):
        clock.moment = datetime.fromisoformat(f"2026-11-{moment}+00:00")
        shown.append("fair" in fragments(compose(portal)))
    assert shown == [False, True, True, False]


def test_a_fragment_lives_as_long_as_its_placement_says(site: SmallSite, clock: StandingClock):
    rendered = site.words("words", cache=CachePolicy(fresh="1h", stale="0s"))
    site.lay_out("home", {"key": "a", "block": "words", "cache": {"fresh": "10m"}})
    portal = site.portal()
    compose(portal)
    clock.advance(minutes=9, seconds=59)
    compose(portal)
    assert rendered == ["a"]
    clock.advance(seconds=1)
    compose(portal)
    assert rendered == ["a", "a"]


def test_a_fragment_that_only_grew_old_is_shown_once_more_and_renewed_behind(
    site: SmallSite, clock: StandingClock
):
    rendered = site.words("words", cache=CachePolicy(fresh="10m", stale="1h"))
    site.lay_out("home", {"key": "a", "block": "words"})
    portal = site.portal()
    compose(portal)
    clock.advance(minutes=10)
    assert compose(portal).states["a"] == "stale"
    portal.composer.settle()
    assert rendered == ["a", "a"]
    assert compose(portal).states["a"] == "fresh"
    clock.advance(minutes=70)
    assert compose(portal).states["a"] == "rendered"


def test_a_page_that_nobody_asked_for_before_shows_an_old_block_once_more(
    site: SmallSite, clock: StandingClock
):
    """Its own parts are rendered; the block that it shares with others is renewed behind it."""
    site.sections()
    paths = [f"/tin-tuc/news-{site.article('News', days=number)}" for number in (1, 2)]
    rendered, told = site.words("words", cache=CachePolicy(fresh="10m", stale="1h")), story(site)
    site.lay_out("article", {"key": "a", "block": "words"}, {"key": "b", "block": "story"})
    portal = site.portal()
    compose(portal, paths[0])
    clock.advance(minutes=10)
    page = compose(portal, paths[1])
    assert (page.states["a"], page.states["b"]) == ("stale", "rendered")
    assert page.lifetime == 0
    portal.composer.settle()
    assert (rendered, told) == (["a", "a"], ["b", "b"])
    page = compose(portal, paths[1])
    assert (page.states["a"], page.states["b"]) == ("fresh", "fresh")
    assert page.lifetime > 0


def test_no_page_waits_for_the_renewal_of_an_old_block(site: SmallSite, clock: StandingClock):
    """Neither one that was shown before, nor one that nobody asked for."""
    site.sections()
    paths = [f"/tin-tuc/news-{site.article('News', days=number)}" for number in (1, 2)]
    slow = site.aging()
    site.lay_out("article", {"key": "a", "block": "slow"})
    portal = site.portal()
    compose(portal, paths[0])
    clock.advance(minutes=10)
    states = [compose(portal, paths[0]).states["a"]]
    assert slow.renewing.wait(10)
    states += [compose(portal, path).states["a"] for path in paths]
    slow.finish.set()
    assert states == ["stale"] * 3
    portal.composer.settle()
    assert slow.rendered == ["a", "a"]


def test_an_old_list_chooses_anew_for_a_page_that_it_has_to_be_rendered_for(
    site: SmallSite, clock: StandingClock
):
    """Every article's page leaves that article out, so the list of another one is of no use."""
    site.sections()
    paths = [f"/tin-tuc/news-{site.article('News', days=number)}" for number in (1, 2)]
    rendered = site.news(cache=CachePolicy(fresh="10m", stale="1h"))
    site.lay_out("article", {"key": "a", "block": "news"})
    portal = site.portal()
    compose(portal, paths[0])
    clock.advance(minutes=10)
    assert compose(portal, paths[1]).states["a"] == "rendered"
    portal.composer.settle()
    assert [key for key, _ in rendered] == ["a", "a"]
    assert compose(portal, paths[1]).states["a"] == "fresh"


def test_what_an_edit_ended_is_rendered_while_an_old_block_beside_it_is_shown_once_more(
    site_on_each: SmallSite, clock: StandingClock
):
    site = site_on_each
    site.sections()
    site.article("News")
    site.words("words", cache=CachePolicy(fresh="10m", stale="1h"))
    site.news()
    site.lay_out("home", {"key": "a", "block": "words"}, {"key": "b", "block": "news"})
    portal = site.portal()
    compose(portal)
    clock.advance(minutes=10)
    site.article("Newer", days=0.5)
    page = compose(portal)
    assert (page.states["a"], page.states["b"]) == ("stale", "rendered")
    assert headlines(fragments(page)["b"]) == ["Newer", "News"]


# --- validation ---------------------------------------------------------------------------------


def test_a_reader_who_has_the_page_gets_304_without_any_block(site: SmallSite):
    rendered = site.words("words")
    site.lay_out("home", {"key": "a", "block": "words"})
    client = site.app().test_client()
    etag = client.get("/").headers["ETag"]
    rendered.clear()
    answer = client.get("/", headers={"If-None-Match": etag})
    assert (answer.status_code, answer.data, rendered) == (304, b"", [])
    assert answer.headers["ETag"] == etag


def test_the_etag_is_the_same_in_every_process_and_over_every_rendering(
    site: SmallSite, clock: StandingClock
):
    site.words("words", cache=CachePolicy(fresh="1m"))
    site.lay_out("home", {"key": "a", "block": "words"})
    one, other = site.app().test_client(), site.app().test_client()
    etag = one.get("/").headers["ETag"]
    assert other.get("/").headers["ETag"] == etag
    clock.advance(hours=1)
    assert one.get("/").headers["ETag"] == etag


def test_the_etag_changes_with_what_the_page_shows(site: SmallSite):
    site.sections()
    site.article("News")
    site.news()
    site.lay_out("home", {"key": "list", "block": "news"})
    client = site.app().test_client()
    etag = client.get("/").headers["ETag"]
    site.article("Newer", days=0.5)
    answer = client.get("/", headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != etag


def test_the_surrogate_key_names_what_the_page_shows(site: SmallSite):
    site.sections()
    number = site.article("News")
    site.news()
    site.lay_out("home", {"key": "list", "block": "news"})
    keys = site.app().test_client().get("/").headers["Surrogate-Key"].split()
    assert f"article:{number}" in keys
    assert any(key.startswith("list:") for key in keys)


# --- no database --------------------------------------------------------------------------------


def test_cached_pages_are_served_while_the_database_is_gone(
    site_on_each: SmallSite, tmp_path: Path, request: pytest.FixtureRequest
):
    site = site_on_each
    site.sections()
    site.article("News")
    site.news()
    site.lay_out("home", {"key": "list", "block": "news"})
    app = site.app()
    client, portal = app.test_client(), app.extensions["portal"]
    cached = client.get("/")
    portal.close()
    if site.database_url.startswith("sqlite"):
        (tmp_path / "portal.sqlite3").unlink()
    else:
        server = request.getfixturevalue("postgres_server")
        server.drop_database(make_engine(site.database_url).url.database)
    assert client.get("/").data == cached.data
    for path in ("/tin-tuc/", "/nothing"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "Title 503" in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/").data == cached.data
    assert client.get("/-/health/ready").status_code == 503
    assert client.get("/-/health/live").status_code == 200


def test_a_database_that_went_back_in_time_makes_everything_cold(site_on_each: SmallSite):
    site = site_on_each
    site.sections()
    site.article("News")
    rendered = site.news()
    site.lay_out("home", {"key": "list", "block": "news"})
    portal = site.portal()
    compose(portal)
    rendered.clear()
    engine = make_engine(site.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE cache_meta SET epoch = 'another'"))
    engine.dispose()
    compose(portal)
    assert [key for key, _ in rendered] == ["list"]
    rendered.clear()
    compose(portal)
    assert rendered == []


def test_a_changed_draft_that_changes_nothing_renders_nothing_again(site: SmallSite):
    site.sections()
    number = site.article("News")
    rendered = site.news()
    site.lay_out("home", {"key": "list", "block": "news"})
    portal = site.portal()
    compose(portal)
    rendered.clear()
    draft = site.edit(commands.read_draft, number)
    changed = site.edit(commands.save_article, replace(draft), now=site.clock())
    assert changed.outcome == "unchanged"
    compose(portal)
    assert rendered == []
    assert portal.folder.site.key == KEY
