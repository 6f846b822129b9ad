"""The gallery shows every block in every state; it is off in public and harms nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal.app import create_app
from portal.gallery import WIDTHS
from portal.gallery import add_gallery
from portal.gallery.showing import THEMES
from portal.registry import find_blocks
from portal.settings import Settings
from portal.testing.document import Document
from portal.testing.examples import read_examples
from tests.clocks import StandingClock

ROOT = Path(__file__).parents[3]
FRAME = re.compile(r'<iframe src="([^"]+)" title="([^"]+)" loading="lazy">')


@pytest.fixture
def app(tmp_path: Path, sqlite_url: str, clock: StandingClock) -> Iterator[Flask]:
    """The shipped site with its gallery."""
    settings = Settings(
        database_url=sqlite_url,
        config=ROOT / "config",
        templates=ROOT / "templates",
        media=tmp_path / "media",
    )
    app = create_app(settings, clock=clock)
    add_gallery(app)
    yield app
    app.extensions["portal"].close()


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({}, False),
        ({"gallery": True}, True),
        ({"environment": "development"}, True),
        ({"environment": "development", "gallery": False}, False),
    ],
)
def test_it_is_off_unless_asked_for(values: dict[str, object], shown: bool):
    assert Settings.model_validate(values).shows_gallery is shown


def test_every_block_is_on_the_shelf(app: Flask):
    html = app.test_client().get("/-/gallery/").text
    for name in find_blocks():
        assert f'<a href="/-/gallery/{name}/?locale=vi">{name}</a>' in html
    assert Document(html).problems() == []


def test_a_block_is_shown_in_every_state_theme_and_width(app: Flask):
    html = app.test_client().get("/-/gallery/related/").text
    frames = FRAME.findall(html)
    examples = read_examples(find_blocks()["related"])
    assert len(frames) == len(examples) * len(THEMES) * len(WIDTHS)
    titles = [title for _, title in frames]
    assert len(set(titles)) == len(titles)
    assert Document(html).problems() == []


def test_settings_needs_and_cache_policy_are_told(app: Flask):
    html = app.test_client().get("/-/gallery/news_list/?locale=en").text
    for words in ("per_page", "Articles on a page.", "section", "page_number", "Fresh for 1h"):
        assert words in html
    assert "Block_BanTin_NewsList" in html


def test_an_example_stands_alone_in_the_look_of_the_site(app: Flask):
    client = app.test_client()
    answer = client.get("/-/gallery/viewdata/normal?theme=dark")
    assert answer.status_code == 200
    assert '<html data-theme="dark" lang="vi">' in answer.text
    assert "Bộ phận một cửa mở cửa sáng thứ Bảy" in answer.text
    theme = re.search(r"/-/assets/portal/theme\.\w+\.css", answer.text)
    assert theme is not None
    assert b"#1f5a3c" in client.get(theme[0]).data
    picture = re.search(r"/-/gallery/media/[\w/.-]+", answer.text)
    assert picture is not None
    with client.get(picture[0]) as file:
        assert file.mimetype.startswith("image/")


def test_nothing_of_it_is_stored_or_found_and_only_it_may_frame_its_examples(app: Flask):
    client = app.test_client()
    for path in ("/-/gallery/", "/-/gallery/latest/", "/-/gallery/latest/normal"):
        headers = client.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        assert headers["X-Content-Type-Options"] == "nosniff"
    frame = client.get("/-/gallery/latest/normal").headers
    assert "frame-ancestors 'self'" in frame["Content-Security-Policy"]
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'none'" in client.get("/-/gallery/").headers["Content-Security-Policy"]
    assert client.get("/").headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "path",
    [
        "/-/gallery/nothing/",
        "/-/gallery/latest/nothing",
        "/-/gallery/nothing/normal",
        "/-/gallery/latest/normal?theme=pink",
        "/-/gallery/?locale=fr",
        "/-/gallery/media/../portal.sqlite3",
        "/-/gallery/latest/../../etc/passwd",
    ],
)
def test_what_is_not_there_is_404(app: Flask, path: str):
    assert app.test_client().get(path).status_code == 404
