"""The site, its tree of sections, its terms and its redirects."""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import Text
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from portal.content.models.fields import ByLocale
from portal.content.models.fields import Key
from portal.content.models.fields import Name
from portal.content.models.fields import OptionalName
from portal.content.models.fields import SiteKey
from portal.content.tracking import Ends
from portal.content.tracking import ends
from portal.extensions import Model


class Site(Model):
    """A site that has content here; what it says of itself stands in `site.yaml`."""

    __tablename__ = "site"

    key: Mapped[str] = mapped_column(Text, primary_key=True)


class Section(Model):
    """A node of a site's section tree; `key` is its slug path from the root."""

    __tablename__ = "section"
    __table_args__ = (
        UniqueConstraint("site", "key"),
        ends(
            Ends("section:{id}", unseen=frozenset({"layout"})),
            Ends("sections", unseen=frozenset({"layout"})),
        ),
    )

    id: Mapped[Key]
    site: Mapped[SiteKey]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"), index=True)
    slug: Mapped[Name]
    key: Mapped[Name]
    position: Mapped[int]
    name: Mapped[ByLocale]
    description: Mapped[ByLocale]
    layout: Mapped[OptionalName]


class Topic(Model):
    """A running story that articles belong to, one at most each."""

    __tablename__ = "topic"
    __table_args__ = (
        UniqueConstraint("site", "slug"),
        ends(
            Ends("topic:{slug}", on_insert=False),
            Ends("list:topic:{slug}", changed=("site",), on_insert=False),
            Ends("list:terms", on_insert=False),
        ),
    )

    id: Mapped[Key]
    site: Mapped[SiteKey]
    slug: Mapped[Name]
    name: Mapped[ByLocale]


class Tag(Model):
    """A keyword of articles."""

    __tablename__ = "tag"
    __table_args__ = (
        UniqueConstraint("site", "slug"),
        ends(
            Ends("tag:{slug}", on_insert=False),
            Ends("list:tag:{slug}", changed=("site",), on_insert=False),
            Ends("list:terms", on_insert=False),
        ),
    )

    id: Mapped[Key]
    site: Mapped[SiteKey]
    slug: Mapped[Name]
    name: Mapped[ByLocale]


class Redirect(Model):
    """Where an old address leads: to an article wherever it stands now, or to an address.

    `path` is folded (no case, no slash at the end); `query` must be contained in the request's.
    """

    __tablename__ = "redirect"
    __table_args__ = (
        Index("redirect_site_path_index", "site", "path"),
        CheckConstraint("code IN (301, 302, 307, 308, 410)", name="code"),
        ends(Ends("redirects")),
    )

    id: Mapped[Key]
    site: Mapped[SiteKey]
    host: Mapped[str] = mapped_column(Text, default="")
    path: Mapped[Name]
    query: Mapped[ByLocale]
    target: Mapped[str] = mapped_column(Text, default="")
    article_id: Mapped[int | None] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), index=True
    )
    code: Mapped[int]
