"""Warm pages are answered before Flask, with the same answers as the long way gives."""

from __future__ import annotations

import gzip
import http
import shutil
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client

from portal.block import CachePolicy
from portal.web.forms import _known_coding
from portal.web.front import Front
from tests.clocks import StandingClock
from tests.integration.composition.small_site import TEMPLATES
from tests.integration.composition.small_site import SmallSite

LONG = CachePolicy(fresh="30d")


@pytest.fixture
def app(site: SmallSite) -> Flask:
    """A home page of a hundred kilobytes that compress well."""
    site.block("words", lambda ctx: {"words": "Bản tin " * 2_000}, cache=LONG)
    site.lay_out("home", {"key": "a", "block": "words"})
    return site.app()


def front_of(app: Flask) -> Front:
    """The front, without what stands before it: guard and watcher."""
    layer: Any = app.wsgi_app
    while not isinstance(layer, Front):
        layer = layer._application
    return layer


def short_way(app: Flask) -> Client:
    """A client of the front."""
    return Client(front_of(app))


def long_way(app: Flask) -> Client:
    """A client of Flask alone, without the front."""
    return Client(front_of(app)._application)


def counted(app: Flask) -> list[str]:
    """A list that grows with every request that reaches Flask."""
    seen: list[str] = []
    app.before_request_funcs.setdefault(None, []).append(lambda: seen.append("asked"))
    return seen


def test_the_second_reader_of_a_page_does_not_reach_flask(app: Flask):
    seen, client = counted(app), app.test_client()
    first, second = client.get("/"), client.get("/")
    assert seen == ["asked"]
    assert second.data == first.data


@pytest.mark.parametrize("coding", ["", "gzip", "br, gzip;q=0.8", "gzip;q=0", "identity"])
def test_both_ways_give_the_same_answer(app: Flask, coding: str):
    headers = {"Accept-Encoding": coding}
    client = app.test_client()
    client.get("/", headers=headers)
    short = short_way(app).get("/", headers=headers)
    long = long_way(app).get("/", headers=headers)
    assert short.status_code == long.status_code == 200
    assert sorted(short.headers) == sorted(long.headers)
    assert short.data == long.data


def test_both_ways_give_the_same_304(app: Flask):
    client = app.test_client()
    etag = client.get("/").headers["ETag"]
    headers = {"If-None-Match": etag}
    short, long = short_way(app).get("/", headers=headers), long_way(app).get("/", headers=headers)
    assert short.status_code == long.status_code == 304
    assert sorted(short.headers) == sorted(long.headers)
    assert short.data == long.data == b""


def test_a_page_is_compressed_once_for_all_its_readers(app: Flask, monkeypatch: pytest.MonkeyPatch):
    calls: list[int] = []
    compress = gzip.compress

    def count(data: bytes, *more: Any, **options: Any) -> bytes:
        calls.append(len(data))
        return compress(data, *more, **options)

    monkeypatch.setattr(gzip, "compress", count)
    client = app.test_client()
    answers = [client.get("/", headers={"Accept-Encoding": "gzip"}) for _ in range(5)]
    assert len(calls) == 1
    assert {answer.headers["Content-Encoding"] for answer in answers} == {"gzip"}
    assert gzip.decompress(answers[0].data) == client.get("/").data


def test_each_coding_has_an_etag_of_its_own_and_either_proves_the_page(app: Flask):
    client = app.test_client()
    plain = client.get("/").headers["ETag"]
    packed = client.get("/", headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    assert plain != packed
    for etag in (plain, packed, f"W/{plain}", f'"other", {packed}', "*"):
        for coding in ("gzip", "identity"):
            headers = {"If-None-Match": etag, "Accept-Encoding": coding}
            assert client.get("/", headers=headers).status_code == http.HTTPStatus.NOT_MODIFIED
    assert client.get("/", headers={"If-None-Match": '"other"'}).status_code == 200


def test_head_is_the_same_answer_without_the_bytes(app: Flask):
    client = app.test_client()
    full = client.get("/")
    for _ in range(2):
        head = client.head("/")
        assert head.data == b""
        assert head.headers["Content-Length"] == str(len(full.data))
        assert head.headers["ETag"] == full.headers["ETag"]


def test_part_of_a_page_is_given_to_who_asks_for_part(app: Flask):
    client = app.test_client()
    full = client.get("/")
    part = client.get("/", headers={"Range": "bytes=10-19"})
    assert part.status_code == 206
    assert part.data == full.data[10:20]
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(full.data)}"
    beyond = client.get("/", headers={"Range": f"bytes={len(full.data)}-"})
    assert beyond.status_code == 416


def test_an_edit_is_seen_by_the_next_reader(site: SmallSite):
    site.sections()
    site.article("Old")
    site.news()
    site.lay_out("home", {"key": "list", "block": "news"})
    client = site.app().test_client()
    client.get("/")
    assert "Old" in client.get("/").text
    site.article("New", days=0.5)
    assert "New" in client.get("/").text


def test_a_page_ends_at_its_moment_in_the_front_too(site: SmallSite, clock: StandingClock):
    site.block("day", lambda ctx: {"words": ctx.clock.today()}, cache=LONG)
    site.lay_out("home", {"key": "day", "block": "day"})
    client = site.app().test_client()
    client.get("/")
    assert "2026-11-23" in client.get("/").text
    clock.advance(hours=15)
    assert "2026-11-24" in client.get("/").text


def test_an_untrusted_host_gets_no_page_from_memory(site: SmallSite):
    site.words("words", cache=LONG)
    site.lay_out("home", {"key": "a", "block": "words"})
    client = site.app(trusted_hosts=("mau.example",)).test_client()
    for _ in range(2):
        assert client.get("/", headers={"Host": "mau.example"}).status_code == 200
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_addresses_without_end_do_not_fill_the_memory(app: Flask):
    client = app.test_client()
    client.get("/")
    held = len(app.extensions["portal"].composition.pages)
    for number in range(200):
        assert client.get(f"/?utm={number}").status_code == 200
        assert client.get(f"/nothing-{number}x").status_code == 404
    assert len(app.extensions["portal"].composition.pages) == held


def test_long_addresses_and_headers_do_not_fill_the_memory_either(app: Flask):
    """Thousands of either are remembered, hence short ones only."""
    client, front = app.test_client(), front_of(app)
    client.get("/", headers={"Accept-Encoding": "gzip"})
    held = front._request_at.cache_info().currsize, _known_coding.cache_info().currsize
    for number in range(20):
        headers = {"Accept-Encoding": f"{'x' * 5_000}{number}, gzip"}
        assert client.get(f"/{'x' * 5_000}{number}", headers=headers).status_code == 404
    packed = client.get("/", headers={"Accept-Encoding": f"{'x' * 5_000}, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert (front._request_at.cache_info().currsize, _known_coding.cache_info().currsize) == held


def test_networks_may_keep_a_page_only_when_told_so_and_not_beyond_its_end(
    site: SmallSite, clock: StandingClock
):
    site.block("day", lambda ctx: {"words": ctx.clock.today()}, cache=LONG)
    site.lay_out("home", {"key": "day", "block": "day"})
    clock.advance(hours=14, minutes=29)
    assert "CDN-Cache-Control" not in site.app().test_client().get("/").headers
    client = site.app(cdn_seconds=3600).test_client()
    for _ in range(2):
        value = client.get("/").headers["CDN-Cache-Control"]
        assert value == "max-age=60, stale-while-revalidate=30, stale-if-error=86400"
    clock.advance(seconds=20)
    assert client.get("/").headers["CDN-Cache-Control"].startswith("max-age=40,")


def test_networks_are_told_what_is_left_of_a_page_whichever_way_it_comes(
    site: SmallSite, clock: StandingClock
):
    site.block("day", lambda ctx: {"words": ctx.clock.today()}, cache=LONG)
    later = {"key": "later", "block": "day", "deliver": "fetch"}
    site.lay_out("home", {"key": "day", "block": "day"}, later)
    clock.advance(hours=14, minutes=29)
    client = site.app(cdn_seconds=3600, cache_status=True).test_client()
    ways = ("/", "/?utm_source=x", "/-/fragments/later/")
    for way in ways:
        client.get(way)
    clock.advance(seconds=50)
    for way in ways:
        headers = client.get(way).headers
        assert headers["CDN-Cache-Control"].startswith("max-age=10,")
        assert headers["Cache-Status"].startswith("portal; hit; ttl=10;")


@pytest.mark.parametrize("deliver", ["inline", "fetch"])
def test_a_reader_who_has_a_page_gets_it_anew_once_its_scripts_have_other_addresses(
    site: SmallSite, deliver: str
):
    """The old ones are gone with the old release."""
    script = {"words.js": "let a = 1;\n"}
    site.block("words", lambda ctx: {"words": "the same"}, cache=LONG, static=script)
    site.lay_out("home", {"key": "a", "block": "words", "deliver": deliver})
    old = site.app().test_client().get("/")
    (site.blocks[-1].folder / "static" / "words.js").write_text("let a = 2;\n", "utf-8")
    client = site.app().test_client()
    new = client.get("/", headers={"If-None-Match": old.headers["ETag"]})
    assert new.status_code == 200
    assert new.data != old.data
    assert client.get("/", headers={"If-None-Match": new.headers["ETag"]}).status_code == 304


def test_a_page_that_cannot_be_put_together_has_an_answer_on_the_short_way_too(
    site: SmallSite, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    templates = tmp_path / "templates"
    shutil.copytree(TEMPLATES, templates)
    shell = templates / "layouts" / "page.html"
    broken = "{% if layout_name == 'home' %}{{ asset('site/missing.svg') }}{% endif %}<main"
    shell.write_text(shell.read_text("utf-8").replace("<main", broken, 1), "utf-8")
    site.words("words", cache=LONG)
    site.lay_out("home", {"key": "a", "block": "words"})
    client = site.app(templates=templates).test_client()
    answers = [client.get("/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503] * 3
    assert answers[0].data == answers[2].data
    assert "missing.svg" in caplog.text


def test_a_page_tells_where_it_came_from_when_asked_to(site: SmallSite):
    site.words("words", cache=LONG)
    site.lay_out("home", {"key": "a", "block": "words"})
    assert "Cache-Status" not in site.app().test_client().get("/").headers
    client = site.app(cache_status=True).test_client()
    told = [client.get("/").headers["Cache-Status"] for _ in range(2)]
    assert told[0].startswith("portal; fwd=miss; stored; ttl=")
    assert told[1].startswith("portal; hit; ttl=")
