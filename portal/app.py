"""The composition root: the only module that knows every room, and opens no connection."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.cache import LogTable
from portal.cache import MemoryTier
from portal.cache import View
from portal.compose import AssetCatalog
from portal.compose import Composer
from portal.compose import Composition
from portal.compose import FragmentMaker
from portal.compose import PlanCatalog
from portal.compose import ShellCatalog
from portal.compose import Snapshot
from portal.compose import make_environment
from portal.compose import shell_regions
from portal.compose import theme_stylesheet
from portal.content.engine import open_snapshot
from portal.content.reader import Reader
from portal.content.stamps import HeldConnectionLog
from portal.content.stamps import LogRows
from portal.content.stamps import Stamp
from portal.durations import parse_duration
from portal.extensions import db
from portal.i18n import Catalog
from portal.layouts import SiteFolder
from portal.layouts import load_site_folder
from portal.registry import Registry
from portal.registry import find_blocks
from portal.settings import Settings
from portal.site import Site
from portal.web import NoSessions
from portal.web import Services
from portal.web import register_web

Clock = Callable[[], datetime]

HERE = Path(__file__).parent
CLOSING_SECONDS = 5.0


def now() -> datetime:
    """The wall clock; tests pass their own."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Portal:
    """The parts of a running portal that commands and tests work with (`app.extensions`)."""

    settings: Settings
    registry: Registry
    folder: SiteFolder
    composer: Composer
    composition: Composition
    clock: Clock
    engine: Callable[[], Engine]
    read: Callable[[str], AbstractContextManager[Reader]]
    close: Callable[[], None]


def create_app(
    settings: Settings, *, clock: Clock = now, registry: Registry | None = None
) -> Flask:
    """Make the portal. Raises `ConfigError` with every problem of settings, blocks and layouts.

    `registry` stands in for the installed blocks, for the tests of one that is not installed.
    """
    app = Flask("portal", static_folder=None, template_folder=None)
    app.config["SECRET_KEY"] = settings.sealing_key
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.session_interface = NoSessions()
    app.config["TRUSTED_HOSTS"] = list(settings.trusted_hosts) or None
    logging.getLogger("portal").setLevel(settings.log_level)
    db.init_app(app)

    registry = find_blocks(settings.blocks_disabled) if registry is None else registry
    environment = make_environment(
        settings.templates, registry.values(), reload=settings.environment == "development"
    )
    folder = load_site_folder(
        settings.config,
        registry.specifications(),
        templates=shell_regions(environment, settings.templates),
        broken=registry.broken,
    )
    assets = load_assets(settings, registry, folder.site)
    snapshots = Snapshots(app, folder.site, clock)
    catalog = Catalog.load("portal", HERE / "catalog.yaml")
    composition = Composition(
        folder=folder,
        plans=PlanCatalog(folder, registry, settings.templates),
        shells=ShellCatalog(environment, assets, folder.site, catalog),
        fragments=FragmentMaker(environment, assets, folder.site),
        table=LogTable(snapshots.log),
        memory=MemoryTier(settings.cache_bytes),
        snapshots=snapshots.opener,
        offline=snapshots.offline,
        clock=clock,
        budget=parse_duration(settings.render_budget),
    )
    composer = Composer(composition)
    for block in registry.values():
        app.register_blueprint(block)
    register_web(
        app,
        Services(
            site=folder.site,
            composer=composer,
            assets=assets,
            catalog=catalog,
            read=snapshots.read,
            clock=clock,
            media=settings.media,
            last_resort=(settings.templates / "errors" / "unavailable.html").read_bytes(),
            ready=snapshots.problems,
        ),
    )
    app.extensions["portal"] = Portal(
        settings,
        registry,
        folder,
        composer,
        composition,
        clock,
        snapshots.engine,
        snapshots.read,
        snapshots.close,
    )
    return app


def load_assets(settings: Settings, registry: Registry, site: Site) -> AssetCatalog:
    """The static files of the shell, the site's own media and every block."""
    folders = {"portal": HERE / "static", "site": settings.config / "media"}
    folders |= {
        name: block.folder / "static"
        for name, block in registry.items()
        if (block.folder / "static").is_dir()
    }
    return AssetCatalog(folders, {"portal/theme.css": theme_stylesheet(site)})


class Snapshots:
    """Opens the content for reading, each time in one snapshot of its own."""

    def __init__(self, app: Flask, site: Site, clock: Clock) -> None:
        self._app = app
        self._site = site
        self._clock = clock
        self.log = HeldConnectionLog(self.engine)
        self._open = 0
        self._changed = threading.Condition()

    def engine(self) -> Engine:
        """The engine of this application; made by Flask-SQLAlchemy at first use."""
        with self._app.app_context():
            return db.engine

    def opener(
        self, locale: str, moment: datetime, view: View
    ) -> Callable[[], AbstractContextManager[Snapshot]]:
        """A function that opens a snapshot and reads the log rows that `view` lacks."""

        @contextmanager
        def open_it() -> Iterator[Snapshot]:
            with (
                self._counted(),
                open_snapshot(self.engine(), view.epoch, view.position) as (session, rows),
            ):
                reader = self._reader(session, locale, moment)
                yield Snapshot(reader, Stamp(rows.epoch, rows.position), rows)

        return open_it

    def offline(
        self, locale: str, moment: datetime, view: View
    ) -> Callable[[], AbstractContextManager[Snapshot]]:
        """The same without a database: what reads content fails, what does not is rendered."""

        @contextmanager
        def open_it() -> Iterator[Snapshot]:
            # A session without an engine raises at its first statement.
            reader = self._reader(Session(), locale, moment)
            rows = LogRows(view.epoch, view.floor, view.position, after=view.position)
            yield Snapshot(reader, Stamp(rows.epoch, rows.position), rows)

        return open_it

    @contextmanager
    def read(self, locale: str) -> Iterator[Reader]:
        """A reader for one question outside of composition."""
        with open_snapshot(self.engine()) as (session, _):
            yield self._reader(session, locale, self._clock())

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._changed:
            self._open += 1
        try:
            yield
        finally:
            with self._changed:
                self._open -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Close every connection; the next reader opens new ones.

        Waits a little for render threads that still hold a snapshot.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._open == 0, timeout=CLOSING_SECONDS)
        self.log.close()
        self.engine().dispose()

    def problems(self) -> dict[str, str]:
        """Why the portal is not ready to serve, by dependency; empty when it is."""
        try:
            with self.read(self._site.default_locale):
                return {}
        except SQLAlchemyError as problem:
            return {"database": str(problem).partition("\n")[0]}

    def _reader(self, session: Session, locale: str, moment: datetime) -> Reader:
        site = self._site
        return Reader(session, site.key, locale, site.default_locale, site.time_zone, moment)
