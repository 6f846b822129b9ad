"""Feeds in three formats: valid by their rules, true to the content, and cheap to ask for again."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlalchemy import event

from portal.content import commands
from portal.content.values import Correction
from tests.integration.composition.small_site import SITE
from tests.integration.composition.small_site import SmallSite

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
BASE = str(SITE["base_url"])
PLACES = ("", "/tin-tuc", "/tin-tuc/hoat-dong", "/tu-khoa/mot-cua", "/chu-de/cai-cach")
ENGLISH = ("/en", "/en/tin-tuc", "/en/tag/mot-cua", "/en/topic/cai-cach")


def get(site: SmallSite, path: str, **headers: str) -> Any:
    """The answer to a GET."""
    return site.app().test_client().get(path, headers=headers)


def rss(site: SmallSite, place: str = "") -> ElementTree.Element:
    """The channel of an RSS feed."""
    channel = ElementTree.fromstring(get(site, f"{place}/feed.xml").data).find("channel")
    assert channel is not None
    return channel


def text(parent: ElementTree.Element, name: str) -> str:
    """The text of the one element of this name."""
    found = parent.findall(name)
    assert len(found) == 1, name
    return found[0].text or ""


@pytest.mark.parametrize("place", [*PLACES, *ENGLISH])
def test_rss_keeps_the_rules_of_the_specification(site: SmallSite, place: str):
    channel = rss(site, place)
    for name in ("title", "link", "description", "language", "ttl"):
        assert text(channel, name)
    assert parsedate_to_datetime(text(channel, "lastBuildDate")).tzinfo is not None
    own = channel.find(f"{ATOM}link")
    assert own is not None
    assert own.attrib["rel"] == "self"
    assert own.attrib["href"] == f"{BASE}{place}/feed.xml"
    assert text(channel, "link") == f"{BASE}{place}/"
    items = channel.findall("item")
    assert items
    guids = [text(item, "guid") for item in items]
    assert len(set(guids)) == len(guids)
    for item in items:
        guid, enclosure = item.find("guid"), item.find("enclosure")
        assert guid is not None
        assert guid.attrib == {"isPermaLink": "false"}
        assert text(item, "link").startswith(BASE)
        assert text(item, "title")
        assert text(item, "description")
        assert parsedate_to_datetime(text(item, "pubDate")).tzinfo is not None
        if enclosure is not None:
            assert set(enclosure.attrib) == {"url", "length", "type"}
            assert enclosure.attrib["url"].startswith(BASE)
            assert int(enclosure.attrib["length"]) > 0


@pytest.mark.parametrize("place", [*PLACES, *ENGLISH])
def test_atom_keeps_the_rules_of_rfc_4287(site: SmallSite, place: str):
    feed = ElementTree.fromstring(get(site, f"{place}/feed.atom").data)
    assert feed.tag == f"{ATOM}feed"
    assert feed.attrib[LANGUAGE] == ("en" if place.startswith("/en") else "vi")
    links = {link.attrib["rel"]: link.attrib["href"] for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": f"{BASE}{place}/feed.atom", "alternate": f"{BASE}{place}/"}
    assert text(feed, f"{ATOM}id").startswith("tag:mau.example,2026:")
    assert text(feed, f"{ATOM}author/{ATOM}name")
    entries = feed.findall(f"{ATOM}entry")
    identities = [text(entry, f"{ATOM}id") for entry in entries]
    assert len(set(identities)) == len(identities) > 0
    updated = [datetime.fromisoformat(text(item, f"{ATOM}updated")) for item in (feed, *entries)]
    assert all(moment.tzinfo is not None for moment in updated)
    assert updated[0] == max(updated[1:])
    for entry in entries:
        assert text(entry, f"{ATOM}title")
        assert datetime.fromisoformat(text(entry, f"{ATOM}published")).tzinfo is not None
        assert [
            link.attrib["href"].startswith(BASE)
            for link in entry.findall(f"{ATOM}link")
            if link.attrib["rel"] == "alternate"
        ] == [True]
        # Without a summary there must be a content.
        parts = (entry.find(f"{ATOM}summary"), entry.find(f"{ATOM}content"))
        assert any(part is not None and part.text for part in parts)


@pytest.mark.parametrize("place", [*PLACES, *ENGLISH])
def test_json_feed_keeps_the_rules_of_version_1_1(site: SmallSite, place: str):
    answer = get(site, f"{place}/feed.json")
    assert answer.mimetype == "application/feed+json"
    feed = json.loads(answer.data)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{BASE}{place}/feed.json"
    assert feed["home_page_url"] == f"{BASE}{place}/"
    assert feed["items"]
    for item in feed["items"]:
        assert item["id"].startswith("tag:")
        assert item["content_text"]
        assert datetime.fromisoformat(item["date_published"]).tzinfo is not None


def test_feeds_of_both_languages_hold_their_own_articles(site: SmallSite):
    english = [text(item, "title") for item in rss(site, "/en").findall("item")]
    assert english == ["One-stop shop opens on Saturdays"]
    assert english[0] not in [text(item, "title") for item in rss(site).findall("item")]


def test_a_feed_holds_the_newest_first_and_as_many_as_the_site_says(site: SmallSite):
    site.write_file("site.yaml", {**SITE, "feeds": {"items": 5}})
    items = rss(site).findall("item")
    moments = [parsedate_to_datetime(text(item, "pubDate")) for item in items]
    assert len(items) == 5
    assert moments == sorted(moments, reverse=True)


def test_the_full_text_stands_alone(site: SmallSite):
    site.write_file("site.yaml", {**SITE, "feeds": {"text": "full", "items": 50}})
    item = next(
        item for item in rss(site).findall("item") if "một cửa mở cửa" in text(item, "title")
    )
    html = text(item, f"{CONTENT}encoded")
    assert "<h2" in html
    assert re.findall(r'\s(?:src|href)="/', html) == []
    assert f'<img src="{BASE}/-/media/' in html


def test_the_lead_is_all_that_a_feed_tells_by_default(site: SmallSite):
    assert rss(site).findall(f"item/{CONTENT}encoded") == []


def test_an_article_keeps_its_identity_when_headline_and_section_change(site: SmallSite):
    number = site.numbers["normal"]

    def identity() -> tuple[str, str]:
        items = {text(item, "guid"): item for item in rss(site).findall("item")}
        guid = f"tag:mau.example,2026:sample/article/{number}"
        return guid, text(items[guid], "link")

    before = identity()
    draft = site.edit(commands.read_draft, number)
    site.edit(
        commands.save_article,
        replace(draft, headline="Tên khác", section="thong-bao"),
        now=site.clock(),
    )
    assert identity()[1] != before[1]


@pytest.mark.parametrize("form", ["xml", "atom", "json"])
def test_a_feed_is_sent_again_only_when_something_changed(site: SmallSite, form: str):
    client = site.app().test_client()
    first = client.get(f"/feed.{form}")
    etag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    again = client.get(f"/feed.{form}", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    correction = Correction(site.clock(), "fix", "Sửa lỗi chính tả.")
    site.edit(commands.add_correction, site.numbers["corrected"], correction, now=site.clock())
    changed = client.get(f"/feed.{form}", headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag


def test_a_feed_that_is_known_asks_the_database_for_the_log_only(site: SmallSite):
    app = site.app()
    client = app.test_client()
    first = client.get("/feed.xml")
    opened: list[object] = []
    portal = app.extensions["portal"]

    def count(*call: object) -> None:
        opened.append(call)

    event.listen(portal.engine(), "before_cursor_execute", count)
    assert client.get("/feed.xml").data == first.data
    assert opened == []


def test_a_scheduled_article_enters_the_feed_when_its_time_comes(site: SmallSite):
    client = site.app().test_client()
    site.article("Tin hẹn giờ", days=-0.25)
    assert "Tin hẹn giờ" not in client.get("/feed.xml").text
    site.clock.advance(hours=7)
    assert "Tin hẹn giờ" in client.get("/feed.xml").text


@pytest.mark.parametrize(
    "path",
    [
        "/khong-co/feed.xml",
        "/tu-khoa/khong-co/feed.xml",
        "/tu-khoa/feed.xml",
        "/tag/mot-cua/feed.xml",
        "/en/tu-khoa/mot-cua/feed.xml",
        "/vi/feed.xml",
        "/feed.rss",
        "/-/feed.xml",
    ],
)
def test_no_feed_stands_where_nothing_is(site: SmallSite, path: str):
    answer = get(site, path)
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("place", ["", "/tu-khoa", "/chu-de", "/tac-gia", "/tin-tuc", "/en/tag"])
@pytest.mark.parametrize("form", ["xml", "atom", "json"])
def test_no_feed_has_a_place_that_no_database_can_look_for(
    site_on_each: SmallSite, place: str, form: str
):
    answer = get(site_on_each, f"{place}/%00/feed.{form}")
    assert answer.status_code == 404
    assert "Title 404" in answer.text


def test_text_that_xml_cannot_hold_is_left_out_and_markup_is_escaped(site: SmallSite):
    site.article("Dấu \ufffe lạ & <b>đậm</b>", lead="]]> & <i>", days=0)
    item = rss(site).findall("item")[0]
    assert text(item, "title") == "Dấu  lạ & <b>đậm</b>"
    assert text(item, "description") == "]]> & <i>"


def test_an_empty_list_is_a_sound_feed(site: SmallSite):
    channel = rss(site, "/en/thong-bao")
    assert channel.findall("item") == []
    assert text(channel, "lastBuildDate")


def test_feeds_are_the_same_on_every_database(site_on_each: SmallSite):
    for place in ("", "/tin-tuc", "/tu-khoa/mot-cua", "/chu-de/cai-cach"):
        assert rss(site_on_each, place).findall("item")


def test_pages_tell_where_their_feeds_are(site: SmallSite):
    html = site.app().test_client().get("/en/").text
    for kind, path in (("rss", "xml"), ("atom", "atom")):
        link = f'type="application/{kind}+xml" title="Sample portal" href="/en/feed.{path}"'
        assert link in html
