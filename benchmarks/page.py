"""The article page of the shipped site: warm against bare Flask, cold, memory."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from benchmarks.running import ROUNDS
from benchmarks.running import SECRET
from benchmarks.running import call
from benchmarks.running import count_statements
from benchmarks.running import cpu_seconds
from benchmarks.running import make_app
from benchmarks.server import compare
from benchmarks.server import cost
from benchmarks.server import memory as memory_of
from benchmarks.server import serving_as_shipped
from portal.compose import PageRequest


def measure_page(folder: Path, articles: int) -> dict[str, Any]:
    """Warm against bare Flask, cold CPU time, SQL statements, memory."""
    app, path = make_app(folder, articles)
    portal = app.extensions["portal"]
    statements = count_statements(portal)
    call(app, path)
    portal.composer.forget()
    statements.clear()
    body = call(app, path)
    cold_statements = len(statements)
    statements.clear()
    call(app, path)
    warm_statements = len(statements)
    page = portal.composer.compose(PageRequest(path, "vi"))
    cold_rounds = []
    for _ in range(ROUNDS):

        def cold() -> None:
            portal.composer.forget()
            call(app, path)

        cold_rounds.append(cpu_seconds(cold, 5))
    (folder / "body.html").write_bytes(body)
    environ = {
        "BENCHMARK_BODY": str(folder / "body.html"),
        "PORTAL_DATABASE_URL": portal.settings.database_url,
        "PORTAL_SECRET_KEY": SECRET,
        "PORTAL_LOG_LEVEL": "WARNING",
    }
    with serving_as_shipped(environ, workers=2) as (process, port):
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
        "worker_memory_mb": {
            "share": round(worker.share / 1_000_000),
            "resident": round(worker.resident / 1_000_000),
        },
    }
