"""The builders' pages: which layouts there are, what each results in, why a page is as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from flask import abort
from flask import request

from portal.layouts.explain import effective
from portal.layouts.explain import render
from portal.web.operating.board import LONGEST_VALUE
from portal.web.operating.board import explained
from portal.web.operating.gate import Gate

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse


def make_studio(gate: Gate) -> Blueprint:
    """The blueprint of these pages; they only show."""
    services = gate.services
    studio = gate.make_blueprint("studio", "/-/studio", roles=("operator", "builder"))

    @studio.get("/")
    def index() -> AnyResponse:
        path = request.args.get("path", "")[:LONGEST_VALUE]
        report, reason = explained(services, path)
        return gate.render(
            "operating_studio",
            gate.visitor(),
            layouts=[services.folder.layouts[name] for name in sorted(services.folder.layouts)],
            warnings=services.folder.warnings,
            gallery=services.shows_gallery,
            path=path,
            report=report,
            problem=gate.text(reason) if reason else "",
        )

    @studio.get("/layouts/<name>")
    def layout(name: str) -> AnyResponse:
        if name not in services.folder.layouts:
            abort(404)
        text = render(effective(services.folder, name))
        return gate.render("operating_layout", gate.visitor(), name=name, text=text)

    return studio
