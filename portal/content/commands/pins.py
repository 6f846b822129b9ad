"""Keeps what editors put first."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.content.drafts import PinDraft
from portal.content.models import Article
from portal.content.models import Pin
from portal.errors import ContentError

_SCOPE = re.compile(r"home|section:\d+|article:\d+")


def set_pins(session: Session, site: str, scope: str, pins: Sequence[PinDraft | int]) -> None:
    """Put these articles first, in this order, in the place of all that were.

    `scope` is `home`, `section:5` or `article:12`. Each language sees those of its own. The same
    pins again write nothing.
    """
    if not _SCOPE.fullmatch(scope):
        raise ContentError(
            f"pins: scope {scope!r} is not known; write home, section:ID or article:ID"
        )
    drafts = [pin if isinstance(pin, PinDraft) else PinDraft(pin) for pin in pins]
    wanted = [(pin.article_id, pin.expires) for pin in drafts]
    numbers = [pin.article_id for pin in drafts]
    if len(set(numbers)) != len(numbers):
        raise ContentError(f"pins of {scope}: an article is named twice ({numbers})")
    here = (Pin.site == site, Pin.scope == scope)
    known = session.execute(
        select(Pin.article_id, Pin.expires_at).where(*here).order_by(Pin.position)
    ).all()
    if [(row[0], row[1]) for row in known] == wanted:
        return
    _check(session, site, scope, numbers)
    session.execute(delete(Pin).where(*here))
    rows = [
        {
            "site": site,
            "scope": scope,
            "article_id": pin.article_id,
            "position": position,
            "expires_at": pin.expires,
        }
        for position, pin in enumerate(drafts)
    ]
    if rows:
        session.execute(insert(Pin), rows)


def _check(session: Session, site: str, scope: str, numbers: Sequence[int]) -> None:
    found = select(Article.id).where(Article.site == site, Article.id.in_(numbers))
    missing = set(numbers) - set(session.execute(found).scalars()) if numbers else set()
    if missing:
        known = ", ".join(map(str, sorted(missing)))
        raise ContentError(f"pins of {scope}: site {site!r} has no article {known}")
