"""Saving pictures: their words and where their renditions lie."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.content import log
from portal.content import models
from portal.content.drafts import Changed
from portal.content.drafts import MediaDraft
from portal.errors import ContentError
from portal.text import normalise_line


def save_media(session: Session, site: str, draft: MediaDraft) -> tuple[int, Changed]:
    """Create or update the picture with the draft's digest; returns its id and what happened.

    Raises `ContentError` for a picture that is neither decorative nor described.
    """
    alt = {locale: normalise_line(text) for locale, text in draft.alt.items()}
    if not draft.decorative and not any(alt.values()):
        raise ContentError(
            f"picture {draft.digest} has no text alternative; describe it in `alt`,"
            " or mark it decorative"
        )
    values = {
        "alt": alt,
        "decorative": draft.decorative,
        "caption": {locale: normalise_line(text) for locale, text in draft.caption.items()},
        "credit": normalise_line(draft.credit),
        "width": draft.width,
        "height": draft.height,
        "renditions": [asdict(rendition) for rendition in draft.renditions],
    }
    row = session.scalar(
        select(models.Media).where(models.Media.site == site, models.Media.digest == draft.digest)
    )
    if row is None:
        row = models.Media(site=site, digest=draft.digest, **values)
        session.add(row)
        session.flush()
        return row.id, Changed(0, "created", frozenset())
    if all(getattr(row, name) == value for name, value in values.items()):
        return row.id, Changed(0, "unchanged", frozenset())
    for name, value in values.items():
        setattr(row, name, value)
    tags = frozenset({f"media:{row.id}"})
    log.append(session, tags)
    return row.id, Changed(0, "updated", tags)
