"""The operators' page: health, what the cache holds, why a page is as it is, purge, audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from flask import abort
from flask import redirect
from flask import request

from portal.compose import PageReport
from portal.content import operators
from portal.errors import ContentUnavailable
from portal.site import is_safe_address
from portal.web.health import failing
from portal.web.operating.gate import Gate
from portal.web.operating.gate import Visitor
from portal.web.operating.purging import Purge
from portal.web.operating.purging import PurgeRefused
from portal.web.operating.purging import purge
from portal.web.operators import page_at

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from portal.web.services import Services

LONGEST_VALUE = 300
KINDS = ("url", "tag", "block", "all")


def add_board(ops: Blueprint, gate: Gate) -> None:
    """Add the page and what its forms send."""
    services = gate.services

    @ops.get("/")
    def board() -> AnyResponse:
        visitor = gate.visitor()
        if visitor is None:
            abort(401)
        ended = request.args.get("ended", "")
        message = gate.text("ended", number=int(ended[:6])) if ended.isdecimal() else ""
        return _show(gate, visitor, 200, message=message)

    @ops.post("/purge")
    def end_entries() -> AnyResponse:
        visitor = gate.visitor()
        if visitor is None:
            abort(401)
        kind, value = request.form.get("kind", ""), request.form.get("value", "").strip()
        try:
            tags = purge(services, _wanted(kind, value[:LONGEST_VALUE]), visitor.account.name)
        except PurgeRefused as problem:
            return _show(gate, visitor, 400, problem=str(problem))
        address = gate.address("/-/ops/")
        joined = "&" if "?" in address else "?"
        return redirect(f"{address}{joined}ended={len(tags)}", 303)


def _show(
    gate: Gate, visitor: Visitor, status: int, *, message: str = "", problem: str = ""
) -> AnyResponse:
    services = gate.services
    with services.read(gate.locale) as reader:
        entries = operators.recent(reader.session)
    path = request.args.get("path", "")[:LONGEST_VALUE]
    report, reason = explained(services, path)
    return gate.render(
        "operating_board",
        visitor,
        status,
        message=message,
        problem=problem or (gate.text(reason) if reason else ""),
        failing={**failing(services.watch.checks), **failing(services.watch.required)},
        statistics=sorted(services.composer.statistics().items()),
        entries=entries,
        kinds=KINDS,
        path=path,
        report=report,
    )


def explained(services: Services, path: str) -> tuple[PageReport | None, str]:
    """The report of a page, or the key of the text that says why there is none."""
    if not path:
        return None, ""
    # The report has a link there, which must not lead to a host behind two slashes.
    is_here = path.startswith("/") and is_safe_address(path)
    page = page_at(path, services.site) if is_here else None
    if page is None:
        return None, "no_page"
    try:
        return services.composer.explain(page), ""
    except ContentUnavailable:
        return None, "no_database"


def _wanted(kind: str, value: str) -> Purge:
    if kind == "all":
        return Purge(everything=True)
    values = (value,) if value else ()
    return Purge(
        tags=values if kind == "tag" else (),
        urls=values if kind == "url" else (),
        blocks=values if kind == "block" else (),
    )
