"""Atom (RFC 4287)."""

from __future__ import annotations

from xml.etree import ElementTree

from markupsafe import escape

from portal.content.values import Article
from portal.feeds.stream import Stream
from portal.feeds.wording import document
from portal.feeds.wording import element
from portal.feeds.wording import full_text
from portal.feeds.wording import rfc_3339
from portal.feeds.wording import share_file

FILE = "feed.atom"
MEDIA_TYPE = "application/atom+xml; charset=utf-8"

_NAMESPACE = "http://www.w3.org/2005/Atom"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def write_atom(stream: Stream) -> bytes:
    """The stream as Atom."""
    # Plain names under one default namespace: ElementTree would give each a prefix.
    root = ElementTree.Element("feed", {"xmlns": _NAMESPACE, _LANGUAGE: stream.locale})
    zone = stream.site.time_zone
    element(root, "id", stream.identify("feed", stream.home.strip("/") or "home"))
    element(root, "title", stream.title)
    element(root, "subtitle", stream.description)
    element(root, "updated", rfc_3339(stream.updated, zone))
    _link(root, "self", stream.absolute(stream.home + FILE), "application/atom+xml")
    _link(root, "alternate", stream.absolute(stream.home), "text/html", stream.locale)
    author = element(root, "author")
    element(author, "name", stream.site.text(stream.site.organisation, stream.locale))
    element(author, "uri", stream.absolute("/"))
    element(root, "generator", "provincial-portal")
    for article in stream.articles:
        _add_entry(root, stream, article)
    return document(root)


def _link(
    parent: ElementTree.Element, rel: str, href: str, media_type: str, language: str = ""
) -> None:
    element(parent, "link", rel=rel, href=href, type=media_type, hreflang=language)


def _add_entry(root: ElementTree.Element, stream: Stream, article: Article) -> None:
    zone = article.published.time_zone
    entry = element(root, "entry")
    element(entry, "id", stream.identify("article", str(article.id)))
    element(entry, "title", article.headline)
    _link(entry, "alternate", stream.absolute(article.path), "text/html", article.locale)
    published = article.published.at
    element(entry, "published", rfc_3339(published, zone))
    element(entry, "updated", rfc_3339(max(article.updated or published, published), zone))
    for author in article.authors:
        person = element(entry, "author" if author.role == "author" else "contributor")
        element(person, "name", author.name)
    for name in _categories(article):
        element(entry, "category", term=name)
    if article.lead:
        element(entry, "summary", article.lead, type="text")
    if stream.site.feeds.text == "full" or not article.lead:
        text = full_text(article, stream.site.base_url) or str(escape(article.headline))
        element(entry, "content", text, type="html")
    file = share_file(article.hero) if article.hero else None
    if file is not None:
        element(
            entry,
            "link",
            rel="enclosure",
            href=stream.absolute(file.src),
            type=f"image/{file.format}",
            length=str(file.size),
        )


def _categories(article: Article) -> list[str]:
    section = [article.section.name] if article.section else []
    return list(dict.fromkeys([*section, *(term.name for term in article.tags)]))
