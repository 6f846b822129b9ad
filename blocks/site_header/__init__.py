"""The site's emblem, full name and motto, as the law asks for them at the top of every page."""

from __future__ import annotations

import json

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Settings
from portal.content import queries


class SiteHeaderSettings(Settings):
    """What the header shows and whether it carries the page's title."""

    headline: bool = False
    """Show the site's name as the page's title (`h1`); for the home page."""
    show_motto: bool = True
    """Show the site's motto below its name."""


block = Block(
    "site_header",
    __name__,
    settings=SiteHeaderSettings,
    cache=CachePolicy(fresh="1d", stale="7d"),
    headline=lambda settings: settings.headline,
)


@block.render
def render(ctx: BlockContext[SiteHeaderSettings]) -> dict[str, object]:
    """Circular 32/2017/TT-BTTTT Art. 16.3a: emblem or logo, and the full Vietnamese name."""
    if ctx.settings.headline:
        site, locale = ctx.site, ctx.locale
        ctx.describe_page(
            title=site.text(site.name, locale),
            description=_describe(ctx),
            path=queries.home_path(ctx.reader),
            translations=queries.list_translations(ctx.reader, None, site.locales, 1),
        )
        ctx.head.json_ld("WebSite", _web_site(ctx))
    return {"home": queries.home_path(ctx.reader)}


def _describe(ctx: BlockContext[SiteHeaderSettings]) -> str:
    site, locale = ctx.site, ctx.locale
    parts = (site.text(site.organisation, locale), site.text(site.motto, locale))
    return ". ".join(part for part in parts if part)


def _web_site(ctx: BlockContext[SiteHeaderSettings]) -> str:
    """The site, who publishes it and how it is searched, in the vocabulary of schema.org."""
    site, locale = ctx.site, ctx.locale
    search = f"{ctx.absolute(site.search_path(locale))}?q={{search_term_string}}"
    document = {
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": site.text(site.name, locale),
        "url": ctx.absolute(queries.home_path(ctx.reader)),
        "inLanguage": locale,
        "publisher": _organisation(ctx),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": search},
            "query-input": "required name=search_term_string",
        },
    }
    return json.dumps(document, ensure_ascii=False)


def _organisation(ctx: BlockContext[SiteHeaderSettings]) -> dict[str, object]:
    site, locale = ctx.site, ctx.locale
    organisation: dict[str, object] = {
        "@type": "GovernmentOrganization",
        "name": site.text(site.organisation, locale),
        "url": ctx.absolute(queries.home_path(ctx.reader)),
        "telephone": site.contact.phone,
        "email": site.contact.email,
        "address": site.text(site.contact.address, locale),
    }
    if site.emblem:
        organisation["logo"] = ctx.site_file(site.emblem)
    return organisation
