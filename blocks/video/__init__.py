"""Films that the site hosts itself: their list, and one film with captions and transcript."""

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
from portal.content.values import Translation
from portal.content.values import Video


class VideoSettings(Settings):
    """How films are shown."""

    headline: bool = True
    """Show the film's name, or “Video”, as the page's title."""
    title: dict[str, str] = {}
    """Heading by language where it is not the page's title; empty uses “Video”."""
    per_page: Annotated[int, Field(ge=1, le=60)] = 12
    """Films on a page; where the block is no page's title, the most it shows."""
    show_date: bool = True
    """Show the day of publication."""


block = Block(
    "video",
    __name__,
    settings=VideoSettings,
    accepts={
        "video": Video,
        "page_number": int,
        "translations": tuple[Translation, ...],
    },
    cache=CachePolicy(fresh="1h", stale="1d"),
    headline=lambda settings: settings.headline,
)

Context = BlockContext[VideoSettings]


@block.render
def render(ctx: Context) -> dict[str, object] | None:
    """The film that the page is about, else one page of all films."""
    video = ctx.optional_video
    if video is not None:
        return _film(ctx, video)
    path = queries.place_path(ctx.reader, "video")
    paged = cut_into_pages(
        ctx,
        queries.list_videos(ctx.reader),
        path,
        title=ctx.text("title"),
        description=ctx.text("description"),
        name_page=lambda name, number: ctx.text("page", name=name, number=number),
    )
    if paged is None:
        return None
    return {
        "video": None,
        "videos": [(item, clock(item.seconds)) for item in paged.items],
        **paged.values(),
    }


def _film(ctx: Context, video: Video) -> dict[str, object]:
    if ctx.settings.headline:
        ctx.describe_page(
            title=video.title,
            description=video.description or ctx.text("description"),
            path=video.path,
            image=video.poster,
        )
        ctx.head.json_ld("VideoObject", _structured(ctx, video))
    return {
        "video": video,
        "heading_text": video.title,
        "poster": _poster(video),
        "length": clock(video.seconds),
        "captions": [
            (item, ctx.text(f"captions_{item.locale}"), item.locale == ctx.locale)
            for item in video.captions
        ],
        "transcript": [part for part in video.transcript.split("\n\n") if part.strip()],
    }


def clock(seconds: int) -> str:
    """A length as players show it: `2:05`."""
    return f"{seconds // 60}:{seconds % 60:02}"


def _poster(video: Video) -> str:
    """The smallest picture that fills the player, in a format that every browser shows."""
    files = video.poster.renditions if video.poster else ()
    known = [item for item in files if item.format in {"jpeg", "png"}] or files
    wide = sorted(known, key=lambda item: item.width)
    return next(
        (item.src for item in wide if item.width >= video.width), wide[-1].src if wide else ""
    )


def _structured(ctx: Context, video: Video) -> str:
    """The film as schema.org's VideoObject."""
    document: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": video.title,
        "description": video.description or video.title,
        "uploadDate": video.published.isoformat(),
        "duration": f"PT{video.seconds}S",
        "contentUrl": ctx.absolute(video.src),
        "url": ctx.absolute(video.path),
        "inLanguage": ctx.locale,
    }
    if video.poster is not None and video.poster.renditions:
        document["thumbnailUrl"] = ctx.absolute(_poster(video))
    if video.transcript:
        document["transcript"] = video.transcript
    return json.dumps(document, ensure_ascii=False)
