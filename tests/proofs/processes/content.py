"""The site of the proof: the shipped one, with articles whose words carry their version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

from sqlalchemy.orm import Session

from portal.app import Portal
from portal.cli.content import open_session
from portal.content import commands
from portal.content import queries
from portal.content.drafts import ArticleDraft
from portal.content.values import Article
from portal.content.values import Term
from tests.proofs.processes.marks import mark

SECTION = "tin-tuc"
LISTS = ("/", f"/{SECTION}/")


@dataclass(frozen=True, slots=True)
class Story:
    """An article of the proof: its number here, its id in the database, its address."""

    number: int
    id: int
    path: str
    published: datetime

    def draft(self, version: int) -> ArticleDraft:
        """The article at a version."""
        return _draft(self.number, version, self.published, self.id)


def _draft(number: int, version: int, published: datetime, known: int | None) -> ArticleDraft:
    word = mark(number, version)
    return ArticleDraft(
        locale="vi",
        id=known,
        headline=f"Bản tin {word}",
        lead=f"Tóm tắt {word}",
        body=f"<p>Nội dung {word} của bản tin.</p>",
        section=SECTION,
        status="published",
        published=published,
        tags=(Term("ban-tin", "Bản tin"),),
    )


def write_stories(portal: Portal, number: int) -> list[Story]:
    """Store so many articles, all of version 0."""
    now = portal.clock().replace(microsecond=0)
    moments = [now - timedelta(hours=hours + 1) for hours in range(number)]
    drafts = [_draft(index, 0, moment, None) for index, moment in enumerate(moments)]
    with open_session(portal) as session:
        saved = commands.save_articles(session, portal.folder.site.key, drafts, now=now)
    stories = []
    with portal.read("vi") as reader:
        for index, changed in enumerate(saved):
            found = queries.find_article(reader, changed.article_id)
            assert isinstance(found, Article)
            stories.append(Story(index, changed.article_id, found.path, moments[index]))
    return stories


def save(portal: Portal, story: Story, version: int) -> None:
    """Save a version as an editor's process does: by the command, in one transaction."""
    with Session(portal.engine()) as session, session.begin():
        commands.save_article(
            session, portal.folder.site.key, story.draft(version), now=portal.clock()
        )
