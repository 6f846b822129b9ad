"""RSS 2.0 by the rules of the RSS Advisory Board's best practices profile."""

from __future__ import annotations

from xml.etree import ElementTree

from portal.content.values import Article
from portal.feeds.stream import Stream
from portal.feeds.wording import document
from portal.feeds.wording import element
from portal.feeds.wording import full_text
from portal.feeds.wording import rfc_822
from portal.feeds.wording import share_file

FILE = "feed.xml"
MEDIA_TYPE = "application/rss+xml; charset=utf-8"

_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"

for _prefix, _name in (("atom", _ATOM), ("content", _CONTENT), ("dc", _DUBLIN_CORE)):
    ElementTree.register_namespace(_prefix, _name)


def write_rss(stream: Stream) -> bytes:
    """The stream as RSS. A day-only publication time stands at noon: RSS knows no days."""
    root = ElementTree.Element("rss", version="2.0")
    channel = element(root, "channel")
    element(channel, "title", stream.title)
    element(channel, "link", stream.absolute(stream.home))
    element(channel, "description", stream.description)
    element(channel, "language", stream.locale)
    element(channel, "lastBuildDate", rfc_822(stream.updated))
    element(channel, "ttl", str(stream.site.feeds.ttl_minutes))
    element(channel, "generator", "provincial-portal")
    element(
        channel,
        f"{{{_ATOM}}}link",
        rel="self",
        href=stream.absolute(stream.home + FILE),
        type="application/rss+xml",
    )
    for article in stream.articles:
        _add_item(channel, stream, article)
    return document(root)


def _add_item(channel: ElementTree.Element, stream: Stream, article: Article) -> None:
    item = element(channel, "item")
    element(item, "title", article.headline)
    element(item, "link", stream.absolute(article.path))
    element(item, "guid", stream.identify("article", str(article.id)), isPermaLink="false")
    element(item, "pubDate", rfc_822(article.published.at))
    for author in article.authors:
        if author.role == "author":
            element(item, f"{{{_DUBLIN_CORE}}}creator", author.name)
    if article.section is not None:
        element(item, "category", article.section.name)
    for term in article.tags:
        element(item, "category", term.name)
    element(item, "description", article.lead or article.headline)
    if stream.site.feeds.text == "full":
        element(item, f"{{{_CONTENT}}}encoded", full_text(article, stream.site.base_url))
    file = share_file(article.hero) if article.hero else None
    if file is not None:
        element(
            item,
            "enclosure",
            url=stream.absolute(file.src),
            length=str(file.size),
            type=f"image/{file.format}",
        )
