"""What an article says of itself to machines: OpenGraph, Dublin Core, schema.org.

The elements every page has come from `BlockContext.describe_page`; this module adds those only an
article has. A day-only publication time stays a date everywhere: no machine gets a time of day
that nobody knows. Dublin Core follows Circular 24/2011/TT-BTTTT Arts. 4-6 (values separated by
`;`), JSON-LD the vocabulary of schema.org.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from portal.block import Head
from portal.block import Site
from portal.block import excerpt
from portal.content.values import Article
from portal.content.values import Author
from portal.content.values import Image
from portal.content.values import Moment
from portal.content.values import Source

DESCRIPTION_LENGTH = 160

JsonObject = dict[str, object]


def describe(article: Article) -> str:
    """A description of at most 160 characters: the lead, else the start of the body."""
    return excerpt(article.lead or article.body_text, DESCRIPTION_LENGTH)


def add_article_metadata(head: Head, article: Article, site: Site) -> None:
    """Add the elements that belong to a dated, signed article."""
    published = machine_moment(article.published)
    head.property("article:published_time", published)
    if article.updated:
        head.property("article:modified_time", machine_time(article.updated, site.time_zone))
    if article.expires:
        head.property("article:expiration_time", machine_time(article.expires, site.time_zone))
    if article.section:
        head.property("article:section", article.section.name)
    for term in article.tags:
        head.property("article:tag", term.name)
    organisation = site.text(site.organisation, article.locale)
    head.meta("DC.creator", "; ".join(_names(article, "author")) or organisation)
    head.meta("DC.contributor", "; ".join(_names(article, "photo", "translation")))
    head.meta("DC.date", published)
    head.meta("DC.subject", "; ".join(term.name for term in article.tags))
    head.meta("DC.source", _source_text(article.source))


def news_article(
    article: Article, site: Site, description: str, logo: str | None = None
) -> JsonObject:
    """The article as a schema.org `NewsArticle`; what is not known is left out.

    `logo` is the public address of the site's emblem.
    """
    zone = site.time_zone
    authors = [_agent(author) for author in article.authors if author.role == "author"]
    publisher = _publisher(site, article.locale, logo)
    return _without_gaps(
        {
            **_creative_work("NewsArticle", article, site, description),
            "headline": article.headline,
            "datePublished": machine_moment(article.published),
            "author": authors or [{"@type": publisher["@type"], "name": publisher["name"]}],
            "contributor": [_agent(item) for item in article.authors if item.role == "photo"],
            "translator": [_agent(item) for item in article.authors if item.role == "translation"],
            "publisher": publisher,
            "articleSection": article.section.name if article.section else None,
            "keywords": [term.name for term in article.tags],
            "isBasedOn": _source(article.source),
            "correction": [
                {
                    "@type": "CorrectionComment",
                    "text": item.note,
                    "datePublished": machine_time(item.at, zone),
                }
                for item in article.corrections
            ],
            "expires": machine_time(article.expires, zone) if article.expires else None,
        }
    )


def web_page(article: Article, site: Site, description: str, logo: str | None = None) -> JsonObject:
    """A static page as a schema.org `WebPage`: neither byline nor date of publication."""
    return _without_gaps(
        {
            **_creative_work("WebPage", article, site, description),
            "name": article.headline,
            "publisher": _publisher(site, article.locale, logo),
        }
    )


def serialise(document: Mapping[str, object]) -> str:
    """JSON that may stand within `<script>`: no `<`, `>` or `&` can end the element."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def machine_moment(moment: Moment) -> str:
    """ISO 8601 in the zone of the moment: `2022-04-19`, or with time and offset if known."""
    local = moment.at.astimezone(ZoneInfo(moment.time_zone))
    if moment.precision == "day":
        return local.date().isoformat()
    return local.isoformat(timespec="seconds")


def machine_time(at: datetime, time_zone: str) -> str:
    """ISO 8601 with the offset of the site's zone."""
    return at.astimezone(ZoneInfo(time_zone)).isoformat(timespec="seconds")


def _creative_work(kind: str, article: Article, site: Site, description: str) -> JsonObject:
    address = site.base_url + article.path
    updated = article.updated
    return {
        "@context": "https://schema.org",
        "@type": kind,
        "url": address,
        "mainEntityOfPage": address,
        "description": description,
        "inLanguage": article.locale,
        "image": _image(article.hero, site) if article.hero else None,
        "dateModified": machine_time(updated, site.time_zone) if updated else None,
    }


def _publisher(site: Site, locale: str, logo: str | None) -> JsonObject:
    contact = site.contact
    return _without_gaps(
        {
            "@type": "GovernmentOrganization",
            "name": site.text(site.organisation, locale),
            "url": site.base_url + "/",
            "logo": logo,
            "address": site.text(contact.address, locale),
            "telephone": contact.phone,
            "email": contact.email,
        }
    )


def _image(image: Image, site: Site) -> JsonObject | None:
    if not image.files():
        return None
    widest = max(image.files(), key=lambda item: (item.format in {"jpeg", "png"}, item.width))
    return _without_gaps(
        {
            "@type": "ImageObject",
            "url": site.base_url + widest.src,
            "width": widest.width,
            "height": widest.height,
            "caption": image.caption or image.alt,
            "creditText": image.credit,
        }
    )


def _agent(author: Author) -> JsonObject:
    kind = "Person" if author.kind == "person" else "GovernmentOrganization"
    return {"@type": kind, "name": author.name}


def _source(source: Source | None) -> JsonObject | None:
    if source is None:
        return None
    return _without_gaps({"@type": "CreativeWork", "name": source.name, "url": source.url})


def _source_text(source: Source | None) -> str:
    if source is None:
        return ""
    return "; ".join(part for part in (source.name, source.url) if part)


def _names(article: Article, *roles: str) -> list[str]:
    return [author.name for author in article.authors if author.role in roles]


def _without_gaps(document: JsonObject) -> JsonObject:
    return {name: value for name, value in document.items() if value not in (None, "", [])}
