"""What content queries return: frozen values, safe to cache, to share between threads and to print.

Times are timezone-aware UTC. `path` is a site-relative URL path, ready for an `href`.
All text is NFC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Precision = Literal["day", "minute"]
ArticleKind = Literal["article", "page"]
CorrectionKind = Literal["fix", "update", "correction"]
RelatedReason = Literal["pinned", "topic", "tags", "text", "section", "latest"]


@dataclass(frozen=True, slots=True)
class Html:
    """Sanitised HTML from the store. Only `portal.content` makes one; templates print it as is."""

    source: str

    def __html__(self) -> str:
        return self.source


@dataclass(frozen=True, slots=True)
class Moment:
    """A publication time as precisely as it is known; a day-only moment never shows a time."""

    at: datetime
    precision: Precision
    time_zone: str


@dataclass(frozen=True, slots=True)
class Rendition:
    """One stored file of a picture. `format` is `avif`, `webp`, `jpeg` or `png`."""

    src: str
    width: int
    height: int
    format: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture with its text alternative. `alt` is empty only when `decorative` is true."""

    id: int
    alt: str
    decorative: bool
    caption: str
    credit: str
    width: int
    height: int
    renditions: tuple[Rendition, ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to download. `size` is in bytes; `pages` only where the format has pages."""

    id: int
    title: str
    file_name: str
    media_type: str
    size: int
    pages: int | None
    src: str


@dataclass(frozen=True, slots=True)
class Author:
    """A byline: a person or a unit, with the part they had (`author`, `photo`, `translation`)."""

    name: str
    kind: Literal["person", "unit"] = "person"
    role: Literal["author", "photo", "translation"] = "author"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a republished article came from."""

    name: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A tag or a topic: its stable slug and its name in the reader's language."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Correction:
    """A public change note of an article."""

    at: datetime
    kind: CorrectionKind
    note: str


@dataclass(frozen=True, slots=True)
class SectionReference:
    """A section as far as a link needs it. `key` is its slug path: `tin-tuc/cai-cach`."""

    id: int
    key: str
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Section:
    """A node of the section tree; `ancestors` lead down to it, root first, without itself."""

    id: int
    key: str
    name: str
    description: str
    path: str
    position: int
    parent_id: int | None
    ancestors: tuple[SectionReference, ...]

    @property
    def reference(self) -> SectionReference:
        """This section as a link target."""
        return SectionReference(self.id, self.key, self.name, self.path)


@dataclass(frozen=True, slots=True)
class Translation:
    """The same content in another language."""

    locale: str
    path: str
    headline: str


@dataclass(frozen=True, slots=True)
class HtmlPart:
    """A run of body HTML."""

    html: Html


@dataclass(frozen=True, slots=True)
class FigurePart:
    """A picture standing in the body; `image` is none where only its caption is known."""

    image: Image | None
    caption: str
    credit: str


BodyPart = HtmlPart | FigurePart


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """An article as lists and cards show it."""

    id: int
    kind: ArticleKind
    locale: str
    headline: str
    lead: str
    path: str
    published: Moment
    section: SectionReference | None
    image: Image | None


@dataclass(frozen=True, slots=True)
class Article:
    """An article or static page with everything a reader may see of it."""

    id: int
    kind: ArticleKind
    locale: str
    headline: str
    lead: str
    body: tuple[BodyPart, ...]
    body_text: str
    path: str
    published: Moment
    updated: datetime | None
    expires: datetime | None
    section: Section | None
    hero: Image | None
    authors: tuple[Author, ...]
    source: Source | None
    tags: tuple[Term, ...]
    topic: Term | None
    attachments: tuple[Attachment, ...]
    corrections: tuple[Correction, ...]
    translations: tuple[Translation, ...]
    end_mark: bool
    legacy_url: str | None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An article taken back: why, and what replaces it."""

    id: int
    locale: str
    headline: str
    reason: str
    successor: ArticleSummary | None


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a paged list: the ids on it, the number of pages and of articles in all."""

    ids: tuple[int, ...]
    number: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that a list may show, and why."""

    id: int
    reason: RelatedReason


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where an old address leads; code 410 says that its content is gone and has no target."""

    target: str
    code: int
