"""What the API answers: typed models, from which its description is made as well."""

from __future__ import annotations

from typing import Annotated
from typing import Literal

from pydantic import Field

from portal.web.api.problems import Out

Address = Annotated[str, Field(json_schema_extra={"format": "uri"})]
Instant = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class FileOut(Out):
    """One file of a picture."""

    url: Address
    width: int
    height: int
    type: str
    """Media type: `image/avif`."""
    size: int
    """Bytes; 0 where they are not known."""
    crop: str
    """`16:9` for a file cut to that shape, empty for the whole picture."""


class PictureOut(Out):
    """A picture with its text alternative."""

    alt: str
    """Empty for a picture that shows nothing readers need."""
    caption: str
    credit: str
    files: tuple[FileOut, ...]


class SectionReferenceOut(Out):
    """A section as far as a link needs it."""

    key: str
    """Slug path: `tin-tuc/cai-cach-hanh-chinh`."""
    name: str
    url: Address


class TermOut(Out):
    """A tag or a topic."""

    slug: str
    name: str


class ArticleItemOut(Out):
    """An article as lists show it."""

    id: int
    kind: Literal["article", "page"]
    locale: str
    url: Address
    headline: str
    lead: str
    published: str
    """A date where only the day is known, else a date with time and offset (RFC 3339)."""
    section: SectionReferenceOut | None
    picture: PictureOut | None


class ArticleListOut(Out):
    """A page of articles, newest first."""

    items: tuple[ArticleItemOut, ...]
    next: Address | None
    """Address of the following page; null on the last one."""


class AuthorOut(Out):
    """A byline."""

    name: str
    kind: Literal["person", "unit"]
    role: Literal["author", "photo", "translation"]


class SourceOut(Out):
    """Where a republished article came from."""

    name: str
    url: str | None


class AttachmentOut(Out):
    """A file to download."""

    title: str
    file_name: str
    type: str
    size: int
    pages: int | None
    url: Address


class CorrectionOut(Out):
    """A public change note."""

    at: Instant
    kind: Literal["fix", "update", "correction"]
    note: str


class TranslationOut(Out):
    """The same content in another language."""

    locale: str
    headline: str
    url: Address


class ArticleOut(ArticleItemOut):
    """An article or static page with everything readers see of it."""

    updated: Instant | None
    expires: Instant | None
    html: str
    """Sanitised HTML; its addresses are absolute."""
    text: str
    """The same as plain text."""
    authors: tuple[AuthorOut, ...]
    source: SourceOut | None
    tags: tuple[TermOut, ...]
    topic: TermOut | None
    attachments: tuple[AttachmentOut, ...]
    corrections: tuple[CorrectionOut, ...]
    translations: tuple[TranslationOut, ...]


class SectionOut(SectionReferenceOut):
    """A section of the site."""

    description: str
    parent: str | None
    """Key of the section above; null at the root."""
    feed: Address
    """RSS feed of the section."""


class SectionListOut(Out):
    """All sections in the order of menus, each before those below it."""

    items: tuple[SectionOut, ...]


class TextRunOut(Out):
    """A piece of text, and whether it is what was looked for."""

    text: str
    hit: bool


class SearchItemOut(ArticleItemOut):
    """A result with the place in its text that fits."""

    snippet: tuple[TextRunOut, ...]


class FacetOut(Out):
    """A value that narrows the search."""

    value: str
    """What to send as `section`, `year` or `type`."""
    name: str
    count: int | None
    """Results that it would leave; null where there are too many to count."""


class SearchOut(Out):
    """A page of results, best first; with very many of them newest first."""

    items: tuple[SearchItemOut, ...]
    total: int
    """How many there are; with `more` at least so many."""
    more: bool
    """There are more than `total`: they come newest first."""
    sections: tuple[FacetOut, ...]
    years: tuple[FacetOut, ...]
    types: tuple[FacetOut, ...]
    suggestion: str | None
    """What was probably meant, where nothing was found."""
    next: Address | None
    """Address of the following page; null on the last one."""
