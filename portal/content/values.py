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
CollectionKind = Literal["section", "tag", "topic", "author", "archive"]
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
    """One stored file of a picture. `format` is `avif`, `webp`, `jpeg` or `png`.

    `size` is in bytes, 0 where it is not known. `crop` is `16:9` for a file that was cut to that
    shape around the picture's focal point, and empty for the whole picture.
    """

    src: str
    width: int
    height: int
    format: str
    size: int = 0
    crop: str = ""


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

    def files(self, crop: str = "") -> tuple[Rendition, ...]:
        """The files cut to `crop` where there are any, else those of the whole picture."""
        cut = tuple(item for item in self.renditions if item.crop == crop)
        return cut or tuple(item for item in self.renditions if not item.crop)


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


@dataclass(frozen=True, slots=True)
class Collection:
    """What a paged list of articles is a list of.

    `key` is a slug path (section), a slug (tag, topic, author), or an archive's period as `2026`,
    `2026-11`, `2026-11-24` or nothing for all. An archive has no `name`: its words are a matter of
    language.
    """

    kind: CollectionKind
    key: str
    name: str
    description: str
    path: str


@dataclass(frozen=True, slots=True)
class TermCount:
    """A tag or topic and how many articles readers of the language find in it."""

    slug: str
    name: str
    path: str
    count: int


@dataclass(frozen=True, slots=True)
class PeriodCount:
    """A year, month or day (`2026`, `2026-11`, `2026-11-24`) and its number of articles."""

    key: str
    path: str
    count: int


@dataclass(frozen=True, slots=True)
class PageReference:
    """A static page as far as a link needs it."""

    headline: str
    path: str


@dataclass(frozen=True, slots=True)
class AlbumSummary:
    """An album as lists show it: its first picture and how many there are."""

    slug: str
    title: str
    path: str
    published: datetime
    cover: Image | None
    count: int


@dataclass(frozen=True, slots=True)
class Album:
    """Pictures that belong together, in their order."""

    slug: str
    title: str
    description: str
    path: str
    published: datetime
    pictures: tuple[Image, ...]
    translations: tuple[Translation, ...]


@dataclass(frozen=True, slots=True)
class Captions:
    """A WebVTT file with what is said and heard, in one language."""

    locale: str
    src: str


@dataclass(frozen=True, slots=True)
class Video:
    """A self-hosted film. `transcript` is plain text, paragraphs divided by empty lines."""

    slug: str
    title: str
    description: str
    path: str
    published: datetime
    src: str
    media_type: str
    width: int
    height: int
    seconds: int
    poster: Image | None
    captions: tuple[Captions, ...]
    transcript: str
    translations: tuple[Translation, ...]


@dataclass(frozen=True, slots=True)
class RatingTotals:
    """How readers rated an article: the number of votes for each score from 1 to 5."""

    votes: tuple[int, int, int, int, int]

    @property
    def count(self) -> int:
        """All votes."""
        return sum(self.votes)

    @property
    def mean(self) -> float:
        """The average score; 0 without votes."""
        total = sum(score * number for score, number in enumerate(self.votes, start=1))
        return total / self.count if self.count else 0.0


@dataclass(frozen=True, slots=True)
class VisitTotals:
    """Pages that readers opened: today, in this week and month, and since counting began."""

    today: int
    week: int
    month: int
    total: int


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What a reader looks for. `text` is one normalised line, empty for nothing yet.

    `section` (slug path), `year` and `kind` narrow the search; `after` continues a list of
    results behind the place that the page before named.
    """

    text: str = ""
    section: str | None = None
    year: int | None = None
    kind: ArticleKind | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class TextRun:
    """A piece of text, and whether it is what was looked for."""

    text: str
    is_hit: bool


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A result: the article, its headline and the place in it that fits, in runs."""

    article: ArticleSummary
    headline: tuple[TextRun, ...]
    snippet: tuple[TextRun, ...]


@dataclass(frozen=True, slots=True)
class SearchFacet:
    """A value that narrows a search; `count` is none where there are too many to count."""

    value: str
    name: str
    count: int | None


@dataclass(frozen=True, slots=True)
class SearchResults:
    """A page of results, best first, or the newest first if `is_broad`.

    `has_more` says that more fits than `total`, and nothing is counted then. `after` continues the
    list. `suggestion` is what was probably meant, where nothing was found.
    """

    hits: tuple[SearchHit, ...]
    total: int
    is_broad: bool
    has_more: bool
    sections: tuple[SearchFacet, ...]
    years: tuple[SearchFacet, ...]
    kinds: tuple[SearchFacet, ...]
    after: str | None
    suggestion: str | None


@dataclass(frozen=True, slots=True)
class SearchSuggestion:
    """How a query that is being typed may go on; `path` leads to the article of that title."""

    text: str
    path: str | None
