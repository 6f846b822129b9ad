"""Pictures, albums and videos."""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import Text
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from portal.content.columns import Json
from portal.content.models.fields import ByLocale
from portal.content.models.fields import Key
from portal.content.models.fields import Moment
from portal.content.models.fields import Name
from portal.content.models.fields import Records
from portal.content.models.fields import SiteKey
from portal.content.tracking import Ends
from portal.content.tracking import ends
from portal.extensions import Model


class Media(Model):
    """A picture with its files. `focus` is the point that cropping keeps, as fractions."""

    __tablename__ = "media"
    __table_args__ = (
        UniqueConstraint("site", "name"),
        CheckConstraint("width > 0 AND height > 0", name="size"),
        ends(Ends("media:{id}", unseen=frozenset({"name", "content_digest", "focus"}))),
    )

    id: Mapped[Key]
    site: Mapped[SiteKey]
    name: Mapped[Name]
    alt: Mapped[ByLocale]
    decorative: Mapped[bool] = mapped_column(default=False)
    caption: Mapped[ByLocale]
    credit: Mapped[str] = mapped_column(Text, default="")
    width: Mapped[int]
    height: Mapped[int]
    content_digest: Mapped[Name]
    renditions: Mapped[Records]
    focus: Mapped[list[float] | None] = mapped_column(Json)


class Album(Model):
    """Pictures that belong together. Readers of a language see it where it has a title in it."""

    __tablename__ = "album"
    __table_args__ = (
        UniqueConstraint("site", "slug"),
        ends(Ends("list:albums"), Ends("album:{slug}")),
    )

    id: Mapped[Key]
    site: Mapped[SiteKey]
    slug: Mapped[Name]
    title: Mapped[ByLocale]
    description: Mapped[ByLocale]
    published_at: Mapped[Moment]


class AlbumPicture(Model):
    """A picture's place in an album."""

    __tablename__ = "album_picture"
    __table_args__ = ends(
        Ends("list:albums"),
        Ends("album:{album.slug}", through="album", matching="album.id = @album_id"),
    )

    album_id: Mapped[int] = mapped_column(
        ForeignKey("album.id", ondelete="CASCADE"), primary_key=True
    )
    media_id: Mapped[int] = mapped_column(ForeignKey("media.id"), primary_key=True, index=True)
    position: Mapped[int]


class Video(Model):
    """A self-hosted film. `captions` are objects `{locale, src}`; transcripts are plain text."""

    __tablename__ = "video"
    __table_args__ = (
        UniqueConstraint("site", "slug"),
        CheckConstraint("width > 0 AND height > 0", name="size"),
        ends(Ends("list:videos"), Ends("video:{slug}")),
    )

    id: Mapped[Key]
    site: Mapped[SiteKey]
    slug: Mapped[Name]
    title: Mapped[ByLocale]
    description: Mapped[ByLocale]
    published_at: Mapped[Moment]
    src: Mapped[Name]
    media_type: Mapped[Name]
    width: Mapped[int]
    height: Mapped[int]
    seconds: Mapped[int]
    poster_id: Mapped[int | None] = mapped_column(ForeignKey("media.id"), index=True)
    captions: Mapped[Records]
    transcript: Mapped[ByLocale]
