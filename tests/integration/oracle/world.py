"""The shipped site with content to change, seen by processes that cache and by one that does not.

What the process without a cache answers is the truth; every other answer must be equal to it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import sleep
from typing import Any

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy import NullPool
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.app import Portal
from portal.app import create_app
from portal.content import commands
from portal.content.drafts import ArticleDraft
from portal.content.drafts import AttachmentDraft
from portal.content.drafts import MediaDraft
from portal.content.drafts import RedirectDraft
from portal.content.drafts import SectionDraft
from portal.content.values import Author
from portal.content.values import Rendition
from portal.content.values import Source
from portal.content.values import Term
from portal.errors import ContentError
from portal.extensions import make_engine
from portal.layouts import SectionDeclaration
from portal.settings import Settings
from tests.clocks import StandingClock

ROOT = Path(__file__).parents[3]
# A section page holds few articles, so that a small site has second pages.
PER_PAGE = 2
# Answers in doubt, one after the other, that a busy machine may cause.
PATIENCE = 20
SECTIONS = (
    "tin-tuc",
    "tin-tuc/hoat-dong-chinh-quyen",
    "kinh-te",
    "thong-bao",
    "van-hoa-xa-hoi",
    "chi-dao-dieu-hanh",
    "huong-dan-thu-tuc",
    "nong-nghiep-moi-truong",
)
TOPICS = (
    Term("mua-lu-thang-9-2026", "Mùa lũ tháng 9"),
    Term("cau-ben-ngan", "Cầu Bến Ngần"),
)
TAGS = (
    Term("mot-cua", "Một cửa"),
    Term("cau-duong", "Cầu đường"),
    Term("mua-lu", "Mùa lũ"),
)
DOCUMENTS = (
    "/feed.xml",
    "/en/feed.atom",
    "/tin-tuc/feed.json",
    "/sitemap.xml",
    "/sitemap-1.xml",
    "/sitemap-news.xml",
    "/api/v1/articles",
    "/api/v1/sections",
)
_SHORTER = {"per_page: 12": f"per_page: {PER_PAGE}"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader gets; of headers only what says which content it is."""

    status: int
    location: str | None
    etag: str | None
    body: bytes

    @classmethod
    def of(cls, response: TestResponse) -> Answer:
        """Taken from a response."""
        headers = response.headers
        return cls(
            response.status_code, headers.get("Location"), headers.get("ETag"), response.data
        )


@dataclass
class World:
    """The site, its database, its clock, its processes.

    `cached` share a part of Redis, as the processes of one portal do.
    """

    folder: Path
    database_url: str
    clock: StandingClock
    redis_url: str
    prefix: str
    apps: list[Flask] = field(default_factory=list)
    paths: dict[str, None] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)
    pictures: int = 0

    def __post_init__(self) -> None:
        shutil.copytree(
            ROOT / "config", self.config, ignore=shutil.ignore_patterns("demo", "schema")
        )
        self.rewrite("section", _SHORTER)
        # On a busy machine nothing may be left out for being slow.
        self.rewrite("article", {"budget: 500ms": "budget: 1m"})
        self.engine: Engine = make_engine(self.database_url, poolclass=NullPool)
        self.start()
        self.key = self.truth.folder.site.key
        self.tree = tuple(map(_section, self.truth.folder.sections))
        self.fill()

    @property
    def config(self) -> Path:
        """The site's files."""
        return self.folder / "config"

    # --- processes ----------------------------------------------------------------------------

    def start(self) -> None:
        """Start two processes with caches and one without, with the files as they are now."""
        self.stop()
        shared = {
            "cache_redis_url": self.redis_url,
            "cache_key_prefix": self.prefix,
            # A busy machine must not make Redis look slow.
            "cache_options": {"socket_timeout": 2.0, "socket_connect_timeout": 2.0},
        }
        self.apps = [self._app(**shared), self._app(**shared), self._app(cache_bytes=0)]

    def _app(self, **settings: Any) -> Flask:
        return create_app(
            Settings(
                database_url=self.database_url,
                config=self.config,
                templates=ROOT / "templates",
                media=self.folder / "media",
                secret_key="s" * 32,
                freshness="strict",
                render_budget="1m",
                database_patience="1m",
                **settings,
            ),
            clock=self.clock,
        )

    def stop(self) -> None:
        """End every process."""
        for app in self.apps:
            app.extensions["portal"].close()

    def portal(self, number: int) -> Portal:
        """The parts of a process; the last one has no cache."""
        portal: Portal = self.apps[number].extensions["portal"]
        return portal

    @property
    def truth(self) -> Portal:
        """The process without a cache."""
        return self.portal(-1)

    def rewrite(self, layout: str, changes: dict[str, str]) -> None:
        """Change a layout's file; processes see it when they start."""
        file = self.config / "layouts" / f"{layout}.yaml"
        source = file.read_text("utf-8")
        for old, new in changes.items():
            source = source.replace(old, new)
        file.write_text(source, "utf-8")

    # --- what readers see ---------------------------------------------------------------------

    def true_answer(self, path: str) -> Answer:
        """What is so: composed from the database alone."""
        self.truth.composer.forget()
        response = self.ask(-1, path)
        whole = response.headers.get("Cache-Control") != "no-store" or response.status_code != 200
        assert response.status_code < 500, f"{path}: {response.status}\n{self.told()}"
        assert whole, f"{path}: a block failed\n{self.told()}"
        return Answer.of(response)

    def ask(self, number: int, path: str) -> TestResponse:
        """What a process answers once it is certain of it.

        On a busy machine the database may seem to give no answer; a page that says so, or that
        stands in for one, is marked and not to be stored.
        """
        for _ in range(PATIENCE):
            response = self.apps[number].test_client().get(path)
            marked = response.headers.get("Cache-Control") == "no-store"
            if not (marked and response.status_code in {200, 503}):
                break
            sleep(0.2)
        return response

    def check(self, paths: Iterable[str]) -> None:
        """Compare the answers of both caching processes with what is so, each asked twice."""
        for path in paths:
            wanted = self.true_answer(path)
            for number in (0, 1):
                for turn in ("composed", "remembered"):
                    found = Answer.of(self.ask(number, path))
                    self.portal(number).composer.settle()
                    if found != wanted:
                        raise AssertionError(
                            f"{path}, {turn} by process {number}:"
                            f" {_difference(wanted, found)}\n{self.told()}"
                        )

    def told(self) -> str:
        """What happened so far, for whoever reads a failure."""
        return "after:\n  " + "\n  ".join(self.history[-40:])

    def known_paths(self) -> tuple[str, ...]:
        """Every address that led somewhere once, and some that never did."""
        found = [row for row in self.rows(_PATHS)]
        for row in found:
            prefix = "" if row.locale == "vi" else f"/{row.locale}"
            if row.kind == "page":
                self.paths[f"{prefix}/{row.slug}"] = None
                continue
            folder = f"/{row.key}" if row.key else ""
            path = f"{prefix}{folder}/{row.slug}-{row.id}"
            self.paths[path] = None
            self.paths[f"{path}/in"] = None
        for row in self.rows("SELECT key FROM section ORDER BY id"):
            for address in (f"/{row.key}/", f"/{row.key}/?page=2", f"/en/{row.key}/"):
                self.paths[address] = None
        for row in self.rows("SELECT path FROM redirect ORDER BY id"):
            self.paths[row.path] = None
        fixed = ("/", "/en/", "/khong-co-gi", "/en/khong-co-gi", "/-/fragments/latest/")
        return tuple(dict.fromkeys((*fixed, *DOCUMENTS, *self.paths)))

    def wait(self, minutes: float) -> None:
        """Let time go by."""
        self.clock.advance(minutes=minutes)
        self.history.append(f"{minutes} minutes went by, it is {self.clock()}")

    # --- content ------------------------------------------------------------------------------

    def rows(self, statement: str, **values: object) -> Sequence[Any]:
        """What a statement finds."""
        with self.engine.connect() as connection:
            return connection.execute(text(statement), values).all()

    def numbers(self, table: str = "article", condition: str = "1 = 1") -> tuple[int, ...]:
        """The ids of a table's rows."""
        own = f"site = '{self.key}'" if table == "article" else "1 = 1"
        query = f"SELECT id FROM {table} WHERE {own} AND {condition} ORDER BY id"  # noqa: S608 - ours
        found = self.rows(query)
        return tuple(row.id for row in found)

    def command(self, command: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Run a command; one that is refused changes nothing and returns nothing."""
        shown = ", ".join([*map(repr, arguments), *(f"{k}={v!r}" for k, v in options.items())])
        try:
            with Session(self.engine) as session, session.begin():
                answer = command(session, self.key, *arguments, **options)
        except (ContentError, IntegrityError) as refused:
            self.history.append(f"{command.__name__}({shown}) was refused: {refused}")
            return None
        self.history.append(f"{command.__name__}({shown})")
        return answer

    def execute(self, statement: str, **values: object) -> None:
        """Run a statement of another program; one that is refused changes nothing."""
        try:
            with self.engine.begin() as connection:
                found = connection.execute(text(statement), values).rowcount
        except IntegrityError as refused:
            self.history.append(f"{statement} {values} was refused: {refused.orig}")
        else:
            self.history.append(f"{statement} {values} ({found} rows)")

    def draft(self, number: int) -> ArticleDraft:
        """An article as its editor gets it."""
        with Session(self.engine) as session:
            return commands.read_draft(session, self.key, number)

    def change(self, number: int, **values: Any) -> None:
        """Save an article with something changed."""
        self.command(commands.save_article, replace(self.draft(number), **values), now=self.clock())

    def picture(self, name: str, words: str) -> int | None:
        """Store a picture, or change the one of that name."""
        draft = MediaDraft(
            name,
            960,
            540,
            tuple(
                Rendition(f"{name}-{wide}.jpeg", wide, wide * 9 // 16, "jpeg")
                for wide in (480, 960)
            ),
            alt={"vi": f"Ảnh {words}", "en": f"Picture {words}"},
            caption={"vi": f"Chú thích {words}"},
            credit=words,
        )
        saved = self.command(commands.save_media, draft)
        return saved.id if saved else None

    def write(self, number: int, **values: Any) -> int | None:
        """Store a new article whose words follow from `number`."""
        hero = self.numbers("media")
        draft = ArticleDraft(
            **{
                "locale": "vi",
                "headline": f"Bản tin thứ {number} về {_SUBJECTS[number % len(_SUBJECTS)]}",
                "lead": f"Câu dẫn của bản tin {number}." if number % 4 else "",
                "body": f"<p>Đoạn văn của bản tin {number}: {_SUBJECTS[number % 3]} ở xã.</p>",
                "section": SECTIONS[number % len(SECTIONS)],
                "status": "published",
                "published": self.clock() - timedelta(hours=7 * (number % 40) + 1),
                "tags": TAGS[: number % 3],
                "topic": TOPICS[number % 2] if number % 3 == 0 else None,
                "hero_id": hero[number % len(hero)] if hero and number % 3 else None,
                **values,
            }
        )
        saved = self.command(commands.save_article, draft, now=self.clock())
        return saved.article_id if saved else None

    def fill(self) -> None:
        """The content at the beginning: some of everything."""
        with Session(self.engine) as session, session.begin():
            commands.save_site(session, self.key)
            commands.save_sections(session, self.key, self.tree)
        for name in ("cau", "lop-hoc", "cho"):
            self.picture(name, name)
        written = [self.write(number) for number in range(18)]
        for number in range(4):
            self.write(
                number,
                locale="en",
                headline=f"News {number}",
                slug=None,
                translation_group=f"g{number}",
            )
            self.change(_there(written[number]), translation_group=f"g{number}")
        for slug in ("gioi-thieu", "lien-he"):
            self.write(100, kind="page", section=None, slug=slug, headline=f"Trang {slug}")
        self.write(101, kind="page", section=None, slug="gioi-thieu", locale="en", headline="About")
        first, *others = map(_there, written)
        picture = self.numbers("media")[0]
        self.change(
            first,
            body=f'<p>Có ảnh.</p><figure data-media="{picture}"></figure>',
            authors=(Author("Lò Văn Phúc"),),
            source=Source("Báo Vùng cao", "https://example.org/"),
            attachments=(
                AttachmentDraft(
                    "Quyết định", "qd.pdf", "application/pdf", 48_213, "files/a.pdf", 3
                ),
            ),
        )
        self.change(others[0], expires=self.clock() + timedelta(hours=30))
        self.change(others[1], published=self.clock() + timedelta(hours=5))
        self.command(commands.set_pins, "home", [others[2], others[3]])
        self.command(commands.set_pins, f"article:{first}", [others[4]])
        self.command(
            commands.withdraw, others[5], now=self.clock(), reason="Sai số liệu", successor=first
        )
        self.command(commands.save_redirect, RedirectDraft("/cu.aspx", article_id=first))
        self.history.clear()


_SUBJECTS = (
    "cây cầu mới",
    "lớp học buổi tối",
    "mùa lũ năm nay",
    "chợ phiên vùng cao",
    "rừng đặc dụng",
)
_PATHS = (
    "SELECT article.id, article.kind, article.locale, article.slug, section.key FROM article"
    " LEFT JOIN section ON section.id = article.section_id ORDER BY article.id"
)


@contextmanager
def living(world: World) -> Iterator[World]:
    """A world until the end of the context."""
    try:
        yield world
    finally:
        world.stop()


def _there(number: int | None) -> int:
    assert number is not None
    return number


def _section(declaration: SectionDeclaration) -> SectionDraft:
    return SectionDraft(
        declaration.slug,
        declaration.name,
        declaration.description,
        tuple(map(_section, declaration.children)),
    )


def _difference(wanted: Answer, found: Answer) -> str:
    """The first line in which two answers differ."""
    if (wanted.status, wanted.location) != (found.status, found.location):
        return f"{wanted.status} {wanted.location} is so, {found.status} {found.location} was sent"
    lines = zip(wanted.body.decode().splitlines(), found.body.decode().splitlines(), strict=False)
    for number, (one, other) in enumerate(lines, 1):
        if one != other:
            is_so, sent = one.strip()[:600], other.strip()[:600]
            return f"line {number} is\n    {is_so}\n  and was sent as\n    {sent}"
    if wanted.body != found.body:
        return f"{len(wanted.body)} bytes are so, {len(found.body)} were sent"
    return f"the same content with ETag {wanted.etag} and {found.etag}"
