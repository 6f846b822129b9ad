"""The way from the home page down to the page being read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Settings
from portal.content import queries
from portal.content.values import Article
from portal.content.values import Section


class BreadcrumbSettings(Settings):
    """How far down the path goes."""

    show_current: bool = True
    """End with the page itself, which is not a link."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way; the last one is the page itself."""

    name: str
    path: str


block = Block(
    "breadcrumb",
    __name__,
    settings=BreadcrumbSettings,
    accepts={"section": Section, "article": Article},
    cache=CachePolicy(fresh="1d", stale="7d"),
)


@block.render
def render(ctx: BlockContext[BreadcrumbSettings]) -> dict[str, object] | None:
    """Home, the sections from the root, the page; nothing on the home page itself."""
    section, article = ctx.optional_section, ctx.optional_article
    home = Step(ctx.text("home"), queries.home_path(ctx.reader))
    steps = [home]
    if section is not None:
        steps += [Step(item.name, item.path) for item in (*section.ancestors, section.reference)]
    if article is not None:
        steps.append(Step(article.headline, article.path))
    if len(steps) == 1:
        return None
    ctx.head.json_ld("BreadcrumbList", _structured(ctx, steps))
    return {"links": steps[:-1], "current": steps[-1] if ctx.settings.show_current else None}


def _structured(ctx: BlockContext[BreadcrumbSettings], steps: Sequence[Step]) -> str:
    """The steps as schema.org's BreadcrumbList, with absolute addresses."""
    return json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "BreadcrumbList",
            "itemListElement": [
                {
                    "@type": "ListItem",
                    "position": position,
                    "name": step.name,
                    "item": ctx.absolute(step.path),
                }
                for position, step in enumerate(steps, start=1)
            ],
        },
        ensure_ascii=False,
    )
