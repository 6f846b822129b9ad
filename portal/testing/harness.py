"""A small real portal for tests: a site folder, a SQLite file, the sample articles, one block."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.app import Portal
from portal.app import create_app
from portal.block import Block
from portal.block import Failure
from portal.block import ListKey
from portal.block import Subject
from portal.cache import Entry
from portal.compose import Page
from portal.compose import PageRequest
from portal.compose.attempt import choose
from portal.compose.plan import Slot
from portal.content import queries
from portal.content import schema
from portal.content.values import Article
from portal.content.values import CollectionKind
from portal.errors import BlockError
from portal.extensions import make_engine
from portal.registry import Installed
from portal.registry import Registry
from portal.registry import find_blocks
from portal.settings import Settings
from portal.site import PLACES
from portal.testing.examples import Example
from portal.testing.sample_title import block as sample_title
from portal.testing.samples import NOW
from portal.testing.samples import load_samples

LISTS: tuple[CollectionKind, ...] = ("tag", "topic", "author", "archive")
PLACE_OF = {
    "sitemap": "sitemap",
    "accessibility": "accessibility",
    "offline": "offline",
    "gallery": "gallery",
    "album": "gallery",
    "videos": "video",
    "video": "video",
}

SITE = {
    "key": "sample",
    "name": {"vi": "Cổng thông tin mẫu", "en": "Sample portal"},
    "motto": {"vi": "Gần dân, vì dân", "en": "Close to people"},
    "organisation": {"vi": "Uỷ ban nhân dân xã Mẫu", "en": "People's Committee of Mau"},
    "base_url": "https://mau.example",
    "contact": {
        "unit": {"vi": "Uỷ ban nhân dân xã Mẫu", "en": "People's Committee of Mau"},
        "responsible": {"vi": "Ông Lò Văn Phúc", "en": "Mr Lo Van Phuc"},
        "address": {"vi": "Thôn Mẫu", "en": "Mau village"},
        "phone": "0200 000 000",
        "email": "lienhe@mau.example",
    },
    "footer_note": {"vi": "Trang mẫu", "en": "A sample site"},
    "outages": [
        {
            "key": "nang-cap",
            "kind": "planned",
            "title": {"vi": "Nâng cấp máy chủ", "en": "Server upgrade"},
            "text": {"vi": "Cổng tạm dừng nhận hồ sơ.", "en": "Papers cannot be sent."},
            "announced": "2026-11-20T08:00",
            "starts": "2026-12-05T22:00",
            "recovery": "2026-12-06T04:00",
            "url": "/thong-bao/",
        },
        {
            "key": "bao-so-9",
            "kind": "emergency",
            "title": {"vi": "Bão số 9: không ra khỏi nhà", "en": "Storm 9: stay indoors"},
            "starts": "2026-11-23T06:00",
        },
        {
            "key": "mat-dien",
            "kind": "unplanned",
            "title": {"vi": "Mất điện tại trung tâm", "en": "Power cut at the centre"},
            "starts": "2026-11-01T06:00",
            "recovery": "2026-11-01T09:00",
        },
    ],
    "menus": {
        "main": [
            {
                "title": {"vi": "Tin tức", "en": "News"},
                "section": "tin-tuc",
                "items": [
                    {
                        "title": {"vi": "Hoạt động", "en": "Activities"},
                        "section": "tin-tuc/hoat-dong",
                    }
                ],
            },
            {"title": {"vi": "Giới thiệu", "en": "About"}, "page": "gioi-thieu"},
            {"title": {"vi": "Chính phủ", "en": "Government"}, "url": "https://example.org/"},
        ]
    },
}
SECTIONS = [
    {
        "slug": "tin-tuc",
        "name": {"vi": "Tin tức", "en": "News"},
        "description": {"vi": "Việc trong vùng", "en": "What happens here"},
        "sections": [{"slug": "hoat-dong", "name": {"vi": "Hoạt động", "en": "Activities"}}],
    },
    {"slug": "thong-bao", "name": {"vi": "Thông báo", "en": "Notices"}},
]
PAGES = ("home", "section", "article", "print", "page", "search", *LISTS, *PLACE_OF)
ERRORS = ("404", "410", "503")
KEY = "sample"
# A banner or a logo: the picture in the site's own `media/` folder that examples may name.
PICTURE = (
    "sample.svg",
    """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 160">
<rect width="640" height="160" fill="#1f5a3c"/><circle cx="80" cy="80" r="40" fill="#f0d9a0"/></svg>
""",
)


@dataclass(frozen=True)
class Sample:
    """The sample content, made once per process and copied for every test."""

    folder: Path
    articles: Mapping[str, int]


@cache
def installed() -> Registry:
    """The installed blocks; found once per process."""
    return find_blocks()


@cache
def sample() -> Sample:
    """A migrated SQLite file with the sample articles, and their pictures."""
    folder = Path(tempfile.mkdtemp(prefix="portal-sample-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    address = f"sqlite:///{folder / 'portal.sqlite3'}"
    schema.upgrade(address)
    engine = make_engine(address)
    with Session(engine) as session, session.begin():
        articles = load_samples(session, str(SITE["key"]), folder / "media")
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return Sample(folder, articles)


@dataclass(frozen=True)
class Harness:
    """A portal in a folder of its own. `examples` may stand on its pages once or several times."""

    folder: Path
    block: Block[Any]
    templates: Path
    copies: int = 1
    cache_bytes: int = 64_000_000

    @cached_property
    def database(self) -> str:
        """The address of this harness's own copy of the sample database."""
        file = self.folder / "portal.sqlite3"
        if not file.exists():
            shutil.copy(sample().folder / file.name, file)
            shutil.copytree(sample().folder / "media", self.folder / "media")
        return f"sqlite:///{file}"

    @property
    def articles(self) -> Mapping[str, int]:
        """Ids of the sample articles by name."""
        return sample().articles

    def session(self) -> Session:
        """A writing session."""
        return Session(make_engine(self.database))

    def portal(self, example: Example) -> Portal:
        """The portal whose pages show `example`, in every language; made once."""
        site = example.model_dump_json(include={"name", "page", "settings"})
        if site not in self._portals:
            self._portals[site] = self.new_portal(example)
        return self._portals[site]

    def new_portal(self, example: Example) -> Portal:
        """Another portal with the same pages: a process of its own, as far as caches go."""
        return self.app(example).extensions["portal"]  # type: ignore[no-any-return]

    def forget(self) -> None:
        """Empty every cache of the portals made once, as if each had just been started."""
        for portal in self._portals.values():
            portal.composer.settle()
            portal.composer.forget()

    def close(self) -> None:
        """Close what the portals made once hold open."""
        for portal in self._portals.values():
            portal.close()
        self._portals.clear()

    @cached_property
    def _portals(self) -> dict[str, Portal]:
        return {}

    def app(self, example: Example, *, clock: datetime = NOW) -> Flask:
        """The application whose pages show `example`, `copies` times each."""
        config = self.folder / f"config-{example.name}-{self.copies}"
        self._write_site(config, example)
        settings = Settings(
            environment="development",
            database_url=self.database,
            config=config,
            templates=self.templates,
            media=self.folder / "media",
            cache_bytes=self.cache_bytes,
            # A busy machine must not turn a test of what a block shows into one of its speed.
            render_budget="60s",
        )
        return create_app(settings, clock=lambda: clock, registry=self.registry)

    @cached_property
    def registry(self) -> Registry:
        """Every installed block, the one under test and the sample title."""
        found = installed()
        items = [Installed(found[name], found.origin(name)) for name in found]
        if self.block.name not in found:
            items.append(Installed(self.block, "under test"))
        return Registry([*items, Installed(sample_title, "portal.testing")])

    def request(self, example: Example) -> PageRequest:
        """The page request that leads to the example's page."""
        path = {"home": "/", "section": f"/{example.section}/"}.get(example.page)
        if example.page in LISTS:
            below = example.slug.replace("-", "/") if example.page == "archive" else example.slug
            path = f"/{PLACES[example.page][example.locale]}/{below}/".replace("//", "/")
        elif example.page in PLACE_OF:
            place = PLACES[PLACE_OF[example.page]][example.locale]
            path = f"/{place}/{example.slug}/".replace("//", "/")
        failure = None
        if example.page == "error":
            path = "/"
            failure = Failure(**example.failure.model_dump())
        if example.page == "search":
            path = f"/{PLACES['search'][example.locale]}"
            return PageRequest(path, example.locale, search=example.search)
        if path is None:
            path = self.article_path(example)
        return PageRequest(
            path, example.locale, example.page_number, example.page == "print", failure
        )

    def article_path(self, example: Example) -> str:
        """The address of the example's article, without locale prefix."""
        with self.portal(example).read(example.locale) as reader:
            found = queries.find_article(reader, self.subject(example).article_id or 0)
        if not isinstance(found, Article):
            raise BlockError(f"example {example.name!r}: no sample article {example.article!r}")
        return found.path.removeprefix("/en" if example.locale == "en" else "")

    def subject(self, example: Example) -> Subject:
        """What the example's page is about."""
        article = example.article
        if example.locale == "en" and article == "normal":
            article = "english"
        if example.page == "page":
            article = "static_page"
        number = self.articles[article] if example.page in {"article", "print", "page"} else None
        section = example.section if example.page == "section" else None
        if example.page in {"article", "print"}:
            section = "tin-tuc/hoat-dong" if article in {"normal", "english"} else "tin-tuc"
        failure = Failure(**example.failure.model_dump()) if example.page == "error" else None
        listing = next(
            (ListKey(kind, example.slug) for kind in LISTS if kind == example.page), None
        )
        item = example.slug if example.page in {"album", "video"} else None
        search = example.search if example.page == "search" else None
        return Subject(
            example.page, "/", number, section, example.page_number, failure, search, listing, item
        )

    def page(self, example: Example) -> Page:
        """The example's page as readers get it."""
        return self.portal(example).composer.compose(self.request(example))

    def fragment(self, example: Example, subject: Subject | None = None) -> tuple[Entry, int]:
        """The block's own fragment, freshly rendered, and how many SQL statements it took."""
        subject = subject or self.subject(example)
        portal = self.portal(example)
        parts = portal.composition
        slot = self._slot(portal, example)
        statements: list[str] = []
        engine = portal.engine()

        def note(*call: Any) -> None:
            statements.append(call[2])

        event.listen(engine, "before_cursor_execute", note)
        opener = parts.snapshots(example.locale, NOW, parts.table.view)
        with opener() as snapshot:
            statements.clear()
            chosen = None
            if slot.block.resolver is not None:
                groups = parts.fragments.resolve(slot, subject, snapshot).groups
                chosen = choose(groups, {subject.article_id or 0})
            entry = parts.fragments.render(slot, subject, snapshot, chosen)
        event.remove(engine, "before_cursor_execute", note)
        return entry, len(statements)

    @staticmethod
    def _slot(portal: Portal, example: Example) -> Slot:
        plans = portal.composition.plans
        if example.page == "error":
            plan = plans.named(str(example.failure.status), example.locale)
        else:
            plan = plans.plan(example.page, None, example.locale)
        return next(slot for slot in plan.slots if slot.placement.key == KEY)

    def _write_site(self, config: Path, example: Example) -> None:
        (config / "layouts").mkdir(parents=True, exist_ok=True)
        (config / "media").mkdir(exist_ok=True)
        (config / "media" / PICTURE[0]).write_text(PICTURE[1], encoding="utf-8")
        _write(config / "site.yaml", SITE)
        _write(config / "sections.yaml", SECTIONS)
        spec = self.registry.specifications()[self.block.name]
        for name in (*PAGES, *ERRORS):
            page_type = "error" if name in ERRORS else name
            kind = {"for": page_type, "title": {"vi": name, "en": name}}
            template = "print" if name == "print" else "page"
            placements: list[dict[str, Any]] = []
            if example.page == page_type:
                settings = self.block.settings(**example.settings)
                headline = spec.headline(settings)
                placements = [self._placement(example, number) for number in range(self.copies)]
            if example.page != page_type or not headline:
                placements.insert(0, {"key": "title", "block": "sample_title"})
            layout: dict[str, Any] = {
                "layout": name,
                **kind,
                "template": template,
                "regions": {"main": placements},
            }
            if page_type != "error":
                layout["default"] = True
            _write(config / "layouts" / f"{name}.yaml", layout)

    def _placement(self, example: Example, number: int) -> dict[str, Any]:
        key = KEY if number == 0 else f"{KEY}_{number}"
        return {"key": key, "block": self.block.name, "settings": dict(example.settings)}


class _Plain(yaml.SafeDumper):
    """Writes equal values out again, because the layout language has no aliases."""

    def ignore_aliases(self, data: object) -> bool:
        """Never refer to an earlier value."""
        return True


def _write(file: Path, value: object) -> None:
    text = yaml.dump(value, Dumper=_Plain, allow_unicode=True, sort_keys=False)
    file.write_text(text, encoding="utf-8")


def with_locale(example: Example, locale: str) -> Example:
    """The same example in another language."""
    return example.model_copy(update={"locale": locale})
