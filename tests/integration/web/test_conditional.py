"""HEAD, conditional and range requests (RFC 9110 §9.3.2, §13, §14) for all that is served."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.block import CachePolicy
from tests.clocks import StandingClock
from tests.integration.composition.small_site import SmallSite

KINDS = (
    "page",
    "print",
    "fragment",
    "feed",
    "sitemap",
    "robots",
    "api",
    "asset",
    "worker",
    "media",
)
MAKE_PARTS = ("page", "print", "fragment", "asset", "worker", "media")
PICTURE = bytes(range(256)) * 8
VALIDATORS = ("ETag", "Cache-Control", "Vary", "Surrogate-Key", "Cache-Groups", "Expires")
"""What a 304 must repeat of a 200 (RFC 9110 §15.4.5), and the names by which networks purge."""
ABOUT_THE_CONTENT = ("Content-Length", "Content-Type", "Content-Encoding", "Content-Range")


@pytest.fixture(scope="module")
def client(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FlaskClient]:
    """A portal that is asked and never changed."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copyfile(sqlite_template, folder / "portal.sqlite3")
    clock = StandingClock(datetime(2026, 11, 23, 2, 30, tzinfo=UTC))
    site = SmallSite(folder, f"sqlite:///{folder / 'portal.sqlite3'}", clock)
    site.sections()
    site.article("Story")
    site.block(
        "words",
        lambda ctx: {"words": "Bản tin " * 300},
        cache=CachePolicy(fresh="30d"),
        static={"words.css": "p { color: #111 }\n" * 80},
    )
    site.lay_out("home", {"key": "a", "block": "words"})
    site.lay_out("print", {"key": "a", "block": "words"})
    (folder / "media").mkdir()
    (folder / "media" / "picture.webp").write_bytes(PICTURE)
    yield site.app().test_client()
    site.close()


@pytest.fixture(scope="module")
def addresses(client: FlaskClient) -> dict[str, str]:
    """An address of every kind."""
    style = client.get("/").text.partition('href="/-/assets/words/')[2].partition('"')[0]
    return {
        "page": "/",
        "print": "/tin-tuc/story-1/in",
        "fragment": "/-/fragments/a/",
        "feed": "/feed.atom",
        "sitemap": "/sitemap-1.xml",
        "robots": "/robots.txt",
        "api": "/api/v1/articles",
        "asset": f"/-/assets/words/{style}",
        "worker": "/-/offline.js",
        "media": "/-/media/picture.webp",
    }


def ask(client: FlaskClient, address: str, method: str = "GET", **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.open(address, method=method, headers=named, buffered=True)


def shared(answer: Any, names: tuple[str, ...]) -> dict[str, str | None]:
    return {name: answer.headers.get(name) for name in names}


@pytest.mark.parametrize("kind", KINDS)
def test_head_has_the_headers_of_get_and_no_content(
    client: FlaskClient, addresses: dict[str, str], kind: str
):
    for _ in range(2):
        full, head = (ask(client, addresses[kind], method) for method in ("GET", "HEAD"))
        assert full.status_code == head.status_code == 200
        assert head.data == b""
        assert full.data != b""
        leave_out = {"date", "x-request-id"}
        told, expected = (
            sorted((name, value) for name, value in answer.headers if name.lower() not in leave_out)
            for answer in (head, full)
        )
        assert told == expected
        assert head.headers["Content-Length"] == str(len(full.data))


@pytest.mark.parametrize("kind", KINDS)
def test_who_has_it_already_is_told_so_with_what_keeps_it(
    client: FlaskClient, addresses: dict[str, str], kind: str
):
    full = ask(client, addresses[kind])
    etag = full.headers["ETag"]
    assert etag.startswith('"'), "a strong validator"
    for asked in (etag, f"W/{etag}", f'"other", {etag}', f'"x,y" , W/"z",W/{etag}', "*"):
        for method in ("GET", "HEAD"):
            answer = ask(client, addresses[kind], method, If_None_Match=asked)
            assert answer.status_code == 304, asked
            assert answer.data == b""
            assert shared(answer, VALIDATORS) == shared(full, VALIDATORS)
            assert set(shared(answer, ABOUT_THE_CONTENT).values()) == {None}


@pytest.mark.parametrize("kind", KINDS)
def test_who_has_something_else_gets_the_whole(
    client: FlaskClient, addresses: dict[str, str], kind: str
):
    full = ask(client, addresses[kind])
    bare = full.headers["ETag"].strip('"')
    for asked in ('"other"', 'W/"other", "another"', f'"{bare}x"', f'"x{bare}"', '""', "nonsense"):
        answer = ask(client, addresses[kind], If_None_Match=asked)
        assert (answer.status_code, answer.data) == (200, full.data), asked


@pytest.mark.parametrize("kind", KINDS)
def test_a_date_does_not_decide_where_a_tag_was_given(
    client: FlaskClient, addresses: dict[str, str], kind: str
):
    """RFC 9110 §13.1.3: If-Modified-Since is ignored beside If-None-Match."""
    later = "Sun, 06 Nov 2044 08:49:37 GMT"
    answer = ask(client, addresses[kind], If_None_Match='"other"', If_Modified_Since=later)
    assert answer.status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_is_given_as_a_part_or_the_whole_as_the_whole(
    client: FlaskClient, addresses: dict[str, str], kind: str
):
    full = ask(client, addresses[kind])
    size = len(full.data)
    for asked, start, end in (
        ("bytes=10-19", 10, 20),
        ("bytes=-5", size - 5, size),
        (f"bytes={size - 3}-", size - 3, size),
        (f"bytes=0-{size + 99}", 0, size),
    ):
        answer = ask(client, addresses[kind], Range=asked)
        if kind in MAKE_PARTS and (start, end) != (0, size):
            assert answer.status_code == 206, asked
            assert answer.data == full.data[start:end]
            assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
            assert answer.headers["Content-Length"] == str(end - start)
            assert shared(answer, VALIDATORS) == shared(full, VALIDATORS)
        else:
            assert answer.status_code in {200, 206}
            assert answer.data == full.data


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("asked", ["lines=1-2", "bytes=x-y", "bytes=9-2", "bytes"])
def test_a_range_that_makes_no_sense_is_ignored(
    client: FlaskClient, addresses: dict[str, str], kind: str, asked: str
):
    full = ask(client, addresses[kind])
    answer = ask(client, addresses[kind], Range=asked)
    assert (answer.status_code, answer.data) == (200, full.data)


@pytest.mark.parametrize("kind", MAKE_PARTS)
def test_a_range_beyond_the_end_is_told_how_long_the_whole_is(
    client: FlaskClient, addresses: dict[str, str], kind: str
):
    size = len(ask(client, addresses[kind]).data)
    answer = ask(client, addresses[kind], Range=f"bytes={size}-")
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{size}"
    assert "immutable" not in answer.headers.get("Cache-Control", "")


@pytest.mark.parametrize("kind", MAKE_PARTS)
def test_a_part_of_another_version_is_never_given(
    client: FlaskClient, addresses: dict[str, str], kind: str
):
    """RFC 9110 §13.1.5: If-Range with another tag asks for the whole of what there is now."""
    full = ask(client, addresses[kind])
    answer = ask(client, addresses[kind], Range="bytes=10-19", If_Range='"other"')
    assert (answer.status_code, answer.data) == (200, full.data)
    answer = ask(client, addresses[kind], Range="bytes=10-19", If_Range=full.headers["ETag"])
    assert (answer.status_code, answer.data) == (206, full.data[10:20])


@pytest.mark.parametrize("kind", MAKE_PARTS)
def test_whether_it_changed_is_asked_before_which_part(
    client: FlaskClient, addresses: dict[str, str], kind: str
):
    """RFC 9110 §13.2.2."""
    etag = ask(client, addresses[kind]).headers["ETag"]
    answer = ask(client, addresses[kind], Range="bytes=10-19", If_None_Match=etag)
    assert (answer.status_code, answer.data) == (304, b"")


def test_a_packed_page_is_cut_as_it_is_sent(client: FlaskClient):
    full = ask(client, "/", Accept_Encoding="gzip")
    assert full.headers["Content-Encoding"] == "gzip"
    part = ask(client, "/", Accept_Encoding="gzip", Range="bytes=10-19")
    assert (part.status_code, part.data) == (206, full.data[10:20])
    assert part.headers["Content-Encoding"] == "gzip"
    assert part.headers["ETag"] == full.headers["ETag"]
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(full.data)}"


@pytest.mark.parametrize("address", ["/nothing", "/-/fragments/nothing/", "/-/media/none.webp"])
def test_what_is_not_there_is_not_there_for_any_condition(client: FlaskClient, address: str):
    for headers in ({}, {"If_None_Match": "*"}, {"Range": "bytes=0-1"}):
        for method in ("GET", "HEAD"):
            answer = ask(client, address, method, **headers)
            assert answer.status_code == 404
            assert answer.headers["Cache-Control"] == "no-store"
            assert "ETag" not in answer.headers


def test_a_text_file_is_sent_compressed_to_whoever_takes_that(
    client: FlaskClient, addresses: dict[str, str]
):
    """Each coding has a tag of its own; a part of a file is counted in its own bytes."""
    address = addresses["asset"]
    plain = ask(client, address)
    packed = ask(client, address, Accept_Encoding="gzip")
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3
    assert packed.headers["Content-Length"] == str(len(packed.data))
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != packed.headers["ETag"]
    known = ask(client, address, Accept_Encoding="gzip", If_None_Match=packed.headers["ETag"])
    assert (known.status_code, known.data) == (304, b"")
    part = ask(client, address, Accept_Encoding="gzip", Range="bytes=0-9")
    assert (part.status_code, part.data) == (206, plain.data[:10])
