"""Keeps tags and topics: made when an article first names them, renamed when one spells them so."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.content.drafts import ArticleDraft
from portal.content.models import Tag
from portal.content.models import Topic
from portal.content.values import Term
from portal.errors import ContentError
from portal.text import one_line
from portal.text import slugify


@dataclass(frozen=True, slots=True)
class Terms:
    """Ids by slug of what a batch of drafts names."""

    tags: Mapping[str, int]
    topics: Mapping[str, int]


def save_terms(session: Session, site: str, drafts: Sequence[ArticleDraft]) -> Terms:
    """Make or rename the tags and topics of some drafts, in the language of each draft."""
    tagged = [(draft.locale, term) for draft in drafts for term in draft.tags]
    topics = [(draft.locale, draft.topic) for draft in drafts if draft.topic is not None]
    return Terms(_save(session, site, Tag, tagged), _save(session, site, Topic, topics))


def _save(
    session: Session,
    site: str,
    model: type[Tag] | type[Topic],
    terms: Iterable[tuple[str, Term]],
) -> dict[str, int]:
    wanted: dict[str, dict[str, str]] = {}
    for locale, term in terms:
        _check(term)
        wanted.setdefault(term.slug, {})[locale] = one_line(term.name)
    if not wanted:
        return {}
    ids: dict[str, int] = {}
    known = select(model.id, model.slug, model.name).where(
        model.site == site, model.slug.in_(wanted)
    )
    for number, slug, names in session.execute(known).all():
        ids[slug] = number
        merged = {**names, **wanted[slug]}
        if merged != names:
            session.execute(update(model).where(model.id == number).values(name=merged))
    rows = [
        {"site": site, "slug": slug, "name": names}
        for slug, names in wanted.items()
        if slug not in ids
    ]
    if rows:
        made = session.execute(insert(model).returning(model.slug, model.id), rows)
        ids.update({slug: number for slug, number in made})
    return ids


def _check(term: Term) -> None:
    if not term.slug or slugify(term.slug, limit=200) != term.slug:
        raise ContentError(
            f"tag or topic {term.name!r}: slug {term.slug!r} is not one;"
            f" use {slugify(term.slug or term.name, limit=200)!r}"
        )


def read_term_names(
    session: Session, site: str, locale: str, topic: str | None, slugs: Sequence[str]
) -> dict[tuple[str, str], str]:
    """Names in one language by `tag` or `topic` and slug."""
    names: dict[tuple[str, str], str] = {}
    models: tuple[tuple[str, type[Tag] | type[Topic], Sequence[str]], ...] = (
        ("tag", Tag, slugs),
        ("topic", Topic, [topic] if topic else []),
    )
    for kind, model, wanted in models:
        found = select(model.slug, model.name).where(model.site == site, model.slug.in_(wanted))
        for slug, by_locale in session.execute(found) if wanted else ():
            names[kind, slug] = by_locale.get(locale) or slug
    return names
