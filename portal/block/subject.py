"""What a page is about, and which of its values a block may declare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from portal.content.values import Article
from portal.content.values import ArticleSummary
from portal.content.values import Section
from portal.content.values import Translation


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a page is an error page: its status, and for 410 the reason and what replaces it."""

    status: Literal[404, 410, 503]
    headline: str = ""
    reason: str = ""
    successor: ArticleSummary | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a page is about, as identities; the values behind them are read when first used."""

    page_type: str
    path: str
    article_id: int | None = None
    section_key: str | None = None
    page_number: int = 1
    failure: Failure | None = None

    def identity(self, need: str) -> str:
        """What stands in a cache key for one declared value of the page."""
        if need == "article":
            return str(self.article_id)
        if need == "section":
            return str(self.section_key)
        if need == "page_number":
            return str(self.page_number)
        if need == "failure":
            return repr(self.failure)
        return f"{self.page_type} {self.path}"


SUBJECT_TYPES: Mapping[str, object] = {
    "article": Article,
    "section": Section,
    "page_number": int,
    "failure": Failure,
    "translations": tuple[Translation, ...],
}
