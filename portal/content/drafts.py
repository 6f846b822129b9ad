"""What commands take: frozen descriptions of content as an editor, a file or an importer gives it.

Times are timezone-aware. Text may be in any Unicode form and HTML may be anything: commands
normalise and sanitise both before they store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import Literal

from portal.content.values import ArticleKind
from portal.content.values import Author
from portal.content.values import Captions
from portal.content.values import Correction
from portal.content.values import Precision
from portal.content.values import Rendition
from portal.content.values import Source
from portal.content.values import Term

Status = Literal["draft", "published", "withdrawn"]
RedirectCode = Literal[301, 302, 307, 308, 410]
Outcome = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class AttachmentDraft:
    """A file to download. `src` is its name below the media folder."""

    title: str
    file_name: str
    media_type: str
    size: int
    src: str
    pages: int | None = None
    content_digest: str = ""


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """Everything that can be said of an article; what is not said has a neutral default.

    An article is found again by `id`, else by `legacy_system` with `legacy_id`, else by
    `legacy_system` with `content_hash`; otherwise it is new. `status` published with a
    `published` time that lies ahead is a scheduled article.

    `section` is a slug path. `slug` is made from the headline and then kept where none is given.
    The body refers to picture 12 as `<figure data-media="12"><figcaption>…</figcaption></figure>`.
    `provenance` and
    `review_flags` are lists of JSON objects for editors; readers never see them.
    """

    locale: str
    headline: str
    id: int | None = None
    kind: ArticleKind = "article"
    section: str | None = None
    slug: str | None = None
    lead: str = ""
    body: str = ""
    authors: tuple[Author, ...] = ()
    source: Source | None = None
    tags: tuple[Term, ...] = ()
    topic: Term | None = None
    status: Status = "draft"
    published: datetime | None = None
    precision: Precision = "minute"
    time_zone: str = "Asia/Ho_Chi_Minh"
    updated: datetime | None = None
    expires: datetime | None = None
    corrections: tuple[Correction, ...] = ()
    end_mark: bool = False
    hero_id: int | None = None
    attachments: tuple[AttachmentDraft, ...] = ()
    translation_group: str | None = None
    legacy_system: str | None = None
    legacy_id: str | None = None
    legacy_url: str | None = None
    content_hash: str | None = None
    withdrawn_reason: str = ""
    successor_id: int | None = None
    provenance: tuple[Mapping[str, object], ...] = ()
    review_flags: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class MediaDraft:
    """A picture; `name` is its stable name on the site.

    `src` of a rendition is its file's name below the media folder. `focus` is the point that
    cropping keeps, as fractions (x, y). Words are given by locale.
    """

    name: str
    width: int
    height: int
    renditions: tuple[Rendition, ...]
    alt: Mapping[str, str] = field(default_factory=dict)
    decorative: bool = False
    caption: Mapping[str, str] = field(default_factory=dict)
    credit: str = ""
    content_digest: str = ""
    focus: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class AlbumDraft:
    """Pictures that belong together: ids of media in their order; words by locale."""

    slug: str
    title: Mapping[str, str]
    pictures: tuple[int, ...]
    published: datetime
    description: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VideoDraft:
    """A film. `src` and the captions' `src` are names below the media folder; words by locale."""

    slug: str
    title: Mapping[str, str]
    published: datetime
    src: str
    media_type: str
    width: int
    height: int
    seconds: int
    description: Mapping[str, str] = field(default_factory=dict)
    poster_id: int | None = None
    captions: tuple[Captions, ...] = ()
    transcript: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SectionDraft:
    """A section and those below it, in the order of menus. `formerly` is the slug path it had."""

    slug: str
    names: Mapping[str, str]
    descriptions: Mapping[str, str] = field(default_factory=dict)
    sections: tuple[SectionDraft, ...] = ()
    layout: str | None = None
    formerly: str | None = None


@dataclass(frozen=True, slots=True)
class PinDraft:
    """An article that stands first until `expires`."""

    article_id: int
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class RedirectDraft:
    """An old address and where it leads: an article wherever it stands, or the address `target`.

    Without `host` every host matches. `query` names arguments that the request must have. Code
    410 says that the content is gone for good and needs no target.
    """

    path: str
    target: str = ""
    article_id: int | None = None
    code: RedirectCode = 301
    host: str = ""
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changed:
    """What a command did to an article."""

    article_id: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Saved:
    """What a command did to something else."""

    id: int
    outcome: Outcome
