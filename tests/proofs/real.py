"""The content in a real database: articles whose headlines are their versions."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import bindparam
from sqlalchemy import inspect
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.content import commands
from portal.content.drafts import ArticleDraft
from portal.content.drafts import SectionDraft
from portal.content.engine import open_snapshot
from portal.content.stamps import HeldConnectionLog
from portal.content.stamps import LogRows
from portal.extensions import make_engine
from tests.proofs.protocol import Content

SITE = "proof"
GONE = -1
"""The version of an article that is not there."""
_MOMENT = datetime(2026, 11, 23, tzinfo=UTC)
_DRAFT = ArticleDraft(
    locale="vi", headline="0", section="tin-tuc", status="published", published=_MOMENT
)
_VERSION = text("SELECT headline FROM article WHERE id = :id")
_UPDATE = text("UPDATE article SET headline = :version WHERE id = :id")
_TWO = text("UPDATE article SET headline = :version WHERE id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)
_LOG = text("SELECT position, tag FROM cache_log ORDER BY position")
_WRITE_LOG = {
    "sqlite": text("INSERT INTO cache_log (position, tag) VALUES (:position, :tag)"),
    "postgresql": text(
        "INSERT INTO cache_log (position, tag) OVERRIDING SYSTEM VALUE VALUES (:position, :tag)"
    ),
}
_LAST = {
    "sqlite": text("SELECT seq FROM sqlite_sequence WHERE name = 'cache_log'"),
    "postgresql": text(
        "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('cache_log', 'position')"
        "::regclass), 0)"
    ),
}
_SET_LAST = {
    "sqlite": text("UPDATE sqlite_sequence SET seq = :last WHERE name = 'cache_log'"),
    "postgresql": text(
        "SELECT setval(pg_get_serial_sequence('cache_log', 'position'), :last, true)"
    ),
}
_GO_BACK = text("UPDATE cache_meta SET epoch = :epoch, floor = :floor")


@dataclass(frozen=True, slots=True)
class Backup:
    """Everything that a restore brings back."""

    state: int
    content: Mapping[int, int]
    log: Sequence[tuple[int, str]]
    last: int
    floor: int
    epoch: str


class RealDatabase:
    """SQLite or PostgreSQL; every method is one transaction."""

    replicated = False

    def __init__(self, url: str) -> None:
        self.engine: Engine = make_engine(url, pool_size=12, max_overflow=20)
        self.dialect = self.engine.dialect.name
        self.articles: tuple[int, ...] = ()
        self._logs: list[HeldConnectionLog] = []

    def fill(self, count: int) -> None:
        """Make a site with articles, all of version 0."""
        with Session(self.engine) as session, session.begin():
            commands.save_site(session, SITE)
            section = SectionDraft("tin-tuc", {"vi": "Tin tức"})
            commands.save_sections(session, SITE, (section,))
            saved = [
                commands.save_article(session, SITE, _DRAFT, now=_MOMENT) for _ in range(count)
            ]
        self.articles = tuple(article.article_id for article in saved)

    def close(self) -> None:
        """Give every connection back."""
        for source in self._logs:
            source.close()
        self.engine.dispose()

    def source(self) -> HeldConnectionLog:
        """A held connection, as a process has one."""
        source = HeldConnectionLog(lambda: self.engine)
        self._logs.append(source)
        return source

    @contextmanager
    def snapshot(
        self, epoch: str, after: int | None, *, replica: bool = False
    ) -> Iterator[tuple[Content, LogRows]]:
        """The production's snapshot."""
        with open_snapshot(self.engine, epoch, after) as (session, rows):

            def version(number: int) -> int:
                found = session.execute(_VERSION, {"id": number}).scalar()
                return GONE if found is None else int(found)

            yield version, rows

    def commit(self, changes: Mapping[int, int]) -> None:
        """Every fourth save of one article is an editor's, the others are of other programs."""
        (number, version), *more = changes.items()
        if not more and version % 4 == 0:
            with Session(self.engine) as session, session.begin():
                draft = replace(_DRAFT, id=number, headline=str(version))
                commands.save_article(session, SITE, draft, now=_MOMENT)
            return
        with self.engine.begin() as connection:
            if len(set(changes.values())) == 1:
                connection.execute(_TWO, {"version": str(version), "ids": list(changes)})
            else:
                for number, version in changes.items():
                    connection.execute(_UPDATE, {"id": number, "version": str(version)})

    def back_up(self, state: int) -> Backup:
        """Everything as of now."""
        with self.engine.begin() as connection:
            content = {
                number: int(connection.execute(_VERSION, {"id": number}).scalar_one())
                for number in self.articles
            }
            log = [(row.position, row.tag) for row in connection.execute(_LOG)]
            last = int(connection.execute(_LAST[self.dialect]).scalar_one())
            epoch, floor = connection.execute(text("SELECT epoch, floor FROM cache_meta")).one()
        return Backup(state, content, log, last, floor, epoch)

    def restore(self, backup: Backup, epoch: str) -> None:
        """Go back in one transaction: content, log, the positions to draw next, and the epoch."""
        with self.engine.begin() as connection:
            for number, kept in backup.content.items():
                connection.execute(_UPDATE, {"id": number, "version": str(kept)})
            _forget_triggered(connection)
            rows = [{"position": position, "tag": tag} for position, tag in backup.log]
            if rows:
                connection.execute(_WRITE_LOG[self.dialect], rows)
            connection.execute(_SET_LAST[self.dialect], {"last": backup.last})
            connection.execute(_GO_BACK, {"epoch": epoch, "floor": backup.floor})


def _forget_triggered(connection: Connection) -> None:
    """A restore fires no triggers; what ours wrote meanwhile goes before anyone sees it."""
    if inspect(connection).has_table("cache_pending"):
        connection.execute(text("DELETE FROM cache_pending"))
    connection.execute(text("DELETE FROM cache_log"))
