"""Albums of pictures: their list, and the pictures of one album."""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import Field

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Settings
from portal.block import cut_into_pages
from portal.content import queries
from portal.content.values import Album
from portal.content.values import Image
from portal.content.values import Translation


class GallerySettings(Settings):
    """How albums are shown."""

    headline: bool = True
    """Show the album's name, or “Thư viện ảnh”, as the page's title."""
    title: dict[str, str] = {}
    """Heading by language where it is not the page's title; empty uses “Thư viện ảnh”."""
    per_page: Annotated[int, Field(ge=1, le=60)] = 12
    """Albums on a page; where the block is no page's title, the most it shows."""
    show_date: bool = True
    """Show the day of publication."""


block = Block(
    "gallery",
    __name__,
    settings=GallerySettings,
    accepts={
        "album": Album,
        "page_number": int,
        "translations": tuple[Translation, ...],
    },
    cache=CachePolicy(fresh="1h", stale="1d"),
    headline=lambda settings: settings.headline,
)

Context = BlockContext[GallerySettings]


@block.render
def render(ctx: Context) -> dict[str, object] | None:
    """The album that the page is about, else one page of all albums."""
    album = ctx.optional_album
    if album is not None:
        return _album(ctx, album)
    path = queries.place_path(ctx.reader, "gallery")
    paged = cut_into_pages(
        ctx,
        queries.list_albums(ctx.reader),
        path,
        title=ctx.text("title"),
        description=ctx.text("description"),
        name_page=lambda name, number: ctx.text("page", name=name, number=number),
    )
    if paged is None:
        return None
    return {
        "album": None,
        "albums": paged.items,
        **paged.values(),
    }


def _album(ctx: Context, album: Album) -> dict[str, object]:
    if ctx.settings.headline:
        ctx.describe_page(
            title=album.title,
            description=album.description or ctx.text("description"),
            path=album.path,
            image=album.pictures[0] if album.pictures else None,
        )
        ctx.head.json_ld("ImageGallery", _structured(ctx, album))
    return {
        "album": album,
        "heading_text": album.title,
        "pictures": [(picture, _largest(picture)) for picture in album.pictures],
    }


def _largest(picture: Image) -> str:
    """The file that opens without scripts: the widest one that every browser shows."""
    known = [item for item in picture.renditions if item.format in {"jpeg", "png"}]
    files = known or list(picture.renditions)
    return max(files, key=lambda item: item.width).src if files else ""


def _structured(ctx: Context, album: Album) -> str:
    """The album as schema.org's ImageGallery."""
    return json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "ImageGallery",
            "name": album.title,
            "url": ctx.absolute(album.path),
            "inLanguage": ctx.locale,
            "datePublished": album.published.isoformat(),
            "image": [
                {
                    "@type": "ImageObject",
                    "contentUrl": ctx.absolute(_largest(picture)),
                    "caption": picture.caption or picture.alt,
                    "creditText": picture.credit,
                }
                for picture in album.pictures
                if picture.renditions
            ],
        },
        ensure_ascii=False,
    )
