"""Announced outages on real pages: to the second, with words, and without the database."""

from __future__ import annotations

from typing import Any

from portal.block import Failure
from portal.testing.harness import SITE
from tests.clocks import StandingClock
from tests.integration.blocks.pages import Look
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose

BANNER = {"key": "outages", "block": "outage_banner"}


def declare(site: SmallSite, **changes: Any) -> None:
    """Write an outage into the site's file: announced 10:00, from 11:00 to 12:00 local time."""
    outage = {
        "key": "nang-cap",
        "kind": "unplanned",
        "title": {"vi": "Mất điện", "en": "Power cut"},
        "announced": "2026-11-23T10:00",
        "starts": "2026-11-23T11:00",
        "recovery": "2026-11-23T12:00",
    }
    outage |= changes
    site.write_file("site.yaml", {**SITE, "outages": [outage]})


def test_banner_shows_and_vanishes_at_its_seconds(site: SmallSite, clock: StandingClock):
    declare(site)
    site.lay_out("home", BANNER)
    portal = site.portal()

    def words() -> list[str]:
        return Look(compose(portal)).texts(".outages__times div:first-child dt")

    # 09:30 in Vietnam.
    assert words() == []
    clock.advance(minutes=29, seconds=59)
    assert words() == []
    clock.advance(seconds=1)
    assert words() == ["Bắt đầu"]
    clock.advance(minutes=60)
    assert words() == ["Từ"]
    clock.advance(minutes=59, seconds=59)
    assert words() == ["Từ"]
    clock.advance(seconds=1)
    assert words() == []


def test_notice_may_outlast_the_expected_recovery(site: SmallSite, clock: StandingClock):
    declare(site, ends="2026-11-23T13:00")
    site.lay_out("home", BANNER)
    portal = site.portal()
    clock.advance(hours=3, minutes=29)
    assert Look(compose(portal)).has(".outages")
    clock.advance(minutes=1)
    assert not Look(compose(portal)).has(".outages")


def test_notice_speaks_the_readers_language_and_tells_when_all_works_again(
    site: SmallSite, clock: StandingClock
):
    declare(site, url="/thong-bao/")
    site.lay_out("home", BANNER)
    clock.advance(hours=1)
    page = Look(compose(site.portal(), locale="en"))
    assert page.texts(".outages__title") == ["Fault Power cut"]
    assert page.texts(".outages__times dt") == ["Starts", "Expected to work again"]
    assert page.texts(".outages__more") == ["More about: Power cut"]


def test_readers_may_put_away_a_fault_but_never_an_emergency(site: SmallSite, clock: StandingClock):
    site.lay_out("home", BANNER)
    clock.advance(hours=1)
    declare(site)
    page = Look(compose(site.portal()))
    assert page.has('[data-dismiss="nang-cap"]')
    assert page.has("button.outages__dismiss[hidden]")
    declare(site, kind="emergency")
    page = Look(compose(site.portal()))
    assert page.has(".outages__item--emergency")
    assert not page.has("[data-dismiss], .outages__dismiss")


def test_banner_stands_on_the_page_for_outages_without_a_database(
    site: SmallSite, clock: StandingClock
):
    declare(site)
    site.lay_out("503", BANNER)
    clock.advance(hours=2)
    portal = site.portal()
    portal.close()
    for file in (site.folder.parent).glob("portal.sqlite3*"):
        file.unlink()
    page = compose(portal, failure=Failure(503))
    assert page.status == 503
    assert Look(page).texts(".outages__title") == ["Sự cố Mất điện"]
