"""What every answer carries, whatever it answers; and what stored files may never do."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.content import schema
from portal.web.headers import SECURITY_HEADERS
from tests.clocks import StandingClock
from tests.integration.composition.small_site import SmallSite


@pytest.fixture
def files(site: SmallSite) -> Path:
    """The media folder with a picture, a script and two documents."""
    folder = site.folder / "media"
    (folder / "files").mkdir(exist_ok=True)
    for name in ("picture.jpg", "page.html", "drawing.svg", "code.js", "files/paper.pdf"):
        (folder / name).write_bytes(b"<script>alert(1)</script>")
    (site.folder / "secret.txt").write_text("secret", "utf-8")
    return folder


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One without lists of media types, as a slim container is."""
    with monkeypatch.context() as patch:
        patch.setattr(mimetypes, "knownfiles", [])
        mimetypes.init()
        yield
    mimetypes.init()


def test_every_kind_of_answer_carries_the_security_headers(site: SmallSite, files: Path):
    site.words("words", static={"words.css": "p{}"})
    site.lay_out("home", {"key": "a", "block": "words"})
    client = site.app().test_client()
    page = client.get("/")
    style = page.text.partition('href="/-/assets/words/')[2].partition('"')[0]
    answers = {
        200: page,
        301: client.get("/tin-tuc"),
        304: client.get("/", headers={"If-None-Match": page.headers["ETag"]}),
        404: client.get("/nothing"),
        405: client.post("/"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
    others = [
        client.get(f"/-/assets/words/{style}"),
        client.get("/-/media/picture.jpg", buffered=True),
    ]
    others += [client.get("/-/health/live"), client.get("/-/health/ready")]
    assert {answer.status_code for answer in others} == {200}
    for answer in (*answers.values(), *others):
        for name, value in SECURITY_HEADERS:
            assert answer.headers.getlist(name) == [value], (answer.request.path, name)


def test_a_page_that_cannot_be_made_carries_them_too(site: SmallSite):
    site.block("failing", lambda ctx: 1 / 0)
    site.lay_out("home", {"key": "a", "block": "failing", "required": True})
    answer = site.app().test_client().get("/")
    assert answer.status_code == 503
    assert {name for name, _ in SECURITY_HEADERS} <= set(answer.headers.keys())


def test_pages_set_no_cookie_and_vary_by_nothing_but_their_coding(site: SmallSite):
    client = site.app().test_client()
    for _ in range(2):
        headers = client.get("/").headers
        assert "Set-Cookie" not in headers
        assert headers.getlist("Vary") == ["Accept-Encoding"]


def test_a_page_takes_no_post(site: SmallSite):
    answer = site.app().test_client().post("/tin-tuc/", data={"x": "1"})
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert answer.mimetype == "text/plain"


def test_pictures_are_shown_and_kept_for_ever(site: SmallSite, files: Path):
    answer = site.app().test_client().get("/-/media/picture.jpg", buffered=True)
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "code.js", "files/paper.pdf"])
def test_other_media_never_run_in_the_origin_of_the_portal(site: SmallSite, files: Path, name: str):
    answer = site.app().test_client().get(f"/-/media/{name}", buffered=True)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers.getlist("Content-Security-Policy") == ["sandbox; default-src 'none'"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("picture.webp", "image/webp"),
        ("films/a.vtt", "text/vtt"),
        (
            "files/1/bieu-mau.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("files/1/du-lieu.tar.gz", "application/gzip"),
        ("files/1/khong-ten", "application/octet-stream"),
    ],
)
@pytest.mark.usefixtures("bare_machine")
def test_a_file_has_its_type_on_a_machine_that_knows_none(
    site: SmallSite, name: str, media_type: str
):
    """Nor is an archive unpacked on its way to a reader."""
    file = site.folder / "media" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"content")
    answer = site.app().test_client().get(f"/-/media/{name}", buffered=True)
    assert (answer.status_code, answer.data) == (200, b"content")
    assert answer.mimetype == media_type
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/-/media/../secret.txt",
        "/-/media/%2e%2e/secret.txt",
        "/-/media/..%2fsecret.txt",
        "/-/media/files/../../secret.txt",
        "/-/media//etc/passwd",
        "/-/media/..%5csecret.txt",
        "/-/media/picture.jpg%00.txt",
        "/-/media/files",
        "/-/media/",
        "/-/assets/../secret.txt",
        "/-/assets/words/../../secret.txt",
        "/-/assets/words/words.css",
    ],
)
def test_no_path_leaves_the_folders_of_files(site: SmallSite, files: Path, path: str):
    site.words("words", static={"words.css": "p{}"})
    answer = site.app().test_client().get(path)
    assert answer.status_code == 404
    assert "secret" not in answer.text
    assert "root:" not in answer.text


def test_an_asset_under_another_hash_is_not_served(site: SmallSite):
    site.words("words", static={"words.css": "p{}"})
    client = site.app().test_client()
    assert client.get("/-/assets/words/words.000000000000.css").status_code == 404


@pytest.mark.parametrize(
    ("host", "status"),
    [("mau.example", 200), ("www.mau.example", 400), ("evil.example", 400), ("mau.example.", 400)],
)
def test_only_trusted_hosts_are_answered(site: SmallSite, host: str, status: int):
    client = site.app(trusted_hosts=("mau.example",)).test_client()
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == status
    assert "evil" not in answer.text


@pytest.mark.parametrize("path", ["/-/health/live", "/-/health/ready", "/-/metrics"])
@pytest.mark.parametrize("host", ["10.42.0.7:8000", "[fd00::7]:8000", "portal:8000"])
def test_who_watches_asks_by_the_address_of_a_replica(site: SmallSite, path: str, host: str):
    """Probes of a platform and Prometheus know no name of the site."""
    client = site.app(trusted_hosts=("mau.example",), metrics=True).test_client()
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 200
    assert host not in answer.text
    far = client.get(path, headers={"Host": host}, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert far.status_code == (403 if path == "/-/metrics" else 200)


@pytest.mark.parametrize(
    "path", ["//-/health/live", "/-/health/live/", "/-/health/", "/-/metrics/", "/-/version", "/-/"]
)
def test_what_only_looks_like_watching_is_for_trusted_hosts(site: SmallSite, path: str):
    client = site.app(trusted_hosts=("mau.example",), metrics=True).test_client()
    environ = {"PATH_INFO": path, "HTTP_HOST": "evil.example"}
    assert client.open("/", environ_overrides=environ).status_code == 400


def test_the_host_of_a_request_is_nowhere_on_the_page(site: SmallSite):
    client = site.app().test_client()
    assert client.get("/", headers={"Host": "evil.example"}).data == client.get("/").data


def test_a_portal_without_a_migrated_database_lives_but_is_not_ready(
    tmp_path: Path, clock: StandingClock
):
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    site = SmallSite(tmp_path / "site", url, clock)
    client = site.app().test_client()
    assert client.get("/-/health/live").get_json() == {"status": "live"}
    before = client.get("/-/health/ready")
    assert before.status_code == 503
    assert "database" in before.get_json()["problems"]
    assert before.headers["Cache-Control"] == "no-store"
    schema.upgrade(url)
    assert client.get("/-/health/ready").status_code == 200
    site.close()
