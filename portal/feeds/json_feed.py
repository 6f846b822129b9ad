"""JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json

from portal.content.values import Article
from portal.feeds.stream import Stream
from portal.feeds.wording import full_text
from portal.feeds.wording import rfc_3339
from portal.feeds.wording import share_file

FILE = "feed.json"
MEDIA_TYPE = "application/feed+json"


def write_json_feed(stream: Stream) -> bytes:
    """The stream as JSON Feed."""
    site = stream.site
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": stream.title,
        "home_page_url": stream.absolute(stream.home),
        "feed_url": stream.absolute(stream.home + FILE),
        "description": stream.description,
        "language": stream.locale,
        "authors": [
            {
                "name": site.text(site.organisation, stream.locale),
                "url": stream.absolute("/"),
            }
        ],
        "items": [_item(stream, article) for article in stream.articles],
    }
    return json.dumps(feed, ensure_ascii=False, separators=(",", ":")).encode()


def _item(stream: Stream, article: Article) -> dict[str, object]:
    zone = article.published.time_zone
    item: dict[str, object] = {
        "id": stream.identify("article", str(article.id)),
        "url": stream.absolute(article.path),
        "title": article.headline,
        "date_published": rfc_3339(article.published.at, zone),
        "language": article.locale,
    }
    if article.lead:
        item["summary"] = article.lead
    # An item needs a content in one of its two forms.
    if stream.site.feeds.text == "full":
        item["content_html"] = full_text(article, stream.site.base_url)
    else:
        item["content_text"] = article.lead or article.headline
    if article.updated is not None:
        item["date_modified"] = rfc_3339(article.updated, zone)
    authors = [{"name": author.name} for author in article.authors if author.role == "author"]
    if authors:
        item["authors"] = authors
    if article.tags:
        item["tags"] = [term.name for term in article.tags]
    file = share_file(article.hero) if article.hero else None
    if file is not None:
        item["image"] = stream.absolute(file.src)
    return item
