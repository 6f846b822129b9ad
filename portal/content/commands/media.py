"""Keeps pictures: their descriptions and where their files are."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.content.drafts import MediaDraft
from portal.content.drafts import Saved
from portal.content.models import Media
from portal.content.values import Rendition
from portal.errors import ContentError
from portal.text import normalise
from portal.text import one_line


def save_media(session: Session, site: str, draft: MediaDraft) -> Saved:
    """Insert a picture or change the one that has its name on this site.

    Raises `ContentError` for a picture that says it is decorative and has a text alternative.
    """
    values = _columns(draft)
    if draft.decorative and any(values["alt"].values()):
        raise ContentError(
            f"picture {draft.name!r} is marked decorative but has a text alternative;"
            " drop one of the two"
        )
    known = session.execute(
        select(Media).where(Media.site == site, Media.name == values["name"])
    ).scalar_one_or_none()
    if known is None:
        statement = insert(Media).values(site=site, **values).returning(Media.id)
        return Saved(session.execute(statement).scalar_one(), "created")
    if all(getattr(known, name) == value for name, value in values.items()):
        return Saved(known.id, "unchanged")
    session.execute(update(Media).where(Media.id == known.id).values(**values))
    return Saved(known.id, "updated")


def read_media(session: Session, site: str) -> tuple[MediaDraft, ...]:
    """Every picture of a site as the draft that would store it again, by name."""
    rows = session.execute(select(Media).where(Media.site == site).order_by(Media.name)).scalars()
    return tuple(
        MediaDraft(
            name=row.name,
            width=row.width,
            height=row.height,
            renditions=tuple(Rendition(**item) for item in row.renditions),
            alt=row.alt,
            decorative=row.decorative,
            caption=row.caption,
            credit=row.credit,
            content_digest=row.content_digest,
            focus=(row.focus[0], row.focus[1]) if row.focus else None,
        )
        for row in rows
    )


def _columns(draft: MediaDraft) -> dict[str, Any]:
    return {
        "name": one_line(draft.name),
        "alt": {locale: one_line(text) for locale, text in draft.alt.items()},
        "decorative": draft.decorative,
        "caption": {locale: one_line(text) for locale, text in draft.caption.items()},
        "credit": one_line(draft.credit),
        "width": draft.width,
        "height": draft.height,
        "content_digest": draft.content_digest,
        "renditions": [
            {name: normalise(value) if isinstance(value, str) else value for name, value in item}
            for item in (asdict(rendition).items() for rendition in draft.renditions)
        ],
        "focus": list(draft.focus) if draft.focus is not None else None,
    }
