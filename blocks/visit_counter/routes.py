"""The numbers, beside the cached page."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import Response
from flask import jsonify

from portal.block import Block
from portal.block import current_store
from portal.content import queries
from portal.content.values import VisitTotals

FRESH = timedelta(seconds=60)


def add_routes(block: Block[Any]) -> None:
    """Give the block its one address."""

    @block.get("/totals.json")
    def totals() -> Response:
        """Sums by span; at most a minute old, half of it here and half on the way."""
        found = current_store().recent("visit_counter", FRESH / 2, _read)
        response = jsonify(asdict(found))
        response.headers["Cache-Control"] = f"public, max-age={int(FRESH.total_seconds() / 2)}"
        return response


def _read() -> VisitTotals:
    store = current_store()
    with store.read(store.site.default_locale) as reader:
        return queries.visit_totals(reader, store.today())
