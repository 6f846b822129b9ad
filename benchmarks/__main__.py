"""Measure the article page and print ratios: `python -m benchmarks [--articles N]`.

Baseline is a bare Flask view that returns the same bytes, behind the same server in the same run.
Rounds alternate between the two and compare the CPU time of a request, which other work on the
machine disturbs least.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event
from werkzeug.test import EnvironBuilder

from benchmarks.sample import fill
from benchmarks.server import compare
from benchmarks.server import cost
from benchmarks.server import memory as memory_of
from benchmarks.server import serving
from portal.app import create_app
from portal.block import Subject
from portal.compose import PageRequest
from portal.content import schema
from portal.settings import Settings

ROUNDS = 15


def main() -> None:
    """Run every measurement and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--related", type=int, nargs=2, default=(1_000, 100_000))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = measure_page(Path(folder) / "page", arguments.articles)
        results |= measure_related(Path(folder), *arguments.related)
    print(json.dumps(results, indent=2))


def make_app(folder: Path, articles: int) -> tuple[Flask, str]:
    """A portal with `articles` sample articles; returns it with the newest one's path."""
    folder.mkdir(parents=True, exist_ok=True)
    address = f"sqlite:///{folder / 'portal.sqlite3'}"
    schema.upgrade(address)
    settings = Settings(environment="development", database_url=address, media=folder / "media")
    app = create_app(settings)
    path = fill(app.extensions["portal"], articles)
    return app, path


def measure_page(folder: Path, articles: int) -> dict[str, Any]:
    """Warm against bare Flask, cold CPU time, SQL statements, memory."""
    app, path = make_app(folder, articles)
    portal = app.extensions["portal"]
    statements = count_statements(portal)
    memory = portal.composition.memory
    call(app, path)
    memory.clear()
    portal.composer.forget_pages()
    statements.clear()
    body = call(app, path)
    cold_statements = len(statements)
    statements.clear()
    call(app, path)
    warm_statements = len(statements)
    page = portal.composer.compose(_request(path))
    cold_rounds = []
    for _ in range(ROUNDS):

        def cold() -> None:
            memory.clear()
            portal.composer.forget_pages()
            call(app, path)

        cold_rounds.append(cpu_seconds(cold, 5))
    (folder / "body.html").write_bytes(body)
    environ = {
        "BENCHMARK_BODY": str(folder / "body.html"),
        "PORTAL_DATABASE_URL": portal.settings.database_url,
        "PORTAL_ENVIRONMENT": "development",
    }
    with serving("wsgi:app", environ) as (process, port):
        cost(process, port, path)
        worker = memory_of(process)
    return {
        "articles": articles,
        "blocks": len(page.states),
        "bytes": len(body),
        "warm_to_bare_flask": compare("benchmarks.bare:app", "wsgi:app", path, environ),
        "cold_cpu_ms": round(statistics.median(cold_rounds) * 1000, 2),
        "cold_sql_statements": cold_statements,
        "warm_sql_statements": warm_statements,
        "worker_memory_mb": round(worker / 1_000_000),
    }


def measure_related(folder: Path, small: int, large: int) -> dict[str, Any]:
    """What the related block costs at `large` articles against `small`."""
    times = {}
    for number in (small, large):
        app, path = make_app(folder / f"related-{number}", number)
        portal = app.extensions["portal"]
        parts = portal.composition
        plan = parts.plans.plan("article", None, "vi")
        slot = next(item for item in plan.slots if item.block.name == "related")
        subject = _subject(path)
        opener = parts.snapshots("vi", portal.clock(), parts.table.ensure())
        with opener() as snapshot:
            times[number] = statistics.median(
                seconds(lambda: parts.fragments.resolve(slot, subject, snapshot), 10)  # noqa: B023 - used at once
                for _ in range(ROUNDS)
            )
    return {"related_large_to_small": round(times[large] / times[small], 2)}


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
    """A list that grows with every SQL statement."""
    statements: list[str] = []
    event.listen(portal.engine(), "before_cursor_execute", lambda *call: statements.append(call[2]))
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


def _request(path: str) -> PageRequest:
    return PageRequest(path, "vi")


def _subject(path: str) -> Subject:
    return Subject("article", path, int(path.rpartition("-")[2]), "tin-tuc")


if __name__ == "__main__":
    main()
