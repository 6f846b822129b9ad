"""Site maps hold every public address once, with true times and its translations, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

from portal.content import commands
from portal.content.values import Author
from portal.testing.samples import SECTIONS
from tests.integration.composition.small_site import SITE
from tests.integration.composition.small_site import SmallSite

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"
BASE = str(SITE["base_url"])


def read(client: Any, path: str) -> ElementTree.Element:
    """A site map or its index."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    assert answer.mimetype == "application/xml"
    return ElementTree.fromstring(answer.data)


def entries(client: Any) -> Iterator[ElementTree.Element]:
    """Every address of every part that the index names, but the news."""
    for part in read(client, "/sitemap.xml").findall(f"{MAP}sitemap/{MAP}loc"):
        path = str(part.text).removeprefix(BASE)
        if "news" not in path:
            yield from read(client, path).findall(f"{MAP}url")


def location(entry: ElementTree.Element) -> str:
    """The site-relative address of an entry."""
    return str(entry.findtext(f"{MAP}loc")).removeprefix(BASE)


def test_the_map_holds_what_readers_reach_and_nothing_else(site_on_each: SmallSite):
    client = site_on_each.app().test_client()
    found = [location(entry) for entry in entries(client)]
    assert len(found) == len(set(found))
    assert {"/", "/en/", "/tin-tuc/", "/en/tin-tuc/", "/gioi-thieu"} <= set(found)
    for path in found:
        assert client.get(path).status_code == 200, path
    # Every published article that is still valid, in either language, and the static page.
    assert (
        sum("-" in path.rpartition("/")[2] for path in found) == 30 + len(site_on_each.numbers) - 1
    )


def test_translations_name_each_other(site: SmallSite):
    by_path = {location(entry): entry for entry in entries(site.app().test_client())}
    english = next(path for path in by_path if path.endswith(str(site.numbers["english"])))
    links = {link.attrib["hreflang"]: link.attrib["href"] for link in by_path[english].iter(LINK)}
    assert set(links) == {"vi", "en", "x-default"}
    assert links["en"] == BASE + english
    vietnamese = links["vi"].removeprefix(BASE)
    assert {link.attrib["href"] for link in by_path[vietnamese].iter(LINK)} == set(links.values())


def test_times_are_those_of_the_last_change(site: SmallSite):
    times = {
        location(entry).rpartition("-")[2]: entry.findtext(f"{MAP}lastmod")
        for entry in entries(site.app().test_client())
    }
    assert times[str(site.numbers["corrected"])] == "2026-11-21T10:00:00+07:00"
    assert times[str(site.numbers["normal"])] == "2026-11-22T10:00:00+07:00"
    assert times[str(site.numbers["day_precision"])] == "2026-11-15"


def test_the_index_tells_when_an_article_was_last_changed(site_on_each: SmallSite):
    site = site_on_each
    client = site.app().test_client()
    before = client.get("/sitemap.xml").text
    draft = site.edit(commands.read_draft, site.numbers["normal"])
    now = site.clock()
    site.edit(commands.save_article, replace(draft, updated=now), now=now)
    after = client.get("/sitemap.xml").text
    assert "2026-11-23T09:30:00+07:00" not in before
    assert "2026-11-23T09:30:00+07:00" in after


def test_a_new_page_and_a_withdrawn_article_show_at_once(site: SmallSite):
    client = site.app().test_client()
    before = {location(entry) for entry in entries(client)}
    site.article("Quy chế", kind="page", section=None, slug="quy-che")
    site.edit(commands.withdraw, site.numbers["normal"], now=site.clock(), reason="Sai")
    after = {location(entry) for entry in entries(client)}
    assert after - before == {"/quy-che"}
    assert [path.rpartition("-")[2] for path in before - after] == [str(site.numbers["normal"])]


def test_an_article_leaves_when_it_expires_and_comes_when_it_is_published(site: SmallSite):
    ending = site.article("Sắp hết hạn", expires=site.clock() + timedelta(hours=2))
    coming = site.article("Sắp đăng", days=-0.125)
    client = site.app().test_client()

    def numbers() -> set[str]:
        return {location(entry).rpartition("-")[2] for entry in entries(client)}

    assert str(ending) in numbers()
    assert str(coming) not in numbers()
    site.clock.advance(hours=4)
    assert str(ending) not in numbers()
    assert str(coming) in numbers()


def test_articles_are_divided_by_number_so_that_parts_stay(site: SmallSite):
    client = site.app().test_client()
    index = [item.text for item in read(client, "/sitemap.xml").iter(f"{MAP}loc")]
    assert index == [f"{BASE}/sitemap-{part}.xml" for part in ("1", "news", "2")]
    assert client.get("/sitemap-3.xml").status_code == 404
    assert client.get("/sitemap-0.xml").status_code == 404


def test_the_news_map_holds_two_days(site: SmallSite):
    site.clock.advance(minutes=1)
    number = site.article("Tin mới", days=0)
    client = site.app().test_client()
    news = read(client, "/sitemap-news.xml").findall(f"{MAP}url")
    assert location(news[0]).endswith(f"-{number}")
    assert news[0].findtext(f"{NEWS}news/{NEWS}title") == "Tin mới"
    publication = f"{NEWS}news/{NEWS}publication/{NEWS}"
    assert news[0].findtext(publication + "language") == "vi"
    assert news[0].findtext(publication + "name") == "Cổng thông tin mẫu"
    site.clock.advance(hours=48)
    later = read(client, "/sitemap-news.xml").findall(f"{MAP}url")
    assert [location(entry) for entry in later] == []


def test_a_moved_section_moves_the_addresses_below_it(site: SmallSite):
    client = site.app().test_client()
    assert any(location(entry).startswith("/tin-tuc/") for entry in entries(client))
    tree = (replace(SECTIONS[0], slug="thoi-su", formerly="tin-tuc"), *SECTIONS[1:])
    site.edit(commands.save_sections, tree)
    assert not any(location(entry).startswith("/tin-tuc/") for entry in entries(client))


def test_a_name_that_is_new_below_an_old_article_is_in_the_map_at_once(site_on_each: SmallSite):
    site = site_on_each
    site.lay_out("author")
    nameless = site.article("Bài cũ chưa ghi tên người viết")
    client = site.app().test_client()
    paths = {location(entry) for entry in entries(client)}
    assert "/tac-gia/hoang-thi-mo/" not in paths
    draft = site.edit(commands.read_draft, nameless)
    named = replace(draft, authors=(Author("Hoàng Thị Mơ"),))
    site.edit(commands.save_article, named, now=site.clock(), actor="")
    assert {location(entry) for entry in entries(client)} == paths | {"/tac-gia/hoang-thi-mo/"}
    site.edit(commands.save_article, draft, now=site.clock(), actor="")
    assert {location(entry) for entry in entries(client)} == paths
