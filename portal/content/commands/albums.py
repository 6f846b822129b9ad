"""Keeps albums of pictures, and films."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from typing import cast

from sqlalchemy import Table
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.content.commands.stored import check_exist
from portal.content.drafts import AlbumDraft
from portal.content.drafts import Outcome
from portal.content.drafts import Saved
from portal.content.drafts import VideoDraft
from portal.content.models import Album
from portal.content.models import AlbumPicture
from portal.content.models import Media
from portal.content.models import Video
from portal.errors import ContentError
from portal.text import normalise
from portal.text import one_line
from portal.text import slugify

_ALBUM = cast("Table", Album.__table__)
_PICTURES = cast("Table", AlbumPicture.__table__)
_VIDEO = cast("Table", Video.__table__)


def save_album(session: Session, site: str, draft: AlbumDraft) -> Saved:
    """Insert an album or change the one at its slug; the same again writes nothing.

    Raises `ContentError` for a bad slug, and for an album without a title or without pictures.
    """
    _check_words("album", draft.slug, draft.title)
    if not draft.pictures:
        raise ContentError(f"album {draft.slug!r} has no pictures; name at least one")
    pictures = list(dict.fromkeys(draft.pictures))
    check_exist(
        session, "picture", select(Media.id).where(Media.site == site), Media.id, set(pictures)
    )
    number, outcome = _store(
        session,
        site,
        _ALBUM,
        {
            "slug": draft.slug,
            "title": _lines(draft.title),
            "description": _texts(draft.description),
            "published_at": draft.published,
        },
    )
    stored = (
        session.execute(
            select(_PICTURES.c.media_id)
            .where(_PICTURES.c.album_id == number)
            .order_by(_PICTURES.c.position)
        )
        .scalars()
        .all()
    )
    if list(stored) != pictures:
        session.execute(delete(AlbumPicture).where(AlbumPicture.album_id == number))
        rows = [
            {"album_id": number, "media_id": media, "position": position}
            for position, media in enumerate(pictures)
        ]
        session.execute(insert(_PICTURES), rows)
        outcome = "updated" if outcome == "unchanged" else outcome
    return Saved(number, outcome)


def save_video(session: Session, site: str, draft: VideoDraft) -> Saved:
    """Insert a film or change the one at its slug; the same again writes nothing.

    Raises `ContentError` for a bad slug or no title, and for a film with neither captions nor a
    transcript: who cannot hear must get its content too (WCAG 2.2, 1.2.2).
    """
    _check_words("video", draft.slug, draft.title)
    if not draft.captions and not any(draft.transcript.values()):
        raise ContentError(
            f"video {draft.slug!r} has neither captions nor a transcript; give one of the two"
        )
    poster = {draft.poster_id} if draft.poster_id is not None else set()
    check_exist(session, "poster", select(Media.id).where(Media.site == site), Media.id, poster)
    number, outcome = _store(
        session,
        site,
        _VIDEO,
        {
            "slug": draft.slug,
            "title": _lines(draft.title),
            "description": _texts(draft.description),
            "published_at": draft.published,
            "src": normalise(draft.src),
            "media_type": draft.media_type,
            "width": draft.width,
            "height": draft.height,
            "seconds": draft.seconds,
            "poster_id": draft.poster_id,
            "captions": [asdict(item) for item in draft.captions],
            "transcript": _texts(draft.transcript),
        },
    )
    return Saved(number, outcome)


def _check_words(what: str, slug: str, title: Mapping[str, str]) -> None:
    if not slug or slugify(slug, limit=200) != slug:
        raise ContentError(f"{what} {slug!r}: not a slug; use {slugify(slug, limit=200) or what!r}")
    if not any(title.values()):
        raise ContentError(f"{what} {slug!r} has no title; give one in at least one language")


def _store(
    session: Session, site: str, target: Table, values: dict[str, Any]
) -> tuple[int, Outcome]:
    known = (
        session.execute(
            select(target).where(target.c.site == site, target.c.slug == values["slug"])
        )
        .mappings()
        .first()
    )
    if known is None:
        statement = insert(target).values(site=site, **values).returning(target.c.id)
        return session.execute(statement).scalar_one(), "created"
    if all(known[name] == value for name, value in values.items()):
        return known["id"], "unchanged"
    session.execute(update(target).where(target.c.id == known["id"]).values(**values))
    return known["id"], "updated"


def _lines(words: Mapping[str, str]) -> dict[str, str]:
    return {locale: one_line(text) for locale, text in words.items()}


def _texts(words: Mapping[str, str]) -> dict[str, str]:
    return {locale: normalise(text).strip() for locale, text in words.items()}
