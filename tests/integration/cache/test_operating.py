"""What operators end and warm by hand: all of it, in every form, or a refusal that says why."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool
from sqlalchemy import text

from portal.app import Portal
from portal.block import CachePolicy
from portal.cli.cache_pages import _paths_in
from portal.cli.cache_pages import _paths_of
from portal.cli.cache_pages import _warm
from portal.content import log
from portal.content.values import Article
from portal.content.values import Term
from portal.extensions import make_engine
from portal.web.operating.purging import Purge
from portal.web.operating.purging import PurgeRefused
from portal.web.operating.purging import tags_of
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose

LONG = CachePolicy(fresh="30d")


def purge(portal: Portal, **named: Any) -> None:
    """End what is named, as the command does."""
    tags = tags_of(Purge(**named), portal.folder.site, frozenset(portal.registry), portal.composer)
    with portal.engine().begin() as connection:
        log.append(connection, tags)


def change_unseen(site: SmallSite, headline: str) -> None:
    """A change that no trigger tells of: what the portal cannot know."""
    named = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'article'"
    with make_engine(site.database_url, poolclass=NullPool).begin() as connection:
        triggers = connection.execute(text(named)).all()
        for trigger in triggers:
            connection.exec_driver_sql(f'DROP TRIGGER "{trigger.name}"')
        connection.execute(text("UPDATE article SET headline = :new"), {"new": headline})
        for trigger in triggers:
            connection.exec_driver_sql(trigger.sql)


def test_a_purged_address_is_ended_in_every_form(site: SmallSite):
    path = f"/tin-tuc/story-{site.article('Story')}"
    shows = {"needs": {"article": Article}, "cache": LONG}
    site.block("headline", lambda ctx: {"words": ctx.article.headline}, **shows)
    for layout in ("article", "print"):
        site.lay_out(layout, {"key": "headline", "block": "headline"})
    app = site.app()
    client = app.test_client()
    forms = [path, f"{path}/in", f"{path}/luu.txt"]
    for form in forms:
        assert "Story" in client.get(form).text
    change_unseen(site, "Changed")
    assert ["Story" in client.get(form).text for form in forms] == [True] * 3
    purge(app.extensions["portal"], urls=[path])
    assert ["Changed" in client.get(form).text for form in forms] == [True] * 3


@pytest.mark.parametrize("url", ["/feed.xml", "/tin-tuc/feed.xml", "/sitemap-1.xml", "/robots.txt"])
def test_a_document_is_no_page_and_the_refusal_says_what_ends_it(site: SmallSite, url: str):
    with pytest.raises(PurgeRefused, match=r"leads to no page.*list:site"):
        purge(site.portal(), urls=[url])


@pytest.mark.parametrize("tag", ["key", "block"])
def test_names_of_the_caches_own_end_nothing_as_a_class(site: SmallSite, tag: str):
    with pytest.raises(PurgeRefused, match=f"'{tag}' ends nothing: give one such as {tag}:NAME"):
        purge(site.portal(), tags=[tag])


def test_more_pages_than_the_log_would_tell_apart_are_refused(site: SmallSite):
    urls = [f"/khong-co-{number}" for number in range(1001)]
    with pytest.raises(PurgeRefused, match="more than 1000; purge everything instead"):
        purge(site.portal(), urls=urls)


@pytest.mark.parametrize(
    "line",
    [
        '192.0.2.1 - - [24/Nov/2026:09:30:00 +0700] "GET {} HTTP/1.1" 200 4096',
        "2026-11-24T09:30:00+07:00 0123456789abcdef GET {} 200 4096 0.010",
    ],
    ids=["common", "proxy of deploy"],
)
def test_a_log_names_pages_with_their_numbers(tmp_path: Path, line: str):
    asked = ["/tin-tuc/", "/tin-tuc/?page=2", "/?utm_source=x", "/-/health/live", "/a?x=1&page=3"]
    file = tmp_path / "access.log"
    file.write_text("".join(line.format(path) + "\n" for path in asked), "utf-8")
    assert list(_paths_in(file)) == ["/tin-tuc/", "/tin-tuc/?page=2", "/", "/a?page=3"]


def test_every_page_of_the_site_map_is_warmed(site: SmallSite):
    site.article("One", tags=(Term("cau", "Cầu"),))
    for layout in ("tag", "archive"):
        site.lay_out(layout)
    app = site.app()
    client = app.test_client()
    addresses = {
        address
        for number in (1, 2)
        for address in re.findall("<loc>(.*?)</loc>", client.get(f"/sitemap-{number}.xml").text)
    }
    portal: Portal = app.extensions["portal"]
    base = portal.folder.site.base_url
    listed = {address.removeprefix(base) for address in addresses}
    assert "/tu-khoa/cau/" in listed
    # The page for programs is a document.
    assert listed - set(_paths_of(portal)) == {"/api/", "/en/api/"}


def test_what_comes_after_a_page_is_warmed_with_it(site: SmallSite, process: Callable[[], Portal]):
    rendered = site.words("words", cache=LONG)
    later = {"key": "later", "block": "words", "deliver": "fetch"}
    site.lay_out("home", {"key": "now", "block": "words"}, later)
    _warm(process(), ["/"])
    assert sorted(rendered) == ["later", "now"]
    compose(process(), fragment="later")
    assert sorted(rendered) == ["later", "now"]
