"""Dumps on disk become articles that readers can see, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.content import commands
from portal.content import queries
from portal.content.drafts import SectionDraft
from portal.content.engine import open_snapshot
from portal.content.imports import articles_of_batch
from portal.content.reader import Reader
from portal.content.values import Article
from portal.content.values import Author
from portal.content.values import FigurePart
from portal.errors import ContentError
from portal.extensions import make_engine
from portal.importing import ImportReport
from portal.importing import import_dumps
from portal.importing import sources
from tests.clocks import StandingClock

BRIDGE = Path(__file__).parents[1] / "data" / "dumps" / "cau-ban-ngan.txt"
SITE = "ban_ngan"
ZONE = "Asia/Ho_Chi_Minh"


def short_dump(number: int, *, date: str = "01/02/2020") -> str:
    return (
        f"PublishingPortal - Block_BanTin_Toolbar\n{date}\nTin số {number} của xã\n"
        f"PublishingPortal - Block_BanTin_ViewData\nViệc thứ {number} đã xong./.\nThu Hà\n"
    )


@dataclass(slots=True)
class Desk:
    """A site with one section, and the import as the command line runs it."""

    engine: Engine
    clock: StandingClock

    @contextmanager
    def session(self) -> Iterator[Session]:
        with Session(self.engine) as session, session.begin():
            yield session

    def run(
        self,
        *paths: Path,
        section: str | None = "tin-tuc",
        dry_run: bool = False,
        progress: Callable[[], None] = lambda: None,
        files_per_batch: int = 200,
    ) -> ImportReport:
        return import_dumps(
            self.session,
            paths,
            site=SITE,
            section=section,
            time_zone=ZONE,
            now=self.clock(),
            dry_run=dry_run,
            progress=progress,
            files_per_batch=files_per_batch,
        )

    def article(self, number: int | None) -> Article | None:
        assert number is not None
        with open_snapshot(self.engine) as (session, _):
            reader = Reader(session, SITE, "vi", "vi", ZONE, self.clock())
            found = queries.find_article(reader, number)
        return found if isinstance(found, Article) else None

    def headlines(self) -> list[str]:
        """Headlines of the section's list, oldest article first."""
        with open_snapshot(self.engine) as (session, _):
            reader = Reader(session, SITE, "vi", "vi", ZONE, self.clock())
            page = queries.list_section(reader, "tin-tuc", 1, 100)
            found = queries.summaries(reader, page.ids)
        return [item.headline for item in sorted(found, key=lambda item: item.id)]


@pytest.fixture
def desk(database_url: str, clock: StandingClock) -> Iterator[Desk]:
    engine = make_engine(database_url)
    made = Desk(engine, clock)
    with made.session() as session:
        commands.save_site(session, SITE)
        commands.save_sections(session, SITE, [SectionDraft("tin-tuc", {"vi": "Tin tức"})])
    yield made
    engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five dumps, `0.txt` to `4.txt`."""
    made = tmp_path / "dumps"
    made.mkdir()
    for number in range(5):
        (made / f"{number}.txt").write_text(short_dump(number), encoding="utf-8")
    return made


def test_dump_becomes_an_article_that_readers_see(desk: Desk) -> None:
    report = desk.run(BRIDGE)

    article = desk.article(report.files[0].article)
    assert article is not None
    assert article.headline == "Bản Ngàn khánh thành cây cầu treo thứ ba trên suối Nà Lạn"
    assert article.lead.startswith("Sáng 6/9, người dân xã Bản Ngàn")
    assert article.published.precision == "day"
    assert article.published.at == datetime(2021, 9, 6, 17, tzinfo=UTC)
    assert article.authors == (Author("Vi Hồng Ngát"),)
    assert article.end_mark
    assert article.body_text.endswith("trước mùa lũ tới./.")
    assert [part.caption for part in article.body if isinstance(part, FigurePart)] == [
        "Học sinh thôn Khuổi Đẳng trên cây cầu mới ngày khánh thành"
    ]
    assert all(part.image is None for part in article.body if isinstance(part, FigurePart))
    assert article.section is not None
    assert article.section.key == "tin-tuc"


def test_importing_again_changes_nothing(desk: Desk, folder: Path) -> None:
    first = desk.run(folder)
    with open_snapshot(desk.engine) as (_, before):
        pass

    again = desk.run(folder)

    assert first.counts["imported"] == 5
    assert again.counts == {"imported": 0, "flagged": 0, "unchanged": 5, "refused": 0}
    assert [file.article for file in again.files] == [file.article for file in first.files]
    with open_snapshot(desk.engine) as (_, after):
        assert after.position == before.position


def test_the_same_page_in_another_encoding_is_the_same_article(desk: Desk, tmp_path: Path) -> None:
    copy = tmp_path / "copy.txt"
    copy.write_bytes(BRIDGE.read_text(encoding="utf-8").replace("\n", "\r\n").encode("utf-16"))
    first = desk.run(BRIDGE)

    again = desk.run(copy)

    assert again.files[0].outcome == "unchanged"
    assert again.flags == {}
    assert again.files[0].article == first.files[0].article


def test_an_article_edited_since_is_left_alone(desk: Desk, folder: Path) -> None:
    number = desk.run(folder / "0.txt").files[0].article
    assert number is not None
    with desk.session() as session:
        draft = replace(commands.read_draft(session, SITE, number), headline="Tin đã sửa")
        commands.save_article(session, SITE, draft, now=desk.clock())

    report = desk.run(folder / "0.txt")

    assert report.files[0].outcome == "unchanged"
    assert desk.headlines() == ["Tin đã sửa"]


def test_dry_run_reports_the_same_and_writes_nothing(desk: Desk, folder: Path) -> None:
    (folder / "3.txt").write_bytes(b"\x00\x01")

    dry = desk.run(folder, BRIDGE, dry_run=True)
    assert desk.headlines() == []
    real = desk.run(folder, BRIDGE)

    assert dry.counts == real.counts == {"imported": 4, "flagged": 1, "unchanged": 0, "refused": 1}
    assert dry.flags == real.flags == {"caption-or-heading": 1}
    assert dry.written == ()
    assert len(real.written) == 5


def test_a_refused_file_leaves_no_trace_and_does_not_hold_up_the_others(
    desk: Desk, folder: Path
) -> None:
    (folder / "1.txt").write_bytes(bytes(range(256)))
    (folder / "2.txt").write_text(
        "PublishingPortal - Block_BanTin_Toolbar\nTin dở\n", encoding="utf-8"
    )

    report = desk.run(folder)

    assert [file.outcome for file in report.files] == [
        "imported", "refused", "refused", "imported", "imported",
    ]  # fmt: skip
    assert report.files[2].reason.startswith(f"{folder / '2.txt'}:1: no line 'PublishingPortal")
    assert desk.headlines() == [f"Tin số {number} của xã" for number in (0, 3, 4)]


def test_two_files_with_one_content_make_one_article(desk: Desk, folder: Path) -> None:
    (folder / "4.txt").write_text(short_dump(0), encoding="utf-8")

    report = desk.run(folder)

    assert len(report.written) == 4
    assert report.files[4].outcome == "unchanged"
    assert report.files[4].reason == f"same content as {folder / '0.txt'}"


def test_an_article_without_a_date_is_not_published(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "undated.txt"
    file.write_text(short_dump(1, date=""), encoding="utf-8")

    report = desk.run(file)

    assert report.flags == {"no-date": 1}
    assert desk.article(report.files[0].article) is None
    with desk.session() as session:
        draft = commands.read_draft(session, SITE, report.written[0])
    assert draft.status == "draft"
    assert draft.review_flags[0]["rule"] == "no-date"


def test_an_article_dated_in_the_future_waits_for_its_day(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "early.txt"
    file.write_text(short_dump(1, date="24/11/2026"), encoding="utf-8")

    report = desk.run(file)

    assert report.flags == {"future-date": 1}
    assert desk.headlines() == []
    desk.clock.advance(hours=15)
    assert desk.headlines() == ["Tin số 1 của xã"]


def test_an_unknown_section_is_refused_before_anything_is_read(desk: Desk, folder: Path) -> None:
    steps: list[None] = []

    with pytest.raises(ContentError, match=r"no section 'tin-tưc' \(known: tin-tuc\)"):
        desk.run(folder, section="tin-tưc", progress=lambda: steps.append(None))

    assert steps == []
    assert desk.headlines() == []


def test_an_interrupted_run_is_finished_by_running_it_again(desk: Desk, folder: Path) -> None:
    read: list[None] = []

    def interrupt() -> None:
        read.append(None)
        if len(read) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.run(folder, progress=interrupt, files_per_batch=2)
    written = len(desk.headlines())
    report = desk.run(folder)

    assert written == 4  # two whole batches
    assert report.counts == {"imported": 1, "flagged": 0, "unchanged": 4, "refused": 0}
    assert desk.headlines() == [f"Tin số {number} của xã" for number in range(5)]


def test_a_batch_can_be_found_again_to_undo_it(desk: Desk, folder: Path) -> None:
    desk.run(BRIDGE)

    report = desk.run(folder)

    with desk.session() as session:
        assert articles_of_batch(session, SITE, report.batch) == report.written
        assert articles_of_batch(session, SITE, "dump-never") == ()


def test_progress_counts_every_file(desk: Desk, folder: Path) -> None:
    (folder / "1.txt").write_bytes(b"")
    steps: list[None] = []

    report = desk.run(folder, progress=lambda: steps.append(None))

    assert len(steps) == len(report.files) == 5


def test_provenance_is_kept_for_editors(desk: Desk) -> None:
    report = desk.run(BRIDGE)

    with desk.session() as session:
        draft = commands.read_draft(session, SITE, report.written[0])

    assert draft.provenance[0]["batch"] == report.batch
    assert draft.provenance[0]["file"] == str(BRIDGE)
    assert {"headline", "lead", "published", "authors", "body[0]"} <= {
        record.get("field") for record in draft.provenance
    }
    assert [flag["rule"] for flag in draft.review_flags] == ["caption-or-heading"]
    assert (draft.legacy_system, draft.content_hash) == (
        "PublishingPortal",
        sources.read_file(BRIDGE).content_hash,
    )
    assert draft.published is not None
    assert draft.published < datetime(2021, 9, 8, tzinfo=UTC)
