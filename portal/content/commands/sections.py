"""Brings a site and its section tree to what `sections.yaml` declares."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import cast

from sqlalchemy import Table
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.content.commands.redirects import save_redirect
from portal.content.drafts import RedirectDraft
from portal.content.drafts import SectionDraft
from portal.content.models import Article
from portal.content.models import Section
from portal.content.models import Site
from portal.errors import ContentError
from portal.text import one_line
from portal.text import slugify

section = cast("Table", Section.__table__)


@dataclass(frozen=True, slots=True)
class Declared:
    """A section as declared, at its place in the tree."""

    key: str
    parent: str | None
    position: int
    draft: SectionDraft


def save_site(session: Session, site: str) -> bool:
    """Make sure that a site can have content; say whether it is new."""
    if session.execute(select(Site.key).where(Site.key == site)).first() is not None:
        return False
    session.execute(insert(Site).values(key=site))
    return True


def save_sections(session: Session, site: str, declared: Iterable[SectionDraft]) -> None:
    """Bring the tree of a site to what is declared.

    A section is known by its slug path. `formerly` moves one with all its articles and leaves a
    redirect. A section that is no longer declared is deleted; raise `ContentError` while it still
    has articles. The same declaration again writes nothing.
    """
    wanted = {item.key: item for item in _flatten(declared, None)}
    stored = {
        row["key"]: dict(row)
        for row in session.execute(select(section).where(section.c.site == site)).mappings()
    }
    _move(session, site, wanted, stored)
    ids = {key: row["id"] for key, row in stored.items()}
    for item in wanted.values():
        values = _columns(item, ids)
        known = stored.get(item.key)
        if known is None:
            statement = insert(section).values(site=site, **values).returning(section.c.id)
            ids[item.key] = session.execute(statement).scalar_one()
        elif any(known[name] != value for name, value in values.items()):
            session.execute(update(section).where(section.c.id == known["id"]).values(**values))
    _delete(session, [row for key, row in stored.items() if key not in wanted])


def _flatten(declared: Iterable[SectionDraft], parent: str | None) -> Iterator[Declared]:
    seen: set[str] = set()
    for position, draft in enumerate(declared):
        if slugify(draft.slug, limit=200) != draft.slug or not draft.slug:
            raise ContentError(
                f"section {draft.slug!r} below {parent or 'the root'}: not a slug;"
                f" use {slugify(draft.slug, limit=200)!r}"
            )
        if draft.slug in seen:
            raise ContentError(f"section {draft.slug!r} stands twice below {parent or 'the root'}")
        seen.add(draft.slug)
        key = f"{parent}/{draft.slug}" if parent else draft.slug
        yield Declared(key, parent, position, draft)
        yield from _flatten(draft.sections, key)


def _columns(item: Declared, ids: Mapping[str, int]) -> dict[str, Any]:
    draft = item.draft
    return {
        "parent_id": ids[item.parent] if item.parent is not None else None,
        "slug": draft.slug,
        "key": item.key,
        "position": item.position,
        "name": {locale: one_line(text) for locale, text in draft.names.items()},
        "description": {locale: one_line(text) for locale, text in draft.descriptions.items()},
        "layout": draft.layout,
    }


def _move(
    session: Session,
    site: str,
    wanted: Mapping[str, Declared],
    stored: dict[str, dict[str, Any]],
) -> None:
    """Give sections that were called otherwise their new slug paths, with all below them."""
    for item in wanted.values():
        old = item.draft.formerly
        if old is None or old not in stored or item.key in stored:
            continue
        for key in [key for key in stored if key == old or key.startswith(f"{old}/")]:
            row = stored.pop(key)
            row["key"] = item.key + key.removeprefix(old)
            stored[row["key"]] = row
            session.execute(update(section).where(section.c.id == row["id"]).values(key=row["key"]))
            target = RedirectDraft(path=f"/{key}/", target=f"/{row['key']}/")
            save_redirect(session, site, target)


def _delete(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    names = {row["id"]: row["key"] for row in rows}
    counted = (
        select(Article.section_id, func.count())
        .where(Article.section_id.in_(names))
        .group_by(Article.section_id)
    )
    kept = [f"{names[number]} ({count})" for number, count in session.execute(counted)]
    if kept:
        raise ContentError(
            f"sections that are no longer declared still have articles: {', '.join(sorted(kept))};"
            " move the articles, or name the section's successor with `formerly`"
        )
    for row in sorted(rows, key=lambda row: str(row["key"]), reverse=True):
        session.execute(delete(section).where(section.c.id == row["id"]))
