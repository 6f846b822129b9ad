"""A small real portal whose blocks, layouts and content each test writes down itself."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from flask import Flask
from sqlalchemy import NullPool
from sqlalchemy.orm import Session

from portal.app import Portal
from portal.app import create_app
from portal.block import Block
from portal.block import CachePolicy
from portal.block import Group
from portal.block import NoSettings
from portal.block import Settings
from portal.compose import Page
from portal.compose import PageRequest
from portal.content import commands
from portal.content import queries
from portal.content.drafts import ArticleDraft
from portal.content.drafts import SectionDraft
from portal.extensions import make_engine
from portal.registry import Installed
from portal.registry import Registry
from portal.settings import Settings as PortalSettings
from portal.testing.harness import SECTIONS
from portal.testing.harness import SITE
from portal.testing.sample_title import block as sample_title

ROOT = Path(__file__).parents[3]
TEMPLATES = ROOT / "templates"
KEY = str(SITE["key"])

PAGES = ("home", "section", "article", "print", "page")
ERRORS = ("404", "410", "503")
WORDS = """<section data-block="{{ key }}"><p>{{ words }}</p></section>"""
NEWS = """<section data-block="{{ key }}">
{% for item in articles %}
<a href="{{ item.path }}">{{ item.headline }}</a>
{% endfor %}
</section>"""

_FRAGMENT = re.compile(r'<section data-block="(\w+)">.*?</section>', re.DOTALL)
_TREE = (
    SectionDraft("tin-tuc", {"vi": "Tin tức"}, {}, (SectionDraft("hoat-dong", {"vi": "Xã"}),)),
    SectionDraft("thong-bao", {"vi": "Thông báo"}),
)

Values = Mapping[str, object] | None


class NewsSettings(Settings):
    """What a list of the tests shows."""

    limit: int = 3
    """Most articles."""
    sections: tuple[str, ...] = ()
    """Slug paths of sections."""


@dataclass(frozen=True, slots=True)
class Aging:
    """What a block that takes long to renew did, and whether it may go on."""

    renewing: threading.Event = field(default_factory=threading.Event)
    finish: threading.Event = field(default_factory=threading.Event)
    rendered: list[str] = field(default_factory=list)


@dataclass
class SmallSite:
    """A site folder below `folder`, its database, its clock and its blocks."""

    folder: Path
    database_url: str
    clock: Callable[[], datetime]
    blocks: list[Block[Any]] = field(default_factory=list)
    open: list[Portal] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.config / "layouts").mkdir(parents=True)
        (self.config / "media").mkdir()
        self.write_file("site.yaml", SITE)
        self.write_file("sections.yaml", SECTIONS)
        for name in (*PAGES, *ERRORS):
            self.lay_out(name)

    @property
    def config(self) -> Path:
        """The folder of the site's files."""
        return self.folder / "config"

    # --- files --------------------------------------------------------------------------------

    def write_file(self, name: str, value: object) -> Path:
        """Write a YAML file below the site's folder."""
        file = self.config / name
        file.write_text(yaml.safe_dump(value, allow_unicode=True, sort_keys=False), "utf-8")
        return file

    def lay_out(self, name: str, *main: dict[str, Any], **regions: list[dict[str, Any]]) -> Path:
        """Write the layout `name`: a title and these placements in `main`, others by region."""
        template = "print" if name == "print" else "page"
        title = {"key": "title", "block": "sample_title", "settings": {"words": f"Title {name}"}}
        layout: dict[str, Any] = {
            "layout": name,
            "for": "error" if name in ERRORS else name,
            "title": {"vi": name, "en": name},
            "template": template,
            "regions": {"main": [title, *main], **regions},
        }
        if name not in ERRORS:
            layout["default"] = True
        return self.write_file(f"layouts/{name}.yaml", layout)

    # --- blocks -------------------------------------------------------------------------------

    def block(
        self,
        name: str,
        render: Callable[[Any], Any],
        template: str = WORDS,
        *,
        resolve: Callable[[Any], Any] | None = None,
        settings: type[Settings] = NoSettings,
        static: Mapping[str, str] | None = None,
        **declaration: Any,
    ) -> Block[Any]:
        """Install a block with a folder of its own."""
        block = Block(name, __name__, settings=settings, **declaration)
        block.folder = self.folder / "blocks" / name
        files = {f"templates/{block.template}": template}
        files |= {f"static/{file}": text for file, text in (static or {}).items()}
        for file, text in files.items():
            path = block.folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        block.render(render)
        if resolve is not None:
            block.resolve(resolve)
        self.blocks.append(block)
        return block

    def words(self, name: str, words: str = "", **declaration: Any) -> list[str]:
        """Install a block that shows words; returns the list of keys it rendered for."""
        rendered: list[str] = []

        def render(ctx: Any) -> Values:
            rendered.append(ctx.key)
            return {"words": words or name}

        self.block(name, render, **declaration)
        return rendered

    def aging(self) -> Aging:
        """Install `slow`, which is old after ten minutes; its renewals wait until they may end."""
        made = Aging()

        def render(ctx: Any) -> Values:
            if made.rendered:
                made.renewing.set()
                made.finish.wait(10)
            made.rendered.append(ctx.key)
            return {"words": "slow"}

        self.block("slow", render, cache=CachePolicy(fresh="10m", stale="1h"))
        return made

    def news(self, name: str = "news", **declaration: Any) -> list[tuple[str, tuple[int, ...]]]:
        """Install a list of the newest articles; returns what it rendered: key and ids."""
        rendered: list[tuple[str, tuple[int, ...]]] = []

        def resolve(ctx: Any) -> tuple[Group, ...]:
            limit, sections = ctx.settings.limit, ctx.settings.sections
            ids = queries.latest(ctx.reader, limit + 10, sections=sections)
            return (Group("news", ids, limit),)

        def render(ctx: Any) -> Values:
            rendered.append((ctx.key, ctx.chosen["news"]))
            return {"articles": queries.summaries(ctx.reader, ctx.chosen["news"])}

        declaration.setdefault("cache", CachePolicy(fresh="30d"))
        self.block(name, render, NEWS, resolve=resolve, settings=NewsSettings, **declaration)
        return rendered

    # --- running ------------------------------------------------------------------------------

    def app(self, **settings: Any) -> Flask:
        """The application as the files, blocks and settings are now; `registry` adds blocks."""
        more = settings.pop("registry", Registry([]))
        found = [Installed(more[name], more.origin(name)) for name in more]
        found += [Installed(block, "test") for block in self.blocks]
        app = create_app(
            PortalSettings(
                database_url=self.database_url,
                config=self.config,
                templates=settings.pop("templates", TEMPLATES),
                media=self.folder / "media",
                secret_key=settings.pop("sealed_with", "s" * 32),
                # Tests edit beside the portal and ask at once; a follower hears a little later.
                freshness=settings.pop("freshness", "strict"),
                # A busy machine may stand still for seconds; tests of budgets give their own.
                render_budget=settings.pop("render_budget", "60s"),
                database_patience=settings.pop("database_patience", "60s"),
                **settings,
            ),
            clock=self.clock,
            registry=Registry([*found, Installed(sample_title, "test")], more.broken),
        )
        self.open.append(app.extensions["portal"])
        return app

    def portal(self, **settings: Any) -> Portal:
        """The parts of a new application."""
        portal: Portal = self.app(**settings).extensions["portal"]
        return portal

    def close(self) -> None:
        """Close every connection of every application, once the last worker has given its back."""
        for portal in self.open:
            portal.composer.settle()
        for thread in threading.enumerate():
            if thread.name == "render":
                thread.join(10)
        for portal in self.open:
            portal.close()

    # --- content ------------------------------------------------------------------------------

    def edit(self, command: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Run a content command in a transaction of its own and return what it returns."""
        engine = make_engine(self.database_url, poolclass=NullPool)
        with Session(engine) as session, session.begin():
            commands.save_site(session, KEY)
            return command(session, KEY, *arguments, **options)

    def sections(self, tree: tuple[SectionDraft, ...] = _TREE) -> None:
        """Store the section tree."""
        self.edit(commands.save_sections, tree)

    def article(self, headline: str, *, days: float = 1, **values: Any) -> int:
        """Store an article published `days` before now and return its id."""
        draft = ArticleDraft(
            **{
                "locale": "vi",
                "headline": headline,
                "body": "<p>Một đoạn văn.</p>",
                "section": "tin-tuc",
                "status": "published",
                "published": self.clock() - timedelta(days=days),
                **values,
            }
        )
        changed = self.edit(commands.save_article, draft, now=self.clock())
        number: int = changed.article_id
        return number


def compose(portal: Portal, path: str = "/", locale: str = "vi", **more: Any) -> Page:
    """The page at `path` (without locale prefix)."""
    return portal.composer.compose(PageRequest(path, locale, **more))


def fragments(page: Page | str) -> dict[str, str]:
    """The fragments of a page by placement key, in document order."""
    html = page.body.decode() if isinstance(page, Page) else page
    return {match[1]: match[0] for match in _FRAGMENT.finditer(html)}


def headlines(fragment: str) -> list[str]:
    """The headlines a list of `SmallSite.news` shows."""
    return re.findall(r"<a [^>]*>(.*?)</a>", fragment)
