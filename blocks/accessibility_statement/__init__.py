"""How accessible the site is, its keyboard shortcuts, and whom to tell about a barrier."""

from __future__ import annotations

from datetime import date
from typing import Literal
from urllib.parse import quote

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Settings
from portal.content import queries
from portal.content.values import Translation


class AccessibilityStatementSettings(Settings):
    """What the publisher declares."""

    headline: bool = True
    """Show “Tuyên bố tiếp cận” as the page's title."""
    standard: str = "WCAG 2.2"
    """The standard the site is measured by."""
    level: Literal["A", "AA", "AAA"] = "AA"
    """Its level."""
    status: Literal["full", "partial"] = "partial"
    """Whether everything conforms, or most of it."""
    limits: dict[str, tuple[str, ...]] = {}
    """Known barriers by language, one sentence each."""
    reviewed: date | None = None
    """Day of the last review."""
    method: Literal["self", "outside"] = "self"
    """Who reviewed: the publisher or somebody else."""
    answer_days: int = 10
    """Working days within which a report is answered."""


block = Block(
    "accessibility_statement",
    __name__,
    settings=AccessibilityStatementSettings,
    needs={"translations": tuple[Translation, ...]},
    cache=CachePolicy(fresh="1d", stale="7d"),
    headline=lambda settings: settings.headline,
)

KEYS = (("S", "skip"), ("0", "help"), ("1", "home"), ("3", "map"), ("4", "search"))


@block.render
def render(ctx: BlockContext[AccessibilityStatementSettings]) -> dict[str, object]:
    """After the model of Directive (EU) 2016/2102, and Circular 32/2017/TT-BTTTT Art. 18."""
    settings, site = ctx.settings, ctx.site
    name = site.text(site.name, ctx.locale)
    if settings.headline:
        ctx.describe_page(
            title=ctx.text("title"),
            description=ctx.text("description", site=name),
            path=queries.place_path(ctx.reader, "accessibility"),
            schema="WebPage",
        )
    subject = quote(ctx.text("subject", site=name))
    return {
        "name": name,
        "claim": ctx.text(
            f"status_{settings.status}", standard=f"{settings.standard} {settings.level}"
        ),
        "limits": settings.limits.get(ctx.locale, ()),
        "method": ctx.text(f"method_{settings.method}"),
        "reviewed": settings.reviewed,
        "features": [ctx.text(f"feature_{number}") for number in range(1, 6)],
        "keys": [(key, ctx.text(f"key_{what}")) for key, what in KEYS],
        "contact": site.contact,
        "dialled": "".join(sign for sign in site.contact.phone if sign.isdigit() or sign == "+"),
        "report": f"mailto:{site.contact.email}?subject={subject}",
    }
