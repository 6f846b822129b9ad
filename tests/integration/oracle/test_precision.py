"""An edit ends the pages that show what was edited, and no other: nothing is purged in a storm."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import datetime

import pytest

from portal.compose import PageRequest
from portal.content import commands
from portal.content.drafts import AttachmentDraft
from portal.content.drafts import RedirectDraft
from portal.content.values import Author
from portal.content.values import Correction
from portal.web.addresses import parse_address
from tests.clocks import StandingClock
from tests.integration.oracle.world import World
from tests.servers import RedisServer

Edit = Callable[[World, int], object]
NUMBER = 13
TITLE = f"Bản tin thứ {NUMBER} "


@dataclass
class Seen:
    """A world, and what its pages show by their paths: all of them in the cache."""

    world: World
    pages: dict[str, str]

    def showing(self, words: str) -> set[str]:
        """The pages that show these words."""
        return {path for path, shown in self.pages.items() if words in shown}

    def rendered(self) -> set[str]:
        """The pages of which a reader makes the first process render anything."""
        return {path for path in self.pages if read(self.world, path)}

    def check(self, ended: set[str]) -> None:
        """Every page that was ended is right now, and so is every one that was not."""
        self.world.check(ended)
        for path, shown in self.pages.items():
            self.pages[path] = self.world.true_answer(path).body.decode()
            assert path in ended or self.pages[path] == shown, path


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def seen(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    redis_server: RedisServer,
) -> Iterator[Seen]:
    """The shipped site on either database; one edit after the other is made to it."""
    folder = tmp_path_factory.mktemp("world")
    url = f"sqlite:///{folder / 'portal.sqlite3'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
        name, template = uuid.uuid4().hex, request.getfixturevalue("postgres_template")
        url = server.create_database(name, template)
    else:
        shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "portal.sqlite3")
    clock = StandingClock(datetime(2026, 11, 23, 2, 30, tzinfo=UTC))
    world = World(folder / "site", url, clock, redis_server.url, f"{uuid.uuid4().hex}:")
    yield Seen(world, pages_of(world))
    world.stop()


@pytest.fixture
def world(seen: Seen) -> World:
    """The site alone; every page of it is in the cache, whatever was done before."""
    seen.rendered()
    return seen.world


def read(world: World, path: str) -> set[str]:
    """The placements that a reader of a page makes the first process render."""
    address, _, number = path.partition("?page=")
    found = parse_address(address, number or None, world.portal(0).folder.site)
    assert found is not None
    request: PageRequest = found.request
    page = world.portal(0).composer.compose(request)
    world.portal(0).composer.settle()
    return {placement for placement, state in page.states.items() if state == "rendered"}


def pages_of(world: World) -> dict[str, str]:
    """The pages that readers find, without failures and documents."""
    answers = {
        path: world.true_answer(path)
        for path in world.known_paths()
        if "." not in path and not path.startswith(("/-/", "/api/"))
    }
    return {path: found.body.decode() for path, found in answers.items() if found.status == 200}


def article(world: World) -> int:
    """The article that is edited: in the list of its section, and old enough for few others."""
    return world.numbers("article", f"headline LIKE '{TITLE}%'")[0]


def _body(world: World, number: int) -> None:
    # Not by a command, which also finds anew what reads like it: the next save would, hence last.
    world.execute("UPDATE article SET body = '<p>Thân bài khác.</p>' WHERE id = :id", id=number)


def _author(world: World, number: int) -> None:
    world.change(number, authors=(Author("Lò Thị Sen"),))


def _correction(world: World, number: int) -> None:
    note = Correction(world.clock(), "correction", "Sửa một con số.")
    world.command(commands.add_correction, number, note, now=world.clock())


def _attachment(world: World, number: int) -> None:
    file = AttachmentDraft("Quyết định", "qd.pdf", "application/pdf", 9, "files/qd.pdf")
    world.command(commands.save_attachment, number, file, now=world.clock())


def _raw_sql(world: World, number: int) -> None:
    world.execute("UPDATE article SET source_name = 'Báo Xã' WHERE id = :id", id=number)


@pytest.mark.parametrize("edit", [_author, _correction, _attachment, _raw_sql, _body])
def test_an_edited_article_ends_only_pages_that_show_it(seen: Seen, world: World, edit: Edit):
    number = article(world)
    shown = seen.showing(TITLE)
    assert 2 <= len(shown) < len(seen.pages) // 2
    assert seen.rendered() == set()
    edit(world, number)
    ended = seen.rendered()
    assert {path for path in shown if f"-{number}" in path} <= ended <= shown
    seen.check(ended)


def test_a_picture_ends_only_pages_that_show_it(seen: Seen, world: World):
    picture = world.numbers("media", "name = 'cho'")[0]
    titles = [
        world.draft(number).headline for number in world.numbers("article", f"hero_id = {picture}")
    ]
    # A card may leave the picture of its article out.
    shown = set().union(*(seen.showing(title) for title in titles))
    world.picture("cho", "khác")
    ended = seen.rendered()
    assert 0 < len(ended) < len(seen.pages)
    assert ended <= shown
    seen.check(ended)
    assert set() < seen.showing("Chú thích khác") <= ended


def test_words_about_a_section_end_only_pages_that_show_the_section(seen: Seen, world: World):
    shown = seen.showing("/kinh-te")
    number = world.numbers("section", "key = 'kinh-te/san-pham-dia-phuong'")[0]
    world.execute("UPDATE section SET layout = 'x' WHERE id = :id", id=number)
    assert seen.rendered() == set()
    world.execute(
        """UPDATE section SET description = '{"vi": "Khác hẳn"}' WHERE id = :id""", id=number
    )
    ended = seen.rendered()
    assert "/kinh-te/san-pham-dia-phuong/" in ended
    assert ended <= shown
    seen.check(ended)


def test_what_is_pinned_beside_an_article_ends_only_its_own_pages(seen: Seen, world: World):
    number = article(world)
    beside = world.numbers("article", "headline LIKE 'Bản tin thứ 8 %'")[0]
    world.command(commands.set_pins, f"article:{number}", [beside])
    ended = seen.rendered()
    assert set() < ended <= {path for path in seen.pages if f"-{number}" in path}
    seen.check(ended)


def test_an_edit_in_one_language_ends_no_page_of_the_other(seen: Seen, world: World):
    number = world.numbers("article", "locale = 'en' AND translation_group = 'g3'")[0]
    world.change(number, body="<p>Other words.</p>", lead="Another lead.")
    ended = seen.rendered()
    assert ended
    assert all(path.startswith("/en/") for path in ended)
    seen.check(ended)


def _draft(world: World, number: int) -> None:
    world.write(90, status="draft", published=None)


def _edited_draft(world: World, number: int) -> None:
    draft = world.numbers("article", "status = 'withdrawn'")[0]
    world.command(
        commands.save_article,
        replace(world.draft(draft), body="<p>Chưa ai đọc.</p>"),
        now=world.clock(),
    )


def _redirect(world: World, number: int) -> None:
    world.command(commands.save_redirect, RedirectDraft("/khac.aspx", article_id=number))


def _notes_for_editors(world: World, number: int) -> None:
    world.change(number, review_flags=({"rule": "no-end-mark"},))


def _same_again(world: World, number: int) -> None:
    world.change(number)


def _readings(world: World, number: int) -> None:
    today = world.clock().date()
    world.command(commands.add_views, {(each, today): 500 for each in world.numbers()})
    world.execute("UPDATE article_views SET views = views + 1")


@pytest.mark.parametrize(
    "edit", [_draft, _edited_draft, _redirect, _notes_for_editors, _same_again, _readings]
)
def test_what_no_page_shows_ends_no_page(seen: Seen, world: World, edit: Edit):
    # One that no other test of this file has changed behind the back of the commands.
    number = world.numbers("article", "headline LIKE 'Bản tin thứ 11 %'")[0]
    before = world.rows("SELECT max(position) AS position FROM cache_log")[0].position
    edit(world, number)
    logged = world.rows("SELECT tag FROM cache_log WHERE position > :before", before=before)
    assert seen.rendered() == set(), [row.tag for row in logged]
