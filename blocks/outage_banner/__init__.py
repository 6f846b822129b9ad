"""Announced stops of the site's services: what, from when, and when all works again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Outage
from portal.block import Settings

Kind = Literal["emergency", "unplanned", "planned"]
KINDS: tuple[Kind, ...] = ("emergency", "unplanned", "planned")


class OutageBannerSettings(Settings):
    """Which of the site's outages are shown here."""

    kinds: tuple[Kind, ...] = KINDS
    """Kinds that are shown; the others are left to another place."""
    dismissible: bool = True
    """Let readers put a notice away on their device; one of an emergency always stays."""


@dataclass(frozen=True, slots=True)
class ShownOutage:
    """An outage in force. Moments are aware; `ongoing` tells that the stop has begun."""

    key: str
    kind: Kind
    title: str
    text: str
    starts: datetime
    recovery: datetime | None
    url: str | None
    ongoing: bool
    dismissible: bool


block = Block(
    "outage_banner",
    __name__,
    settings=OutageBannerSettings,
    # Its times end the fragment by themselves, and every change of `site.yaml` makes new ones.
    cache=CachePolicy(fresh="1d", stale="1m"),
    aliases=("Block_ThongBaoKhan",),
)

Context = BlockContext[OutageBannerSettings]


@block.render
def render(ctx: Context) -> dict[str, object] | None:
    """The outages that are announced and not over; it asks nothing of the database."""
    settings = ctx.settings
    shown = [
        _shown(ctx, outage)
        for outage in ctx.site.outages
        if outage.kind in settings.kinds and _in_force(ctx, outage)
    ]
    shown.sort(key=lambda outage: (KINDS.index(outage.kind), outage.starts))
    return {"outages": shown} if shown else None


def _in_force(ctx: Context, outage: Outage) -> bool:
    if outage.announced is not None and not ctx.clock.has_passed(outage.announced):
        return False
    ends = outage.ends or outage.recovery
    return ends is None or not ctx.clock.has_passed(ends)


def _shown(ctx: Context, outage: Outage) -> ShownOutage:
    site, locale = ctx.site, ctx.locale
    return ShownOutage(
        key=outage.key,
        kind=outage.kind,
        title=site.text(outage.title, locale),
        text=site.text(outage.text, locale),
        starts=site.moment(outage.starts),
        recovery=site.moment(outage.recovery) if outage.recovery else None,
        url=outage.url,
        ongoing=ctx.clock.has_passed(outage.starts),
        dismissible=ctx.settings.dismissible and outage.kind != "emergency",
    )
