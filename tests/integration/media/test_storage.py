"""Files are kept the same way on the disk and in an object store, which is a real server here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from moto.server import ThreadedMotoServer

from portal.errors import ConfigError
from portal.errors import MediaRefused
from portal.media import Storage
from portal.media import open_storage
from tests.clocks import StandingClock
from tests.integration.composition.small_site import SmallSite

BUCKET = "portal-media"
FILM = bytes(range(256)) * 3000


@pytest.fixture(scope="session")
def object_store() -> Iterator[str]:
    """The address of an S3-compatible server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(object_store: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of the server, with an empty bucket and somebody who may use it."""
    import boto3  # noqa: PLC0415 - a second to load, and needed by these tests alone

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    client = boto3.client("s3", endpoint_url=object_store)
    client.create_bucket(Bucket=BUCKET)
    for item in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=item["Key"])
    return object_store


@pytest.fixture(params=["disk", "object store"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """An empty place for files, of both kinds."""
    if request.param == "disk":
        return open_storage("", "", tmp_path / "media")
    endpoint = request.getfixturevalue("bucket")
    return open_storage(f"s3://{BUCKET}/site/one", endpoint, tmp_path / "media")


def test_what_was_put_is_there_until_it_is_deleted(storage: Storage):
    name = "ab/abc/Ảnh một.jpg"
    assert not storage.exists(name)
    storage.put(name, b"one")
    storage.put(name, b"two")
    with storage.open(name) as file:
        assert file.read() == b"two"
    assert storage.exists(name)
    storage.delete(name)
    storage.delete(name)
    assert not storage.exists(name)
    with pytest.raises(FileNotFoundError):
        storage.open(name)


def test_readers_always_come_to_the_portal_itself(storage: Storage):
    assert storage.url("ab/ảnh 1.jpg") == "/-/media/ab/%E1%BA%A3nh%201.jpg"


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../a", "a/../b", "a//b", "a/", "a\\b", ".a", "a/.b", "a\0b", "a\nb"],
)
def test_no_name_leaves_the_place_of_files(storage: Storage, name: str):
    for act in (storage.open, storage.delete, storage.exists, storage.url):
        with pytest.raises(MediaRefused):
            act(name)
    with pytest.raises(MediaRefused):
        storage.put(name, b"")


def test_a_write_that_fails_leaves_the_old_file_and_no_half_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    storage = open_storage("", "", tmp_path)
    storage.put("a.txt", b"old")

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="no space"):
        storage.put("a.txt", b"new")
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_bytes() == b"old"


@pytest.mark.parametrize("store", ["s3://", "http://a/b", "bucket"])
def test_an_unknown_place_is_a_message(store: str, tmp_path: Path):
    with pytest.raises(ConfigError, match="s3://BUCKET/PREFIX"):
        open_storage(store, "", tmp_path)


def test_pictures_of_an_object_store_are_served_by_the_portal(
    bucket: str, tmp_path: Path, sqlite_url: str, clock: StandingClock
):
    settings = {"media_store": f"s3://{BUCKET}/site", "media_endpoint": bucket}
    storage = open_storage(settings["media_store"], bucket, tmp_path)
    storage.put("ab/1.jpeg", b"x" * 600_000)
    storage.put("files/1/a.pdf", b"%PDF")
    storage.put("masters/ab/1.jpeg", b"master")
    site = SmallSite(tmp_path / "site", sqlite_url, clock)
    client = site.app(**settings).test_client()
    picture = client.get("/-/media/ab/1.jpeg")
    assert picture.data == b"x" * 600_000
    assert picture.mimetype == "image/jpeg"
    assert picture.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    paper = client.get("/-/media/files/1/a.pdf")
    assert paper.headers["Content-Disposition"] == "attachment"
    for path in ("ab/2.jpeg", "masters/ab/1.jpeg", "../secret", ".hidden"):
        assert client.get(f"/-/media/{path}").status_code == 404
    site.close()


def test_a_reader_may_jump_in_a_file(storage: Storage):
    content = bytes(range(256)) * 4000
    storage.put("ab/1.mp4", content)
    with storage.open("ab/1.mp4") as file:
        assert file.seek(0, os.SEEK_END) == len(content)
        assert file.read() == b""
        file.seek(700_001)
        assert file.read(5) == content[700_001:700_006]
        file.seek(3)
        assert file.read(600_000) == content[3:600_003]
        file.seek(-4, os.SEEK_CUR)
        assert file.read() == content[599_999:]


@pytest.fixture(params=["disk", "object store"])
def film(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_url: str, clock: StandingClock
) -> Iterator[FlaskClient]:
    """A portal with `FILM` at `/-/media/ab/1.mp4`, kept in either place."""
    settings = {"media_store": "", "media_endpoint": ""}
    if request.param == "object store":
        endpoint = request.getfixturevalue("bucket")
        settings = {"media_store": f"s3://{BUCKET}/site", "media_endpoint": endpoint}
    site = SmallSite(tmp_path / "site", sqlite_url, clock)
    folder = tmp_path / "site" / "media"
    storage = open_storage(settings["media_store"], settings["media_endpoint"], folder)
    storage.put("ab/1.mp4", FILM)
    yield site.app(**settings).test_client()
    site.close()


def ask(client: FlaskClient, method: str = "GET", **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.open("/-/media/ab/1.mp4", method=method, headers=named, buffered=True)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-1", 0, 1),
        ("bytes=600000-600009", 600_000, 600_009),
        ("bytes=700000-", 700_000, 767_999),
        ("bytes=-10", 767_990, 767_999),
        ("bytes=767999-9999999", 767_999, 767_999),
    ],
)
def test_a_film_is_sent_from_where_its_player_wants_it(
    film: FlaskClient, asked: str, first: int, last: int
):
    part = ask(film, Range=asked)
    assert part.status_code == 206
    assert part.data == FILM[first : last + 1]
    assert part.headers["Content-Range"] == f"bytes {first}-{last}/768000"
    assert part.headers["Content-Length"] == str(last - first + 1)
    assert part.headers["Accept-Ranges"] == "bytes"
    assert part.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_part_beyond_the_end_of_a_film_is_refused(film: FlaskClient):
    answer = ask(film, Range="bytes=768000-")
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */768000"


def test_a_film_is_not_sent_again_to_who_has_it(film: FlaskClient):
    whole = ask(film)
    assert whole.data == FILM
    assert whole.headers["Content-Length"] == "768000"
    etag = whole.headers["ETag"]
    head = ask(film, "HEAD")
    assert (head.data, head.headers["Content-Length"]) == (b"", "768000")
    assert ask(film, If_None_Match=etag).status_code == 304
    assert ask(film, Range="bytes=0-1", If_Range=etag).status_code == 206
    assert ask(film, Range="bytes=0-1", If_Range='"other"').status_code == 200
