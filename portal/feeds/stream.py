"""What a feed is about and what it holds, before it takes the form of one format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from urllib.parse import urlsplit

from portal.content import queries
from portal.content.reader import Reader
from portal.content.values import Article
from portal.content.values import CollectionKind
from portal.errors import NoSuchPage
from portal.site import PLACES
from portal.site import Site

_LISTS: tuple[CollectionKind, ...] = ("tag", "topic", "author")


@dataclass(frozen=True, slots=True)
class Stream:
    """The newest articles of a place of the site, ready to be written down.

    `home` is the page the feed belongs to, a site-relative path that ends with a slash; a format
    appends its own file name to it. `updated` is aware.
    """

    site: Site
    locale: str
    title: str
    description: str
    home: str
    articles: tuple[Article, ...]
    updated: datetime

    def absolute(self, path: str) -> str:
        """The public address of a site-relative path."""
        return self.site.base_url + path

    def identify(self, *parts: str) -> str:
        """A name that stays the same when addresses and headlines change (RFC 4151)."""
        host = urlsplit(self.site.base_url).hostname or ""
        return f"tag:{host},2026:{'/'.join((self.site.key, *parts))}"


def read_stream(reader: Reader, site: Site, place: str) -> Stream:
    """The newest articles at `place`: nothing for the site, a section, or a list's path.

    A list is of a tag, a topic or an author; an empty one has neither page nor feed.

    `place` has neither locale prefix nor slashes around it: `tin-tuc/cai-cach`, `tu-khoa/mot-cua`.
    Raises `NoSuchPage` where there is no such place.
    """
    ids, name, description, home = _find_place(reader, site, place)
    found = (queries.find_article(reader, number) for number in ids)
    articles = tuple(item for item in found if isinstance(item, Article))
    own = site.text(site.name, reader.locale)
    moments = [max(item.updated or item.published.at, item.published.at) for item in articles]
    midnight = reader.now.replace(hour=0, minute=0, second=0, microsecond=0)
    if not moments:
        reader.reads.clip(midnight + timedelta(days=1))
    return Stream(
        site,
        reader.locale,
        f"{name} – {own}" if name else own,
        description or site.text(site.motto, reader.locale) or own,
        home,
        articles,
        # An empty feed has no time of its own; a day keeps its bytes the same for a while.
        max(moments, default=midnight),
    )


def _find_place(reader: Reader, site: Site, place: str) -> tuple[tuple[int, ...], str, str, str]:
    """Which articles, and name, description and page of what they have in common."""
    most = site.feeds.items
    if not place:
        ids = queries.select_articles(reader, queries.Selection(), most)
        return ids, "", "", queries.home_path(reader)
    first, _, slug = place.partition("/")
    kind = next((kind for kind in _LISTS if PLACES[kind][reader.locale] == first), None)
    if kind is not None:
        listed = queries.find_collection(reader, kind, slug)
        if listed is not None:
            ids = queries.list_collection(reader, kind, slug, 1, most).ids
            return ids, listed.name, "", listed.path
    else:
        section = queries.find_section(reader, place)
        if section is not None:
            ids = queries.select_articles(reader, queries.Selection(section=section.key), most)
            return ids, section.name, section.description, section.path
    raise NoSuchPage(f"there is no section, tag, topic or author at {place!r}")
