"""The composition root: the only module that knows every room, and opens no connection."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.block import STORE_EXTENSION
from portal.block import Store
from portal.cache import BoundedSource
from portal.cache import Follower
from portal.cache import LogTable
from portal.cache import MemoryTier
from portal.cache import OncePerProcess
from portal.cache.redis_tier import SharedTier
from portal.cache.redis_tier import cache_config
from portal.cache.sealing import Sealer
from portal.compose import Afterwards
from portal.compose import Assembler
from portal.compose import AssetCatalog
from portal.compose import Composer
from portal.compose import Composition
from portal.compose import DocumentMaker
from portal.compose import FragmentMaker
from portal.compose import PageMemory
from portal.compose import PlanCatalog
from portal.compose import ShellCatalog
from portal.compose import make_environment
from portal.compose import min_height_rules
from portal.compose import shell_regions
from portal.compose import theme_stylesheet
from portal.content.condition import UNREADABLE
from portal.content.condition import find_database_problem
from portal.content.condition import find_database_weakness
from portal.content.condition import needed_version
from portal.content.epoch import check_epoch
from portal.content.reader import Reader
from portal.content.triggers import mend_triggers
from portal.durations import parse_duration
from portal.essential import EssentialCopy
from portal.extensions import Limits
from portal.extensions import cache
from portal.extensions import db
from portal.extensions import make_engine
from portal.extensions import serving_options
from portal.generated_secret import secret_of
from portal.i18n import Catalog
from portal.layouts import SiteFolder
from portal.layouts import load_site_folder
from portal.media import Storage
from portal.media import open_storage
from portal.registry import BUILT_IN
from portal.registry import Registry
from portal.registry import find_blocks
from portal.settings import Settings
from portal.sight import SILENT
from portal.sight import Metrics
from portal.sight import make_metrics
from portal.sight import trace_requests
from portal.snapshots import Clock
from portal.snapshots import Replica
from portal.snapshots import Snapshots
from portal.web import Guard
from portal.web import HostedRequest
from portal.web import NoSessions
from portal.web import Presence
from portal.web import RenderPlain
from portal.web import Services
from portal.web import VisitCounter
from portal.web import Watch
from portal.web import plain_renderer
from portal.web import register_web
from portal.web import too_long_page
from portal.web import watch_requests

if TYPE_CHECKING:
    from portal.web.operating.provider import Provider

HERE = Path(__file__).parent
# About four thousand addresses that lead nowhere; a flood of them cannot drive out content.
ABSENT_BYTES = 4_000_000


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
    assets: AssetCatalog
    render: RenderPlain


def create_app(
    settings: Settings,
    *,
    clock: Clock = now,
    registry: Registry | None = None,
    presence: Presence | None = None,
) -> Flask:
    """Make the portal. Raises `ConfigError` with every problem of settings, blocks and layouts.

    `registry` stands in for the installed blocks, for the tests of one that is not installed;
    `presence` knows whether the server is about to stop this process.
    """
    app = Flask("portal", static_folder=None, template_folder=None)
    secret = secret_of(settings)
    limits = Limits(
        settings.database_pool,
        parse_duration(settings.database_statement_timeout),
        parse_duration(settings.database_lock_timeout),
    )
    configure(app, settings, secret, limits)
    metrics = make_metrics() if settings.metrics else None
    shared = SharedTier(
        app.extensions["cache"][cache],
        Sealer(secret),
        prefix=settings.cache_key_prefix,
        observer=metrics or SILENT,
    )
    presence = presence or Presence()

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
    assets = load_assets(settings, registry, folder)
    replica = open_replica(settings.database_replica_url, limits)
    snapshots = Snapshots(app, folder.site, clock, metrics or SILENT, replica)
    catalog = Catalog.load("portal", HERE / "catalog.yaml")
    copy = EssentialCopy(settings.snapshot, folder.site.key)
    table, follower, begin = read_log(settings, snapshots)
    fragments = FragmentMaker(environment, assets, folder.site, metrics or SILENT)
    composition = Composition(
        folder=folder,
        plans=PlanCatalog(folder, registry, settings.templates, assets),
        assembler=Assembler(
            folder.site,
            ShellCatalog(environment, assets, folder.site, catalog),
            assets,
            fragments,
            catalog,
        ),
        fragments=fragments,
        table=table,
        memory=MemoryTier(settings.cache_bytes),
        absent=MemoryTier(ABSENT_BYTES),
        pages=PageMemory(settings.cache_bytes // 2),
        shared=shared,
        afterwards=Afterwards(),
        storing=Afterwards(),
        snapshots=snapshots.opener,
        offline=snapshots.offline,
        clock=clock,
        budget=parse_duration(settings.render_budget),
        log_times=snapshots.log_times,
        greet=begin,
        essential=copy.page,
    )
    composer = Composer(composition)
    app.extensions[STORE_EXTENSION] = Store(folder.site, clock, snapshots.read, snapshots.write)
    visits = VisitCounter(folder.site, clock, snapshots.write)

    render = plain_renderer(environment, assets, folder.site)

    def close() -> None:
        visits.close()
        composer.close()
        follower.stop()
        shared.close()
        snapshots.close()

    for block in registry.values():
        app.register_blueprint(block)
    register_web(
        app,
        Services(
            site=folder.site,
            folder=folder,
            blocks=frozenset(registry),
            composer=composer,
            documents=make_documents(settings, composition, snapshots),
            assets=assets,
            find_older_asset=copy.asset,
            catalog=catalog,
            read=snapshots.read,
            write=snapshots.write,
            clock=clock,
            media=open_media(settings),
            trusted_hosts=settings.trusted_hosts,
            cdn_seconds=settings.cdn_seconds,
            secret=secret,
            page_types=frozenset(folder.defaults),
            tells_cache_status=settings.cache_status,
            render=render,
            last_resort=(settings.templates / "errors" / "unavailable.html").read_bytes(),
            visits=visits,
            takes_passwords=settings.operators in {"local", "both"},
            provider=open_provider(settings),
            groups={
                "operator": settings.oidc_operator_groups,
                "builder": settings.oidc_builder_groups,
            },
            shows_gallery=settings.shows_gallery,
            watch=Watch(
                required={"database": lambda: find_database_problem(snapshots.engine())},
                checks={
                    "database": lambda: find_database_weakness(snapshots.engine()),
                    "log": table.find_trouble,
                    "cache": shared.find_trouble,
                    "blocks": lambda: "; ".join(registry.broken) or None,
                },
                presence=presence,
                stand_in=lambda problem: describe_copy(copy, problem),
                metrics=metrics,
                metrics_token=settings.metrics_token,
                schema=needed_version(),
                revision=settings.revision,
            ),
        ),
    )
    too_long = too_long_page(render, folder.site)
    stand_guard(app, settings, presence, metrics, too_long)
    app.extensions["portal"] = Portal(
        settings,
        registry,
        folder,
        composer,
        composition,
        clock,
        snapshots.engine,
        snapshots.read,
        close,
        assets,
        render,
    )
    return app


def configure(app: Flask, settings: Settings, secret: str, limits: Limits) -> None:
    """Give Flask and its extensions their settings; nothing is opened yet."""
    app.config["SECRET_KEY"] = secret
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = serving_options(settings.database_url, limits)
    app.request_class = HostedRequest
    app.config["TRUSTED_HOSTS"] = list(settings.trusted_hosts) or None
    app.config.update(cache_config(settings))
    app.session_interface = NoSessions()
    logging.getLogger("portal").setLevel(settings.log_level)
    db.init_app(app)
    cache.init_app(app)


def read_log(settings: Settings, snapshots: Snapshots) -> tuple[LogTable, Follower, OncePerProcess]:
    """What is known of the log, who keeps it current, and what begins that in each process."""
    patience = parse_duration(settings.database_patience).total_seconds()
    table = LogTable(
        BoundedSource(snapshots.log, patience) if snapshots.tells_of_commits else snapshots.log,
        follow=settings.freshness == "follow" and snapshots.tells_of_commits,
        renew=snapshots.renew_epoch,
    )
    snapshots.notice_commit = table.notice

    def check_database() -> None:
        mend_triggers(snapshots.engine())
        check_epoch(snapshots.engine())

    follower = Follower(table, snapshots.listen, check_database)
    # The log checks the epoch of every connection that it opens.
    begin = OncePerProcess(
        follower.start if table.follow else lambda: mend_triggers(snapshots.engine())
    )
    return table, follower, begin


def open_replica(url: str, limits: Limits) -> Replica | None:
    """The standby that the settings name; connects at first use."""
    return Replica(make_engine(url, **serving_options(url, limits))) if url else None


def describe_copy(copy: EssentialCopy, problem: str) -> str | None:
    """How pages are served although the database cannot be read; none where they are not."""
    made = copy.made if problem == UNREADABLE else None
    return f"{problem}; essential mode, pages as of {made:%Y-%m-%dT%H:%MZ}" if made else None


def open_media(settings: Settings) -> Storage:
    """The place of stored files that the settings name."""
    return open_storage(settings.media_store, settings.media_endpoint, settings.media)


def make_documents(
    settings: Settings, composition: Composition, snapshots: Snapshots
) -> DocumentMaker:
    """The maker of documents, with a quarter of the fragments' memory beside theirs."""
    return DocumentMaker(
        site=composition.folder.site.key,
        page_digest=composition.plans.page_digest,
        table=composition.table,
        memory=MemoryTier(settings.cache_bytes // 4),
        shared=composition.shared,
        storing=composition.storing,
        snapshots=snapshots.opener_in_turn,
        clock=composition.clock,
        budget=composition.budget,
    )


def stand_guard(
    app: Flask,
    settings: Settings,
    presence: Presence,
    metrics: Metrics | None,
    too_long: Callable[[str], bytes],
) -> None:
    """Put the guard before the application, and between them what believes known proxies."""
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]  # as Flask documents it
    timing = settings.server_timing or settings.developing
    app.wsgi_app = Guard(  # type: ignore[method-assign, assignment]  # as Flask documents it
        watch_requests(app, metrics, timing=timing),
        body_limit=settings.body_limit,
        leaving=presence.leaving,
        observer=metrics or SILENT,
        too_long=too_long,
    )
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit
    if settings.tracing:
        trace_requests(app)


def open_provider(settings: Settings) -> Provider | None:
    """The provider that the settings name; connects nowhere. Raises `ConfigError`."""
    if settings.operators not in {"oidc", "both"}:
        return None
    # Most portals have none, and their processes need not carry it along.
    from portal.web.operating.provider import Provider  # noqa: PLC0415 - as said above

    return Provider(settings)


def load_assets(settings: Settings, registry: Registry, folder: SiteFolder) -> AssetCatalog:
    """The static files of the shell, the site's own media and every block."""
    folders = {"portal": HERE / "static", "site": settings.config / "media"}
    folders |= {
        name: block.folder / "static"
        for name, block in registry.items()
        if (block.folder / "static").is_dir()
    }
    heights = min_height_rules(
        placement.min_height
        for layout in folder.layouts.values()
        for placement in layout.placements
        if placement.min_height is not None
    )
    generated = {"portal/theme.css": theme_stylesheet(folder.site) + heights}
    return AssetCatalog(folders, generated, BUILT_IN)
