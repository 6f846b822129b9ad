"""Pictures of campaigns and services, each with its words, its time and its weight; none moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from typing import Literal

from pydantic import Field

from portal.block import Address
from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import LocalTime
from portal.block import Settings
from portal.block import SitePicture
from portal.block import Words


class Banner(Settings):
    """A picture of a campaign."""

    image: str
    """File in the site's `media/` folder."""
    images: dict[str, str] = {}
    """Other files by language, where the picture shows words; `image` is for all others."""
    alt: Words
    """Every word that the picture shows, by language."""
    url: Address | None = None
    """Where it leads; none makes a picture without link."""
    starts: LocalTime | None = None
    """When it appears; none shows it at once."""
    ends: LocalTime | None = None
    """When it disappears; none keeps it."""
    weight: Annotated[int, Field(ge=1, le=100)] = 10
    """Heavier ones stand first; of equal weight the one written first."""


class BannersSettings(Settings):
    """Which banners are shown, and how."""

    title: dict[str, str] = {}
    """Heading by language; empty uses “Tuyên truyền”."""
    show_title: bool = False
    """Show the heading; hidden it still names the block for screen readers."""
    items: tuple[Banner, ...] = ()
    """The banners: `image`, `images`, `alt`, `url`, `starts`, `ends`, `weight`."""
    limit: Annotated[int, Field(ge=1, le=12)] = 3
    """Most banners shown at a time."""
    style: Literal["stack", "row"] = "stack"
    """One below another, or as many side by side as fit."""


@dataclass(frozen=True, slots=True)
class ShownBanner:
    """A banner as it is shown; without a picture its words stand in its place."""

    alt: str
    url: str | None
    picture: SitePicture | None


block = Block(
    "banners",
    __name__,
    settings=BannersSettings,
    cache=CachePolicy(fresh="1d", stale="5m"),
    aliases=("Block_QuangCao", "VAdv"),
)

Context = BlockContext[BannersSettings]


@block.render
def render(ctx: Context) -> dict[str, object] | None:
    """The heaviest banners of those whose time it is; nothing where there are none."""
    settings, site = ctx.settings, ctx.site
    current = [item for item in settings.items if _in_force(ctx, item)]
    current.sort(key=lambda item: -item.weight)
    if not current:
        return None
    return {
        "heading_text": site.text(settings.title, ctx.locale) or ctx.text("title"),
        "banners": [
            ShownBanner(
                site.text(item.alt, ctx.locale),
                item.url,
                ctx.site_picture(item.images.get(ctx.locale, item.image)),
            )
            for item in current[: settings.limit]
        ],
    }


def _in_force(ctx: Context, item: Banner) -> bool:
    """Whether its time has come and is not over; both change the block at that second."""
    if item.starts is not None and not ctx.clock.has_passed(item.starts):
        return False
    return item.ends is None or not ctx.clock.has_passed(item.ends)
