"""The home page that ships, on a site with much content: what it costs, and nothing twice."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.app import Portal
from portal.app import create_app
from portal.cli.content import open_session
from portal.compose import PageRequest
from portal.content import commands
from portal.content.drafts import ArticleDraft
from portal.content.drafts import MediaDraft
from portal.content.values import Rendition
from portal.content.values import Term
from portal.settings import Settings
from tests.clocks import StandingClock
from tests.integration.blocks.pages import Look

ROOT = Path(__file__).parents[3]
MOST_STATEMENTS = 30
STORY = Term("mua-lu-thang-9-2026", "Mưa lũ tháng 9/2026")


@pytest.fixture
def portal(tmp_path: Path, database_url: str, clock: StandingClock) -> Iterator[Portal]:
    """The repository's own site with ten articles in every section."""
    settings = Settings(
        database_url=database_url,
        config=ROOT / "config",
        templates=ROOT / "templates",
        media=tmp_path / "media",
        secret_key="s" * 32,
        render_budget="60s",
        database_patience="60s",
    )
    made: Portal = create_app(settings, clock=clock).extensions["portal"]
    with open_session(made) as session:
        fill(session, made, clock)
    yield made
    made.close()


def fill(session: Session, portal: Portal, clock: StandingClock) -> None:
    site, now = portal.folder.site.key, clock()
    image = MediaDraft("anh", 960, 540, (Rendition("a.jpg", 960, 540, "jpeg"),), {"vi": "Ảnh"})
    draft = ArticleDraft(
        locale="vi",
        headline="",
        lead="Câu dẫn",
        status="published",
        hero_id=commands.save_media(session, site, image).id,
    )
    keys = [item.key for top in portal.folder.sections for item in top.walk()]
    numbers = []
    for place in range(len(keys) * 10):
        key = keys[place % len(keys)]
        article = replace(
            draft,
            headline=f"Bài số {place} của {key}",
            section=key,
            topic=STORY if place % 9 == 0 else None,
            published=now - timedelta(hours=place + 1),
        )
        numbers.append(commands.save_article(session, site, article, now=now).article_id)
    commands.set_pins(session, site, "home", numbers[30:33])
    today = now.date()
    commands.add_views(session, site, {(number, today): number for number in numbers})


@contextmanager
def counted(portal: Portal) -> Iterator[list[str]]:
    """The SQL statements that pages run meanwhile; a process's own beginning is not theirs."""
    statements: list[str] = []

    def note(*call: object) -> None:
        if threading.current_thread().name not in {"beginning", "follower", "log reader"}:
            statements.append(str(call[2]))

    event.listen(portal.engine(), "before_cursor_execute", note)
    yield statements
    event.remove(portal.engine(), "before_cursor_execute", note)


def test_cold_home_page_reads_little_and_a_warm_one_nothing(portal: Portal) -> None:
    # A process begins once: it looks at its database before it shows the first page.
    portal.composer.compose(PageRequest("/nowhere", "vi"))
    portal.composer.forget()
    with counted(portal) as cold:
        first = portal.composer.compose(PageRequest("/", "vi"))
    with counted(portal) as warm:
        second = portal.composer.compose(PageRequest("/", "vi"))
    shown = {key for key, state in first.states.items() if state == "rendered"}
    assert len(shown) >= 12
    assert 0 < len(cold) <= MOST_STATEMENTS, cold
    assert warm == []
    assert first.body == second.body


def test_home_page_shows_every_block_and_no_article_twice(portal: Portal) -> None:
    page = Look(portal.composer.compose(PageRequest("/", "vi")))
    expected = {
        *("identity", "languages", "menu", "lead_news", "government", "economy", "life"),
        *("directives", "notices", "hotline", "guides", "most_read", "story", "campaigns"),
        *("stories_in_pictures", "neighbours", "contact", "outages"),
    }
    assert {key for key in expected if not page.has(f'[data-block="{key}"]')} == set()
    articles = [link for link in page.links("a") if link.rpartition("-")[2].isdigit()]
    assert len(articles) == len(set(articles)) >= 40


def test_counting_readers_renders_nothing_again(portal: Portal, database_url: str) -> None:
    request = PageRequest("/", "vi")
    before = portal.composer.compose(request)
    with open_session(portal) as session:
        site = portal.folder.site.key
        commands.add_views(session, site, {(1, portal.clock().date()): 10_000})
    with counted(portal) as statements:
        after = portal.composer.compose(request)
    assert after.body == before.body
    assert [text for text in statements if "cache_log" not in text] == []


@pytest.mark.parametrize("name", ["home/newsroom", "home/minimal"])
def test_other_home_pages_work_in_its_place(
    portal: Portal, tmp_path: Path, name: str, clock: StandingClock
) -> None:
    config = tmp_path / "config"
    shutil.copytree(ROOT / "config", config, ignore=shutil.ignore_patterns("demo"))
    rewrite(config / "layouts" / "home.yaml", "default: true\n", "")
    rewrite(config / "layouts" / f"{name}.yaml", "for: home\n", "for: home\ndefault: true\n")
    settings = portal.settings.model_copy(update={"config": config})
    made: Portal = create_app(settings, clock=clock).extensions["portal"]
    page = made.composer.compose(PageRequest("/", "vi"))
    look = Look(page)
    made.close()
    assert page.status == 200
    assert len(look.texts("h1")) == 1
    articles = [link for link in look.links("a") if link.rpartition("-")[2].isdigit()]
    assert len(articles) == len(set(articles)) >= 13


def rewrite(file: Path, old: str, new: str) -> None:
    """Replace words of a layout file, which must be there."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
