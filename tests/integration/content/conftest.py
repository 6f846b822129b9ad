"""A site with sections on either database, and short ways to write and to read it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Engine
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.content import commands
from portal.content.drafts import ArticleDraft
from portal.content.drafts import AttachmentDraft
from portal.content.drafts import MediaDraft
from portal.content.drafts import RedirectDraft
from portal.content.drafts import SectionDraft
from portal.content.engine import open_snapshot
from portal.content.reader import Reader
from portal.content.values import Term
from portal.extensions import make_engine
from tests.clocks import StandingClock

Result = TypeVar("Result")

SITE = "bach_tra"
SECTIONS = (
    SectionDraft(
        "tin-tuc",
        {"vi": "Tin tức", "en": "News"},
        sections=(
            SectionDraft("cai-cach", {"vi": "Cải cách hành chính", "en": "Reform"}),
            SectionDraft("chuyen-doi-so", {"vi": "Chuyển đổi số"}),
        ),
    ),
    SectionDraft("thong-bao", {"vi": "Thông báo", "en": "Notices"}),
)


@dataclass(slots=True)
class Content:
    """A database with a site; every write is one committed transaction."""

    engine: Engine
    clock: StandingClock

    @property
    def now(self) -> datetime:
        """The clock's moment."""
        return self.clock()

    def write(self, change: Callable[[Session], Result]) -> Result:
        """Run a command and commit."""
        with Session(self.engine) as session, session.begin():
            return change(session)

    def save(self, headline: str = "Cầu Bến Ngần thông xe", **values: object) -> int:
        """Save a published article of an hour ago, with these values changed; return its id."""
        draft = ArticleDraft(
            locale="vi",
            headline=headline,
            section="tin-tuc",
            status="published",
            published=self.now - timedelta(hours=1),
        )
        changed = replace(draft, **values)  # type: ignore[arg-type]  # tests name real fields
        return self.write(
            lambda session: commands.save_article(session, SITE, changed, now=self.now).article_id
        )

    @contextmanager
    def read(self, locale: str = "vi") -> Iterator[Reader]:
        """A reader of a snapshot at the clock's moment."""
        with open_snapshot(self.engine) as (session, _):
            yield Reader(session, SITE, locale, "vi", "Asia/Ho_Chi_Minh", self.now)

    def ask(self, question: Callable[[Reader], Result], locale: str = "vi") -> Result:
        """The answer of one query."""
        with self.read(locale) as reader:
            return question(reader)

    def logged(self, change: Callable[[Session], object]) -> set[str]:
        """The tags that the log gained by a change."""
        with open_snapshot(self.engine) as (_, before):
            pass
        self.write(change)
        with open_snapshot(self.engine, before.epoch, before.position) as (_, after):
            return {tag for tag, _ in after.rows}


@pytest.fixture
def content(database_url: str, clock: StandingClock) -> Iterator[Content]:
    """A site with sections on a fresh database."""
    engine = make_engine(database_url)
    made = Content(engine, clock)
    made.write(lambda session: commands.save_site(session, SITE))
    made.write(lambda session: commands.save_sections(session, SITE, SECTIONS))
    yield made
    engine.dispose()


@pytest.fixture
def filled(content: Content) -> Content:
    """Article 1 in section 1, with everything that can belong to one; article 2 beside it."""
    picture = MediaDraft("cau", 10, 10, (), {"vi": "Cầu"})
    content.write(lambda session: commands.save_media(session, SITE, picture))
    content.save(
        "Cầu thông xe",
        hero_id=1,
        tags=(Term("cau", "Cầu"),),
        topic=Term("giao-thong", "Giao thông"),
        translation_group="cau",
        attachments=(AttachmentDraft("Quyết định", "qd.pdf", "application/pdf", 10, "ab/qd.pdf"),),
    )
    content.save("Chợ phiên họp lại", section="thong-bao")
    content.save("Giới thiệu", kind="page", section=None)
    content.save("Bản nháp", status="draft", published=None)
    content.write(lambda session: commands.set_pins(session, SITE, "home", [1]))
    content.write(
        lambda session: commands.save_redirect(session, SITE, RedirectDraft("/cu", "/moi"))
    )
    run(content, 'INSERT INTO "similar" (article_id, other_id, score) VALUES (2, 1, 0.5)')
    return content


def run(content: Content, *statements: str) -> set[str]:
    """The tags that raw statements of one transaction end."""

    def execute(session: Session) -> None:
        for statement in statements:
            session.execute(text(statement))

    return content.logged(execute)


@pytest.fixture
def sqlite_content(sqlite_url: str, clock: StandingClock) -> Iterator[Content]:
    """The same on SQLite alone, for what is slow and does not depend on the database."""
    engine = make_engine(sqlite_url)
    made = Content(engine, clock)
    made.write(lambda session: commands.save_site(session, SITE))
    made.write(lambda session: commands.save_sections(session, SITE, SECTIONS))
    yield made
    engine.dispose()
