"""A portal that runs: the demo site in a SQLite file, served by the server of production."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import closing
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).parents[2]
_PORTAL = (sys.executable, "-m", "portal.cli")
_PATIENCE = 90.0

# Articles of this section stand in the layout with the order of the old portal.
CLASSIC_SECTION = "giao-duc-y-te"

_PATHS = {
    "home": "/",
    "section": "/tin-tuc/",
    "section, second page": "/tin-tuc/?page=2",
    "static page": "/gioi-thieu",
    "static page without picture": "/lien-he",
    "home in English": "/en/",
    "section in English": "/en/tin-tuc/",
    "missing page": "/tin-tuc/khong-co-bai-nay-999999",
    "tag": "/tu-khoa/cai-cach/",
    "topic": "/chu-de/cau-ben-ngan/",
    "author": "/tac-gia/ban-tuan/",
    "archive": "/luu-tru/",
    "archive of a year": "/luu-tru/2026/",
    "archive of a month": "/luu-tru/2026/11/",
    "archive of a day": "/luu-tru/2026/11/20/",
    "search": "/tim-kiem",
    "search without results": "/tim-kiem?q=xyzzyq",
    "search with results": "/tim-kiem?q=cau",
    "search with results in English": "/en/search?q=bridge",
    "gallery": "/thu-vien-anh/",
    "album": "/thu-vien-anh/mua-xuan-tren-doi-che/",
    "films": "/video/",
    "film": "/video/tu-ruong-bac-thang-den-cau-ben-ngan/",
    "site map": "/so-do/",
    "site map in English": "/en/sitemap/",
    "accessibility statement": "/tiep-can/",
    "saved articles": "/ngoai-tuyen/",
    "API": "/api/",
}
_ARTICLES = {
    "article": "001.vi",
    "article in English": "001.en",
    "article only in Vietnamese": "021.vi",
    "article with tables": "010.vi",
    "article in the old order": "014.vi",
    "notice": "030.vi",
    "withdrawn article": "031.vi",
}
_BARE = frozenset({"print", "API"})
_SUFFIXES = {"print": "/in", "saved HTML": "/luu.html", "saved text": "/luu.txt"}

# What looks like another kind of page.
_VARIANTS = (
    "section in English",
    "article only in Vietnamese",
    "search with results in English",
    "site map in English",
)

# Every kind of page that readers meet as HTML, by the name that tests call it.
PAGE_KINDS = (
    *(kind for kind in (*_PATHS, *_ARTICLES) if kind not in _VARIANTS),
    "print",
)
# Those with the header of the site and a skip link before it.
FRAMED_KINDS = tuple(kind for kind in PAGE_KINDS if kind not in _BARE)
FAILURES: Mapping[str, int] = {"missing page": 404, "withdrawn article": 410}


@dataclass(frozen=True, slots=True)
class DemoSite:
    """A database and media folder that hold the demo, and the site folder it belongs to."""

    folder: Path

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "portal.sqlite3"

    @property
    def environment(self) -> dict[str, str]:
        """What the commands of this portal are started with."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PORTAL_")}
        return inherited | {
            "PORTAL_CONFIG": str(self.folder / "config"),
            "PORTAL_DATABASE_URL": f"sqlite:///{self.database}",
            "PORTAL_ENVIRONMENT": "development",
            "PORTAL_MEDIA": str(self.folder / "media"),
        }


@dataclass(frozen=True, slots=True)
class LivePortal:
    """A portal that answers at `origin`."""

    origin: str
    site: DemoSite

    def url(self, kind: str) -> str:
        """The address of a kind of page, such as `article in English`."""
        return self.origin + self.path(kind)

    def path(self, kind: str) -> str:
        """The same without scheme and host."""
        if kind in _PATHS:
            return _PATHS[kind]
        if kind in _SUFFIXES:
            return self.path("article") + _SUFFIXES[kind]
        return self._article_path(_ARTICLES[kind])

    def _article_path(self, number: str) -> str:
        """Where an article of `config/demo/articles` stands; its id is known to the database."""
        with closing(sqlite3.connect(self.site.database)) as database:
            section, slug, key, locale = database.execute(
                "SELECT section.key, article.slug, article.id, article.locale"
                " FROM article JOIN section ON section.id = article.section_id"
                " WHERE article.legacy_id = ?",
                (number,),
            ).fetchone()
        prefix = "" if locale == "vi" else f"/{locale}"
        return f"{prefix}/{section}/{slug}-{key}"


def make_demo(folder: Path) -> DemoSite:
    """Load the demo into `folder`, which must not exist yet, by the commands operators use."""
    site = DemoSite(folder)
    shutil.copytree(REPOSITORY / "config", folder / "config")
    _use_classic_layout(folder / "config" / "sections.yaml")
    for command in (("db", "upgrade"), ("demo",)):
        done = subprocess.run(
            [*_PORTAL, *command],
            cwd=REPOSITORY,
            env=site.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"portal {' '.join(command)} failed:\n{done.stdout}")
    return site


def _use_classic_layout(file: Path) -> None:
    sections = yaml.safe_load(file.read_text(encoding="utf-8"))
    for section in sections:
        if section["slug"] == CLASSIC_SECTION:
            section["layouts"] = {"article": "article-classic"}
    file.write_text(yaml.safe_dump(sections, allow_unicode=True), encoding="utf-8")


@contextmanager
def run_portal(site: DemoSite, log: Path, port: int | None = None) -> Iterator[LivePortal]:
    """Serve `site` on `port` or a free one for the time of the context."""
    command = [*_PORTAL, "serve", "--port", str(port or free_port())]
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=site.environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        # Without an answer in time the process is ended, and so is the wait for its first line.
        alarm = threading.Timer(_PATIENCE, process.kill)
        alarm.start()
        try:
            origin = _announced(process, log)
            alarm.cancel()
            yield LivePortal(origin, site)
        finally:
            alarm.cancel()
            _end(process)


def _announced(process: subprocess.Popen[str], log: Path) -> str:
    """The origin that `portal serve` prints once it answers."""
    if process.stdout is None:
        raise RuntimeError("the output of the portal is not read")
    for line in process.stdout:
        for word in line.split():
            if word.startswith("http://"):
                return word.rstrip("/")
    raise RuntimeError(f"the portal did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
