"""Links to other sites in groups: as a list, as logos, or as a choice with a button."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from portal.block import Address
from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Settings
from portal.block import SitePicture
from portal.block import Words


class Link(Settings):
    """A link of a group."""

    title: Words
    """Words of the link by language: the name of what it leads to."""
    url: Address
    """Where it leads."""
    logo: str | None = None
    """File in the site's `media/` folder; shown in the style `logos`."""
    note: dict[str, str] = {}
    """A line below the link."""


class LinkGroup(Settings):
    """Links that belong together."""

    title: dict[str, str] = {}
    """Heading of the group by language; none leaves it without."""
    links: tuple[Link, ...] = ()
    """The links: `title`, `url`, `logo`, `note`."""


class LinksSettings(Settings):
    """Which links are shown, and how."""

    title: dict[str, str] = {}
    """Heading by language; empty uses “Liên kết”."""
    groups: tuple[LinkGroup, ...] = ()
    """Groups of links: `title`, `links`."""
    style: Literal["list", "logos", "select"] = "list"
    """Lists of words, logos with names, or one choice per group with a button to go."""
    hide_title: bool = False
    """Hide the heading; it still names the block for screen readers."""


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A link as it is shown. `elsewhere` tells that it leaves the site."""

    title: str
    url: str
    note: str
    elsewhere: bool
    logo: SitePicture | None


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group as it is shown."""

    title: str
    links: tuple[ShownLink, ...]


block = Block(
    "links",
    __name__,
    settings=LinksSettings,
    cache=CachePolicy(fresh="1d", stale="7d"),
    aliases=("Block_LienKet", "WebLink"),
)

Context = BlockContext[LinksSettings]


@block.render
def render(ctx: Context) -> dict[str, object] | None:
    """The groups that have links; nothing where none has."""
    settings, site = ctx.settings, ctx.site
    groups = [
        ShownGroup(
            site.text(group.title, ctx.locale), tuple(_shown(ctx, link) for link in group.links)
        )
        for group in settings.groups
        if group.links
    ]
    if not groups:
        return None
    return {
        "heading_text": site.text(settings.title, ctx.locale) or ctx.text("title"),
        "groups": groups,
    }


def _shown(ctx: Context, link: Link) -> ShownLink:
    site, locale = ctx.site, ctx.locale
    return ShownLink(
        title=site.text(link.title, locale),
        url=link.url,
        note=site.text(link.note, locale),
        elsewhere=link.url.startswith("http") and not link.url.startswith(site.base_url + "/"),
        logo=ctx.site_picture(link.logo) if link.logo and ctx.settings.style == "logos" else None,
    )
