"""Albums and films in the reader's language; what has no title in it is not there."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from typing import cast

from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import select

from portal.content import tags
from portal.content.models import Album as AlbumRow
from portal.content.models import AlbumPicture
from portal.content.models import Video as VideoRow
from portal.content.queries.addresses import media_path
from portal.content.queries.addresses import place_path
from portal.content.queries.images import COLUMNS as IMAGE_COLUMNS
from portal.content.queries.images import image_of
from portal.content.queries.images import media
from portal.content.queries.images import read_images
from portal.content.queries.visibility import SITE
from portal.content.reader import Reader
from portal.content.values import Album
from portal.content.values import AlbumSummary
from portal.content.values import Captions
from portal.content.values import Image
from portal.content.values import Translation
from portal.content.values import Video

album = cast("Table", AlbumRow.__table__)
album_picture = cast("Table", AlbumPicture.__table__)
video = cast("Table", VideoRow.__table__)

_ALBUMS = (
    select(album, album_picture.c.media_id)
    .join(album_picture, album_picture.c.album_id == album.c.id)
    .where(album.c.site == SITE)
    .order_by(album.c.published_at.desc(), album.c.id.desc(), album_picture.c.position)
)
_ALBUM = select(album).where(album.c.site == SITE, album.c.slug == bindparam("slug"))
_PICTURES = (
    select(*IMAGE_COLUMNS)
    .join(album_picture, album_picture.c.media_id == media.c.id)
    .where(album_picture.c.album_id == bindparam("album"))
    .order_by(album_picture.c.position)
)
_VIDEOS = (
    select(video)
    .where(video.c.site == SITE)
    .order_by(video.c.published_at.desc(), video.c.id.desc())
)


def list_albums(reader: Reader) -> tuple[AlbumSummary, ...]:
    """Every album, the newest first, with its first picture; two statements."""
    reader.reads.record(tags.ALBUMS)
    rows: dict[str, list[Mapping[Any, Any]]] = {}
    for row in reader.session.execute(_ALBUMS, {"site": reader.site}).mappings():
        if _is_visible(reader, row):
            rows.setdefault(row["slug"], []).append(row)
    covers = read_images(reader, {pictures[0]["media_id"] for pictures in rows.values()})
    return tuple(
        AlbumSummary(
            slug=slug,
            title=pictures[0]["title"][reader.locale],
            path=f"{place_path(reader, 'gallery')}{slug}/",
            published=pictures[0]["published_at"],
            cover=covers.get(pictures[0]["media_id"]),
            count=len(pictures),
        )
        for slug, pictures in rows.items()
    )


def find_album(reader: Reader, slug: str) -> Album | None:
    """One album with all its pictures; once per page."""
    return reader.once(("album", reader.locale, slug), lambda inner: _load_album(inner, slug))


def _load_album(reader: Reader, slug: str) -> Album | None:
    reader.reads.record(tags.album(slug))
    places = {"site": reader.site, "slug": slug}
    row = reader.session.execute(_ALBUM, places).mappings().first()
    if row is None or not _is_visible(reader, row):
        return None
    found = reader.session.execute(_PICTURES, {"album": row["id"]}).mappings().all()
    reader.reads.record(*(tags.media(item["media_id"]) for item in found))
    return Album(
        slug=slug,
        title=row["title"][reader.locale],
        description=row["description"].get(reader.locale, ""),
        path=f"{place_path(reader, 'gallery')}{slug}/",
        published=row["published_at"],
        pictures=tuple(image_of(reader, item) for item in found),
        translations=_translations(reader, row, "gallery"),
    )


def list_videos(reader: Reader) -> tuple[Video, ...]:
    """Every film, the newest first; two statements, once per page."""
    return reader.once(("videos", reader.locale), _load_videos)


def find_video(reader: Reader, slug: str) -> Video | None:
    """One film."""
    return next((item for item in list_videos(reader) if item.slug == slug), None)


def _load_videos(reader: Reader) -> tuple[Video, ...]:
    reader.reads.record(tags.VIDEOS)
    found = reader.session.execute(_VIDEOS, {"site": reader.site}).mappings().all()
    rows = [row for row in found if _is_visible(reader, row)]
    posters = read_images(reader, {row["poster_id"] for row in rows} - {None})
    return tuple(_video(reader, row, posters) for row in rows)


def _video(reader: Reader, row: Mapping[Any, Any], posters: Mapping[int, Image]) -> Video:
    return Video(
        slug=row["slug"],
        title=row["title"][reader.locale],
        description=row["description"].get(reader.locale, ""),
        path=f"{place_path(reader, 'video')}{row['slug']}/",
        published=row["published_at"],
        src=media_path(row["src"]),
        media_type=row["media_type"],
        width=row["width"],
        height=row["height"],
        seconds=row["seconds"],
        poster=posters.get(row["poster_id"]),
        captions=tuple(
            Captions(item["locale"], media_path(item["src"])) for item in row["captions"]
        ),
        transcript=row["transcript"].get(reader.locale, ""),
        translations=_translations(reader, row, "video"),
    )


def _is_visible(reader: Reader, row: Mapping[Any, Any]) -> bool:
    published: datetime = row["published_at"]
    if published > reader.now:
        reader.reads.clip(published)
        return False
    return bool(row["title"].get(reader.locale))


def _translations(reader: Reader, row: Mapping[Any, Any], place: str) -> tuple[Translation, ...]:
    titles: Iterable[tuple[str, str]] = row["title"].items()
    return tuple(
        Translation(locale, f"{place_path(reader, place, locale)}{row['slug']}/", title)
        for locale, title in sorted(titles)
        if locale != reader.locale and title
    )
