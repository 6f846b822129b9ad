"""Suggestions as JSON: what the field's list asks for while one types."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING
from typing import Any

from flask import Response
from flask import current_app
from flask import jsonify
from flask import request

from portal.content import queries

if TYPE_CHECKING:
    from portal.block import Block

MOST_SUGGESTIONS = 8


def add_routes(block: Block[Any]) -> None:
    """Give the block its route, `/-/blocks/search_box/suggestions?q=…&locale=…`."""

    @block.get("/suggestions")
    def suggestions() -> Response:
        portal = current_app.extensions["portal"]
        site = portal.folder.site
        locale = request.args.get("locale", "")
        if locale not in site.locales:
            locale = site.default_locale
        with portal.read(locale) as reader:
            found = queries.suggest_searches(reader, request.args.get("q", ""), MOST_SUGGESTIONS)
        answer = jsonify(suggestions=[asdict(item) for item in found])
        answer.headers["Cache-Control"] = "public, max-age=60"
        return answer
