"""Saving where content stands: the site, its sections, pins and redirects."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from urllib.parse import unquote
from urllib.parse import urlencode

from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.content import log
from portal.content import models
from portal.content.drafts import Changed
from portal.content.drafts import Outcome
from portal.content.drafts import SectionDraft
from portal.errors import ContentError
from portal.text import normalise_line


def save_site(session: Session, key: str) -> Changed:
    """Make sure that the site has its row; content hangs on it."""
    if session.get(models.Site, key) is not None:
        return Changed(0, "unchanged", frozenset())
    session.add(models.Site(key=key))
    session.flush()
    return Changed(0, "created", frozenset())


def save_sections(session: Session, site: str, sections: Iterable[SectionDraft]) -> Changed:
    """Make the section tree equal to the declared one.

    A section that is no longer declared is removed if nothing stands in it. Raises `ContentError`
    naming the ones that still hold articles.
    """
    known = {
        row.key: row
        for row in session.scalars(select(models.Section).where(models.Section.site == site))
    }
    wanted: dict[str, models.Section] = {}
    changed = _save_level(session, site, sections, None, known, wanted)
    gone = [row for key, row in known.items() if key not in wanted]
    _refuse_filled(session, gone)
    # Children first: a parent cannot go while a child points at it.
    for row in sorted(gone, key=lambda item: -item.key.count("/")):
        session.delete(row)
        session.flush()
    if not changed and not gone:
        return Changed(0, "unchanged", frozenset())
    tags = frozenset({"sections"})
    log.append(session, tags)
    return Changed(0, "updated", tags)


def _save_level(
    session: Session,
    site: str,
    sections: Iterable[SectionDraft],
    parent: models.Section | None,
    known: Mapping[str, models.Section],
    wanted: dict[str, models.Section],
) -> bool:
    changed = False
    for position, draft in enumerate(sections):
        key = f"{parent.key}/{draft.slug}" if parent else draft.slug
        values = {
            "parent_id": parent.id if parent else None,
            "position": position,
            "names": {name: normalise_line(text) for name, text in draft.names.items()},
            "descriptions": {
                name: normalise_line(text) for name, text in draft.descriptions.items()
            },
        }
        row = known.get(key)
        if row is None:
            row = models.Section(site=site, key=key, **values)
            session.add(row)
            session.flush()
            changed = True
        for name, value in values.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
                changed = True
        wanted[key] = row
        changed |= _save_level(session, site, draft.sections, row, known, wanted)
    return changed


def _refuse_filled(session: Session, sections: Sequence[models.Section]) -> None:
    filled = [
        row.key
        for row in sections
        if session.scalar(
            select(func.count())
            .select_from(models.Article)
            .where(models.Article.section_id == row.id)
        )
    ]
    if filled:
        raise ContentError(
            f"sections {', '.join(sorted(filled))} are no longer declared but hold articles;"
            " move the articles first, or declare the sections again"
        )


def set_pins(session: Session, site: str, scope: str, articles: Sequence[int]) -> Changed:
    """Pin exactly these articles, in this order, to `home`, `section:ID` or `article:ID`."""
    known = list(
        session.scalars(
            select(models.Pin.article_id)
            .where(models.Pin.site == site, models.Pin.scope == scope)
            .order_by(models.Pin.position)
        )
    )
    if known == list(articles):
        return Changed(0, "unchanged", frozenset())
    session.execute(
        delete(models.Pin).where(models.Pin.site == site, models.Pin.scope == scope)
    )
    for position, number in enumerate(articles):
        session.add(
            models.Pin(site=site, scope=scope, position=position, article_id=number)
        )
    tags = frozenset({f"pins:{scope}"})
    log.append(session, tags)
    return Changed(0, "updated", tags)


def save_redirect(
    session: Session,
    site: str,
    path: str,
    target: str,
    *,
    query: Mapping[str, str] | None = None,
    host: str = "",
    code: int = 301,
) -> Changed:
    """Lead an old address to a new one; `path` matches without case, `query` as a part.

    Raises `ContentError` for a target outside of this portal.
    """
    if not target.startswith("/") or target.startswith("//") or "\\" in target:
        raise ContentError(f"a redirect leads to a path of this portal, not to {target!r}")
    values = dict(query or {})
    key = urlencode(sorted((name.casefold(), value) for name, value in values.items()))
    row = session.scalar(
        select(models.Redirect).where(
            models.Redirect.site == site,
            models.Redirect.host == host.casefold(),
            models.Redirect.path == unquote(path).casefold(),
            models.Redirect.query_key == key,
        )
    )
    if row is not None and (row.target, row.code) == (target, code):
        return Changed(0, "unchanged", frozenset())
    outcome: Outcome = "created" if row is None else "updated"
    if row is None:
        row = models.Redirect(
            site=site,
            host=host.casefold(),
            path=unquote(path).casefold(),
            query=values,
            query_key=key,
        )
        session.add(row)
    row.target, row.code = target, code
    session.flush()
    return Changed(0, outcome, frozenset())
