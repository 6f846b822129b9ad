"""With the database gone, published pages are shown as they were copied; on real servers."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from portal.block import Failure
from portal.compose import PageRequest
from portal.essential import EssentialCopy
from tests.operation.load import SITE
from tests.operation.load import fill
from tests.operation.load import run_portal
from tests.operation.load import run_stack
from tests.operation.running import REPOSITORY
from tests.operation.running import RunningServer
from tests.operation.running import environment
from tests.operation.running import wait_until

BANNERS = {
    "vi": "Cổng đang chạy ở chế độ thiết yếu – nội dung tính đến",
    "en": "This site is running in essential mode – content as of",
}


def take_copy(environ: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "portal.cli", "snapshot", folder],
        cwd=REPOSITORY,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def body(answer: http.client.HTTPResponse) -> str:
    content: bytes = answer.body  # type: ignore[attr-defined]  # see `RunningServer.ask`
    return content.decode()


def readiness(server: RunningServer) -> tuple[int, dict]:
    answer = server.ask("/-/health/ready")
    return answer.status, json.loads(body(answer))


def test_a_copy_stands_in_for_a_database_that_is_gone(tmp_path: Path):
    """A new worker without a cache: pages with a banner; all as ever when the database is back."""
    copy = tmp_path / "copy"
    with run_stack(tmp_path) as stack:
        taken = take_copy(stack.environ, copy)
        assert taken.returncode == 0, taken.stderr
        listed = json.loads((copy / "current" / "manifest.json").read_text("utf-8"))["pages"]
        addresses = {
            ("" if page["locale"] == "vi" else "/en") + page["path"]: page["locale"]
            for page in listed
            if page["number"] == 1
        }
        assert {"/", "/en/"} < set(addresses)
        assert len(addresses) > 10

        stack.database.end()
        stack.redis.end()
        with run_portal(
            stack, "--workers", "1", SNAPSHOT=str(copy), DATABASE_PATIENCE="250ms"
        ) as server:
            for path, locale in addresses.items():
                answer = server.ask(path)
                assert (answer.status, path) == (200, path)
                assert BANNERS[locale] in body(answer)
                assert answer.getheader("Cache-Control") == "no-store"
                # A search engine that comes by now must not take the site off its index.
                assert "noindex" not in (answer.getheader("X-Robots-Tag") or "")
            assert server.ask("/khong-co-trang-nay-1").status == 503
            # The home page has no such number.
            assert server.ask("/?page=abc").status == 503
            assert server.ask("/in").status == 503
            status, told = readiness(server)
            assert (status, told["status"]) == (200, "ready")
            assert "essential mode" in told["degraded"][0]

            stack.database.start()
            wait_until(lambda: BANNERS["vi"] not in body(server.ask("/")))
            assert server.ask("/").getheader("ETag")
            status, told = readiness(server)
            assert (status, told["status"]) == (200, "ready")
            # Redis is still gone.
            assert [line.partition(":")[0] for line in told["degraded"]] == ["cache"]


def test_without_a_copy_there_is_the_page_that_says_so(tmp_path: Path):
    with run_stack(tmp_path) as stack:
        stack.database.end()
        stack.redis.end()
        with run_portal(stack, "--workers", "1", DATABASE_PATIENCE="250ms") as server:
            assert server.ask("/").status == 503
            assert readiness(server)[0] == 503


@pytest.fixture(scope="module")
def made(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, str], Path]:
    """The shipped site with the sample articles (its environment), and a copy of it."""
    folder = tmp_path_factory.mktemp("essential")
    shutil.copyfile(sqlite_template, folder / "portal.sqlite3")
    url = f"sqlite:///{folder / 'portal.sqlite3'}"
    fill(url, folder)
    environ = environment(url, folder)
    taken = take_copy(environ, folder / "copy")
    assert taken.returncode == 0, taken.stderr
    return environ, folder / "copy"


@pytest.fixture
def copy(made: tuple[dict[str, str], Path], tmp_path: Path) -> Path:
    """The same copy, to be altered."""
    return shutil.copytree(made[1], tmp_path / "copy", symlinks=True)


def test_a_copy_is_complete_without_the_portal(made: tuple[dict[str, str], Path]):
    """Every file that a page of it names is in it, so that any web server can show it."""
    environ, copy = made
    current, named = copy / "current", set()
    for page in current.rglob("*.html"):
        text = page.read_text("utf-8")
        assert text.count('class="essential"') == 1, page
        named |= set(re.findall(r"/-/(?:assets|media)/[^\"'\s,<>?#)\\&]+", text))
    missing = [name for name in named if not (current / name.lstrip("/")).is_file()]
    assert len(named) > 5
    # What the portal itself does not have cannot be copied.
    media = Path(environ["PORTAL_MEDIA"])
    assert [name for name in missing if (media / name.removeprefix("/-/media/")).exists()] == []
    assert [name for name in missing if name.startswith("/-/assets/")] == []
    assert (current / "index.html").is_file()
    assert (current / "en" / "index.html").is_file()


def test_a_copy_has_the_pages_that_every_footer_leads_to(made: tuple[dict[str, str], Path]):
    """Those that the system makes as well: site map, accessibility statement, archive."""
    current = made[1] / "current"
    text = (current / "index.html").read_text("utf-8")
    footer = text[text.index("<footer") :]
    linked = {
        path for path in re.findall(r'href="(/[^"#?]*)"', footer) if not path.startswith("/-/")
    }
    assert {"/so-do/", "/tiep-can/", "/luu-tru/"} <= linked
    missing = [
        path
        for path in linked
        if not path.endswith(".xml") and not (current / path.strip("/") / "index.html").is_file()
    ]
    assert missing == []


def test_a_copy_has_no_error_pages(copy: Path):
    """What is asked for with a wrong page number is not the page without one."""
    essential, home = EssentialCopy(copy, SITE), PageRequest("/", "vi")
    assert essential.page(home) is not None
    for status in (404, 410, 503):
        assert essential.page(replace(home, failure=Failure(status))) is None


def test_a_copy_that_cannot_be_finished_leaves_the_one_before(
    made: tuple[dict[str, str], Path], copy: Path, tmp_path: Path
):
    """Here the database is away; a full disk ends the same way."""
    before = os.readlink(copy / "current")
    gone = f"sqlite:///{tmp_path / 'gone.sqlite3'}"
    failed = take_copy(made[0] | {"PORTAL_DATABASE_URL": gone}, copy)
    assert failed.returncode != 0
    assert "Traceback" not in failed.stderr
    assert os.readlink(copy / "current") == before
    assert sorted(entry.name for entry in copy.iterdir()) == [before, "current"]


def test_a_newer_copy_is_taken_up_and_old_ones_go(made: tuple[dict[str, str], Path], copy: Path):
    essential = EssentialCopy(copy, SITE)
    first = essential.made
    assert first is not None
    for number in (1, 2):  # older ones than this
        (copy / f"2001010{number}T000000000000Z").mkdir()
    assert take_copy(made[0], copy).returncode == 0
    assert essential.made is not None
    assert essential.made > first
    kept = sorted(entry.name for entry in copy.iterdir() if not entry.is_symlink())
    assert len(kept) == 2
    assert not any(name.startswith("2001") for name in kept)


def test_what_is_not_as_it_was_written_is_not_shown(copy: Path, tmp_path: Path):
    """Half a page, a copy of another site, a way out of the folder, no copy at all."""
    home = PageRequest("/", "vi")
    assert EssentialCopy(copy, SITE).page(home) is not None
    assert EssentialCopy(copy, "another").page(home) is None
    assert EssentialCopy(tmp_path / "none", SITE).page(home) is None
    assert EssentialCopy(None, SITE).made is None
    assert EssentialCopy(copy, SITE).asset("/-/assets/../../manifest.json") is None
    file = copy / "current" / "index.html"
    file.write_bytes(file.read_bytes()[:-100])
    assert EssentialCopy(copy, SITE).page(home) is None
    (copy / "current" / "manifest.json").write_text("{", "utf-8")
    assert EssentialCopy(copy, SITE).page(PageRequest("/", "en")) is None


def test_files_of_the_version_that_was_copied_are_still_found(copy: Path):
    """The names of styles change with a deploy; pages of the copy name those of before it."""
    (copy / "current" / "-" / "assets" / "portal" / "old.0123.css").write_text("p{}", "utf-8")
    essential = EssentialCopy(copy, SITE)
    assert essential.asset("/-/assets/portal/old.0123.css") == b"p{}"
    assert essential.asset("/-/assets/portal/none.css") is None
