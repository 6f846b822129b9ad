"""Judges the outages of `site.yaml`: their texts, the order of their times, the time of notice."""

from __future__ import annotations

from portal.layouts.checking import Checker
from portal.layouts.tree import MappingNode
from portal.layouts.tree import Node
from portal.layouts.tree import SequenceNode
from portal.layouts.tree import display
from portal.site import LEAD_WORKING_DAYS
from portal.site import Outage
from portal.site import Site

_TIMES = ("announced", "starts", "recovery", "ends")
_LAW = "Decree 224/2026/NĐ-CP Art. 13.1a"


def check_outages(node: Node | None, site: Site, checker: Checker) -> None:
    """Note what is wrong with the list `node`, which `site.outages` was read from."""
    items = node.items if isinstance(node, SequenceNode) else ()
    seen: dict[str, int] = {}
    for outage, item in zip(site.outages, items, strict=True):
        if not isinstance(item, MappingNode):
            continue
        for name in ("title", "text"):
            if name in item.entries:
                checker.text(item.entries[name], site.locales, site.default_locale, f"{name!r}")
        first = seen.setdefault(outage.key, item.origin.line)
        if first != item.origin.line:
            checker.findings.add(
                "bad-value",
                item.entries["key"].origin,
                f"outage {outage.key!r} is declared twice (first in line {first})",
                value=outage.key,
                hint="give each outage a key of its own",
            )
        _check_order(outage, item, site, checker)
        if outage.kind == "planned":
            _check_lead(outage, item, site, checker)


def _check_order(outage: Outage, item: MappingNode, site: Site, checker: Checker) -> None:
    """Each time that is given lies behind the one before it."""
    before, at = "", None
    for name in _TIMES:
        written = getattr(outage, name)
        if written is None:
            continue
        moment = site.moment(written)
        if at is not None and moment < at:
            checker.findings.add(
                "outage-times",
                item.entries[name].origin,
                f"{name!r} lies before {before!r}",
                value=display(item.entries[name]),
                hint="the order is announced, starts, recovery, ends",
            )
        before, at = name, moment


def _check_lead(outage: Outage, item: MappingNode, site: Site, checker: Checker) -> None:
    """Warn of planned work that readers hear of too late; it is shown all the same."""
    if outage.announced is None:
        checker.findings.add(
            "outage-lead",
            item.origin,
            f"planned outage {outage.key!r} does not say when it is announced; {_LAW} asks for"
            f" {LEAD_WORKING_DAYS} working days before the stop",
            hint="add announced: 2026-12-01T08:00",
            severity="warning",
        )
        return
    days = site.working_days(outage.announced, outage.starts)
    if days < LEAD_WORKING_DAYS:
        checker.findings.add(
            "outage-lead",
            item.entries["announced"].origin,
            f"planned outage {outage.key!r} is announced {days} whole working days before it"
            f" starts; {_LAW} asks for {LEAD_WORKING_DAYS}",
            value=display(item.entries["announced"]),
            hint="announce it earlier or start later; days off are weekends and 'holidays'",
            severity="warning",
        )
