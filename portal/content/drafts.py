"""What writers hand in: plain values, not yet cleaned, numbered or stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import Any
from typing import Literal

from portal.content.values import ArticleKind
from portal.content.values import Author
from portal.content.values import Correction
from portal.content.values import Moment
from portal.content.values import Rendition
from portal.content.values import Source
from portal.content.values import Term

Status = Literal["draft", "published", "withdrawn"]
Outcome = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class AttachmentDraft:
    """A stored file to hang on an article."""

    title: str
    file_name: str
    media_type: str
    size: int
    src: str
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """An article as handed in. A publication in the future is a scheduled one.

    `section` is a slug path. `tags` carry the name in the draft's language. `legacy_system` with
    `legacy_id` identify an import: handing in the same pair again updates the same article.
    """

    headline: str
    published: Moment
    locale: str = "vi"
    kind: ArticleKind = "article"
    lead: str = ""
    body: str = ""
    section: str | None = None
    slug: str | None = None
    translation_group: str | None = None
    authors: tuple[Author, ...] = ()
    source: Source | None = None
    tags: tuple[Term, ...] = ()
    topic: Term | None = None
    hero_id: int | None = None
    attachments: tuple[AttachmentDraft, ...] = ()
    status: Status = "published"
    updated: datetime | None = None
    expires: datetime | None = None
    corrections: tuple[Correction, ...] = ()
    end_mark: bool = False
    withdrawn_reason: str = ""
    successor_id: int | None = None
    legacy_system: str | None = None
    legacy_id: str | None = None
    legacy_url: str | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    review_flags: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class MediaDraft:
    """A picture whose renditions are stored already. `digest` identifies its content."""

    digest: str
    alt: Mapping[str, str]
    width: int
    height: int
    renditions: tuple[Rendition, ...]
    caption: Mapping[str, str] = field(default_factory=dict)
    credit: str = ""
    decorative: bool = False


@dataclass(frozen=True, slots=True)
class SectionDraft:
    """A node of the section tree."""

    slug: str
    names: Mapping[str, str]
    descriptions: Mapping[str, str] = field(default_factory=dict)
    sections: tuple[SectionDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """What a command did. `article_id` is 0 for commands about something else."""

    article_id: int
    outcome: Outcome
    tags: frozenset[str]
