"""What is kept in caches bears the mark of the code that made it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import portal
from portal.compose.digests import digest_code

PACKAGE = Path(portal.__file__).parent


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the portal's own code, to be changed."""
    folder = tmp_path_factory.mktemp("code") / "portal"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__", "static"))
    return folder


def changed(package: Path, name: str) -> bool:
    """Whether another line in a file makes another digest."""
    before = digest_code.__wrapped__(package)
    with (package / name).open("a", encoding="utf-8") as file:
        file.write("\n# another line\n")
    return digest_code.__wrapped__(package) != before


@pytest.mark.parametrize(
    "name",
    [
        "block/context.py",
        "compose/fragments.py",
        "content/queries/summaries.py",
        "content/sanitise.py",
        "content/values.py",
        "feeds/rss.py",
        "media/renditions.py",
        "web/api/answers.py",
        "web/saving.py",
        "catalog.yaml",
        "i18n.py",
        "media_types.py",
        "site.py",
        "text.py",
    ],
)
def test_a_release_that_makes_something_differently_shows_nothing_of_the_old_one(
    package: Path, name: str
):
    assert changed(package, name)


@pytest.mark.parametrize("name", ["cli/serve.py", "web/operating/login.py", "sight/logs.py"])
def test_one_that_changes_what_readers_do_not_see_goes_on_with_what_is_there(
    package: Path, name: str
):
    assert not changed(package, name)


def test_a_copy_of_the_same_code_has_the_same_digest(tmp_path: Path):
    """Processes of one release share what they keep, wherever it is installed."""
    copy = tmp_path / "elsewhere"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    assert digest_code.__wrapped__(copy) == digest_code()
