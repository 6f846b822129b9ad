"""Who runs the site and how to reach them, as the law asks for it at the foot of every page."""

from __future__ import annotations

from typing import Literal

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Settings
from portal.content import queries

Place = Literal["sitemap", "accessibility", "archive", "gallery", "video", "offline"]


# The accessibility statement lists these to readers.
ACCESS_KEYS = {"accessibility": "0", "sitemap": "3"}


class SiteFooterSettings(Settings):
    """What the footer adds to the fields the law names."""

    show_note: bool = True
    """Close with the site's footer note."""
    places: tuple[Place, ...] = ("sitemap", "accessibility", "archive", "gallery", "video")
    """Pages of the system that are linked, in this order."""


block = Block(
    "site_footer",
    __name__,
    settings=SiteFooterSettings,
    cache=CachePolicy(fresh="1d", stale="7d"),
)


@block.render
def render(ctx: BlockContext[SiteFooterSettings]) -> dict[str, object]:
    """Circular 32/2017/TT-BTTTT Art. 16.3c: unit, responsible person, address, phone, e-mail."""
    site = ctx.site
    dialled = "".join(sign for sign in site.contact.phone if sign.isdigit() or sign == "+")
    return {
        "contact": site.contact,
        "dialled": dialled,
        "places": [
            (
                ctx.text(f"place_{place}"),
                queries.place_path(ctx.reader, place),
                ACCESS_KEYS.get(place, ""),
            )
            for place in ctx.settings.places
        ],
        "note": site.text(site.footer_note, ctx.locale) if ctx.settings.show_note else "",
    }
