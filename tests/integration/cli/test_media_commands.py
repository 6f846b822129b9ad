"""`portal media`: a picture comes in with its words, and its files can be made again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image as Pillow

from tests.integration.cli.conftest import RunCommand


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A square picture."""
    file = tmp_path / "cho-phien.png"
    Pillow.new("RGB", (700, 700), "#1f5a3c").save(file)
    return file


@pytest.fixture
def ready(portal: RunCommand) -> RunCommand:
    """The same with a migrated database."""
    assert portal("db", "upgrade").code == 0
    return portal


def test_a_picture_is_added_once_and_changed_by_its_name(ready: RunCommand, picture: Path):
    words = ("--alt", "Chợ phiên", "--alt", "en=The market", "--credit", "Hà Minh")
    first = ready("media", "add", picture, *words, "--focus", "0.2,0.8", "--format", "json")
    assert first.data == {"id": 1, "name": "cho-phien", "outcome": "created"}
    again = ready("media", "add", picture, *words, "--focus", "0.2,0.8", "--format", "json")
    assert again.data["outcome"] == "unchanged"
    other = ready("media", "add", picture, "--alt", "Chợ", "--format", "json")
    assert other.data == {"id": 1, "name": "cho-phien", "outcome": "updated"}


def test_the_answer_says_how_an_article_refers_to_it(ready: RunCommand, picture: Path):
    answer = ready("media", "add", picture, "--decorative")
    assert '<figure data-media="1"></figure>' in answer.output


def test_a_picture_without_words_is_refused(ready: RunCommand, picture: Path):
    answer = ready("media", "add", picture)
    assert answer.code == 2
    assert "--decorative" in answer.errors


@pytest.mark.parametrize("focus", ["0.5", "a,b", "2,0.5"])
def test_a_focus_that_is_no_point_is_refused(ready: RunCommand, picture: Path, focus: str):
    answer = ready("media", "add", picture, "--alt", "Chợ", "--focus", focus)
    assert answer.code != 0
    assert "0.5" in answer.errors


def test_a_file_that_is_no_picture_is_one_message(ready: RunCommand, tmp_path: Path):
    file = tmp_path / "a.jpg"
    file.write_text("<svg/>", "utf-8")
    answer = ready("media", "add", file, "--alt", "x")
    assert answer.code == 1
    assert answer.errors.startswith("portal: the file is no picture that can be read")


def test_lost_files_are_made_again_and_a_lost_master_is_told(
    ready: RunCommand, picture: Path, tmp_path: Path
):
    ready("media", "add", picture, "--alt", "Chợ phiên")
    media = tmp_path / "media"
    names = sorted(file for file in media.rglob("*.webp"))
    assert names
    for file in names:
        file.unlink()
    assert ready("media", "rebuild", "--format", "json").data == {
        "updated": 0,
        "unchanged": 1,
        "refused": {},
    }
    assert sorted(media.rglob("*.webp")) == names
    shutil.rmtree(media / "masters")
    assert list(ready("media", "rebuild", "--format", "json").data["refused"]) == ["cho-phien"]
