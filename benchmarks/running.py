"""Portals in this process, and what a call in it costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event
from werkzeug.test import EnvironBuilder

from benchmarks.sample import fill
from portal.app import Portal
from portal.app import create_app
from portal.content import schema
from portal.settings import Settings

ROUNDS = 15
SECRET = "0123456789abcdef" * 2


def make_app(folder: Path, articles: int) -> tuple[Flask, str]:
    """A portal as in production with sample articles; returns it with the path of one of them.

    It is filled by another process: a worker that serves has never written twenty thousand.
    """
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        path = pool.submit(_fill, folder, articles).result()
    return create_app(_settings(folder)), path


def _fill(folder: Path, articles: int) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    settings = _settings(folder)
    schema.upgrade(settings.database_url)
    portal: Portal = create_app(settings).extensions["portal"]
    path = fill(portal, articles)
    portal.close()
    return path


def _settings(folder: Path) -> Settings:
    address = f"sqlite:///{folder / 'portal.sqlite3'}"
    return Settings(database_url=address, media=folder / "media", secret_key=SECRET)


def call(app: Flask, path: str) -> bytes:
    """One request through WSGI, without a client in between."""
    environ = EnvironBuilder(path=path).get_environ()
    pieces = app(environ, lambda status, headers, info=None: None)
    try:
        return b"".join(pieces)
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()


def count_statements(portal: Any) -> list[str]:
    """A list that grows with every question to the database (not what begins a transaction)."""
    statements: list[str] = []

    def note(*call: Any) -> None:
        if not call[2].startswith(("BEGIN", "PRAGMA")):
            statements.append(call[2])

    event.listen(portal.engine(), "before_cursor_execute", note)
    return statements


def seconds(function: Callable[[], object], calls: int) -> float:
    """Mean wall time of a call."""
    started = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - started) / calls


def cpu_seconds(function: Callable[[], object], calls: int) -> float:
    """Mean CPU time of a call, all threads."""
    started = time.process_time()
    for _ in range(calls):
        function()
    return (time.process_time() - started) / calls
