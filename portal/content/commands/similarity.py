"""Finds similar articles when one is published, so that readers never wait for it."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import cast

from sqlalchemy import Table
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import union_all
from sqlalchemy.orm import Session

from portal.content import tags
from portal.content.body import text_of
from portal.content.commands.states import State
from portal.content.commands.states import is_public
from portal.content.models import Article
from portal.content.models import ArticleTerm
from portal.content.models import Similar
from portal.content.similarity import NEWEST_PER_TERM
from portal.content.similarity import STORED
from portal.content.similarity import adjust
from portal.content.similarity import digest_term
from portal.content.similarity import rarity
from portal.content.similarity import weigh_terms

article = cast("Table", Article.__table__)
article_term = cast("Table", ArticleTerm.__table__)
similar = cast("Table", Similar.__table__)

Weights = Mapping[int, float]
Change = tuple[int, State | None, State]

_TEXTS = ("headline", "lead", "body", "locale", "kind", "status", "section_id")
_MOST_CANDIDATES = 60
# An older article keeps some more than it shows: later ones that are closer push the rest out.
_MOST_STORED = 2 * STORED


def refresh_similar(session: Session, site: str, changes: Iterable[Change]) -> dict[int, set[str]]:
    """Store the terms and the neighbours of changed articles; the tags that end, by article id."""
    due = [
        (number, state)
        for number, old, state in changes
        if old is None or any(old[name] != state[name] for name in _TEXTS)
    ]
    due = [item for item in due if item[1]["kind"] == "article"]
    if not due:
        return {}
    numbers = [number for number, _ in due]
    session.execute(delete(article_term).where(article_term.c.article_id.in_(numbers)))
    weighed = {
        number: {
            digest_term(site, state["locale"], pair): weight
            for pair, weight in weigh_terms(
                state["headline"], state["lead"], text_of(state["body"])
            ).items()
        }
        for number, state in due
        if is_public(state)
    }
    rows = [
        {"term": term, "article_id": number, "weight": weight}
        for number, weights in weighed.items()
        for term, weight in weights.items()
    ]
    if rows:
        session.execute(insert(article_term), rows)
    return {
        number: _store(session, number, _neighbours(session, number, weights))
        for number, weights in weighed.items()
    }


def _neighbours(session: Session, number: int, weights: Weights) -> list[tuple[int, float]]:
    """The most similar articles of the same site and language, best first."""
    if not weights:
        return []
    each = [
        select(article_term.c.term, article_term.c.article_id, article_term.c.weight)
        .where(article_term.c.term == term, article_term.c.article_id != number)
        .order_by(article_term.c.article_id.desc())
        .limit(NEWEST_PER_TERM)
        .subquery()
        for term in weights
    ]
    rows = session.execute(union_all(*(select(one) for one in each))).all()
    counts: dict[int, int] = {}
    for term, _, _ in rows:
        counts[term] = counts.get(term, 0) + 1
    scores: dict[int, float] = {}
    for term, other, weight in rows:
        shared = weights[term] * weight * rarity(counts[term])
        scores[other] = scores.get(other, 0.0) + shared
    best = sorted(scores.items(), key=lambda item: (-round(item[1], 6), -item[0]))
    return _adjusted(session, number, dict(best[:_MOST_CANDIDATES]))


def _adjusted(
    session: Session, number: int, scores: Mapping[int, float]
) -> list[tuple[int, float]]:
    if not scores:
        return []
    rows = {
        row.id: row
        for row in session.execute(
            select(article.c.id, article.c.section_id, article.c.first_published_at).where(
                article.c.id.in_([number, *scores])
            )
        )
    }
    own = rows.pop(number)
    adjusted = {
        other: adjust(
            scores[other],
            row.section_id is not None and row.section_id == own.section_id,
            own.first_published_at,
            row.first_published_at,
        )
        for other, row in rows.items()
    }
    best = sorted(adjusted.items(), key=lambda item: (-item[1], -item[0]))
    return [(other, score) for other, score in best if score > 0][:STORED]


def _store(session: Session, number: int, neighbours: Sequence[tuple[int, float]]) -> set[str]:
    """Keep the neighbours of one article, and this one as a neighbour of each of them."""
    session.execute(delete(similar).where(similar.c.article_id == number))
    # The others' lists are renewed only where this article is new or closer than their last.
    before = set(
        session.execute(select(similar.c.article_id).where(similar.c.other_id == number)).scalars()
    )
    session.execute(delete(similar).where(similar.c.other_id == number))
    rows = [
        {"article_id": number, "other_id": other, "score": score} for other, score in neighbours
    ]
    full = _full_lists(session, [other for other, _ in neighbours])
    pushed_out = []
    for other, score in neighbours:
        least = full.get(other)
        if least is not None and score <= least:
            continue
        if least is not None:
            pushed_out.append((other, least))
        rows.append({"article_id": other, "other_id": number, "score": score})
    if pushed_out:
        session.execute(
            delete(similar).where(tuple_(similar.c.article_id, similar.c.score).in_(pushed_out))
        )
    if rows:
        session.execute(insert(similar), rows)
    owners = before | {int(row["article_id"]) for row in rows} | {number}
    return {tags.similar(owner) for owner in owners}


def _full_lists(session: Session, owners: Sequence[int]) -> dict[int, float]:
    """The lowest score of every list that has no room left."""
    if not owners:
        return {}
    rows = session.execute(
        select(similar.c.article_id, func.min(similar.c.score))
        .where(similar.c.article_id.in_(owners))
        .group_by(similar.c.article_id)
        .having(func.count() >= _MOST_STORED)
    )
    return {owner: least for owner, least in rows}
