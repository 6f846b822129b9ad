"""What a page is about, and which of its values a block may declare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from portal.content.values import Album
from portal.content.values import Article
from portal.content.values import ArticleSummary
from portal.content.values import Collection
from portal.content.values import CollectionKind
from portal.content.values import SearchQuery
from portal.content.values import Section
from portal.content.values import Translation
from portal.content.values import Video


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a page is an error page: its status, and for 410 the reason and what replaces it."""

    status: Literal[404, 410, 503]
    headline: str = ""
    reason: str = ""
    successor: ArticleSummary | None = None


@dataclass(frozen=True, slots=True)
class ListKey:
    """Which list of articles a page pages through; known from the address alone."""

    kind: CollectionKind
    key: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What a page is about, as identities; the values behind them are read when first used."""

    page_type: str
    path: str
    article_id: int | None = None
    section_key: str | None = None
    page_number: int = 1
    failure: Failure | None = None
    search: SearchQuery | None = None
    listing: ListKey | None = None
    item: str | None = None
    """Slug of the album or film that the page shows."""

    @property
    def listed(self) -> ListKey | None:
        """The list of the page; a section's page is the list of its section."""
        if self.listing is None and self.page_type == "section" and self.section_key is not None:
            return ListKey("section", self.section_key)
        return self.listing

    def identity(self, need: str) -> str:
        """What stands in a cache key for one declared value of the page.

        All of it follows from the address, so that keys are known before anything is read. An
        article is named by its canonical path: what leads there from another path is a redirect.
        """
        if need == "article":
            return self.path
        if need == "section":
            return str(self.section_key)
        if need == "page_number":
            return str(self.page_number)
        if need == "collection":
            return repr(self.listed)
        if need in ("album", "video"):
            return str(self.item)
        if need == "place":
            return self.page_type
        if need == "search":
            return repr(self.search)
        if need == "failure":
            return repr(self.failure)
        looked_for = f" {self.search!r}" if self.search is not None else ""
        return f"{self.page_type} {self.path}{looked_for}"


SUBJECT_TYPES: Mapping[str, object] = {
    "article": Article,
    "section": Section,
    "page_number": int,
    "collection": Collection,
    "album": Album,
    "video": Video,
    "place": str,
    "failure": Failure,
    "search": SearchQuery,
    "translations": tuple[Translation, ...],
}
