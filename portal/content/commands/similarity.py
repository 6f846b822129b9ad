"""Finds similar articles when one is published, so that readers never wait for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from itertools import islice
from typing import Any
from typing import cast

from sqlalchemy import Select
from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy import union_all
from sqlalchemy.orm import Session

from portal.content.body import text_of
from portal.content.columns import Long
from portal.content.commands.states import State
from portal.content.commands.states import is_public
from portal.content.models import Article
from portal.content.models import ArticleTerm
from portal.content.models import Similar
from portal.content.similarity import NEWEST_PER_TERM
from portal.content.similarity import STORED
from portal.content.similarity import TERMS_PER_ARTICLE
from portal.content.similarity import adjust
from portal.content.similarity import digest_term
from portal.content.similarity import rarity
from portal.content.similarity import weigh_terms

article = cast("Table", Article.__table__)
article_term = cast("Table", ArticleTerm.__table__)
similar = cast("Table", Similar.__table__)

Weights = Mapping[int, float]
Scores = Mapping[int, float]
Change = tuple[int, State | None, State]

_TEXTS = ("headline", "lead", "body", "locale", "kind", "status", "section_id")
_MOST_CANDIDATES = 60
_MOST_PARAMETERS = 5000
# An article keeps some more than it shows, since some of them will expire or be withdrawn.
_MOST_STORED = 2 * STORED
_LOCK = 7002
# Two saves write to each other's lists; PostgreSQL would refuse the second one's rows.
_TAKE_TURN = text("SELECT pg_advisory_xact_lock(:lock)")


def refresh_similar(session: Session, site: str, changes: Iterable[Change]) -> None:
    """Store the terms and the neighbours of changed articles."""
    due = [
        (number, state)
        for number, old, state in changes
        if old is None or any(old[name] != state[name] for name in _TEXTS)
    ]
    due = [item for item in due if item[1]["kind"] == "article"]
    if not due:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_TAKE_TURN, {"lock": _LOCK})
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
    raw = {number: _score(session, number, weights) for number, weights in weighed.items()}
    _store(session, _choose(session, raw))


@lru_cache(maxsize=TERMS_PER_ARTICLE)
def _newest_with_terms(count: int) -> Select[Any]:
    """For each of `count` terms (`term_0`, …) the newest articles with it, but not `number`."""
    each = [
        select(article_term.c.term, article_term.c.article_id, article_term.c.weight)
        .where(
            article_term.c.term == bindparam(f"term_{place}", type_=Long),
            article_term.c.article_id != bindparam("number", type_=Long),
        )
        .order_by(article_term.c.article_id.desc())
        .limit(NEWEST_PER_TERM)
        .subquery()
        for place in range(count)
    ]
    merged = union_all(*(select(one) for one in each)).subquery()
    return select(merged)


def _score(session: Session, number: int, weights: Weights) -> Scores:
    """The articles that share the most, and how much."""
    if not weights:
        return {}
    places = {f"term_{place}": term for place, term in enumerate(weights)}
    statement = _newest_with_terms(len(weights))
    rows = session.execute(statement, {"number": number, **places}).all()
    rarities = {term: rarity(count) for term, count in Counter(term for term, _, _ in rows).items()}
    scores: dict[int, float] = {}
    for term, other, weight in rows:
        scores[other] = scores.get(other, 0.0) + weights[term] * weight * rarities[term]
    best = sorted(scores.items(), key=lambda item: (-round(item[1], 6), -item[0]))
    return dict(best[:_MOST_CANDIDATES])


def _choose(session: Session, raw: Mapping[int, Scores]) -> dict[int, Scores]:
    """The neighbours of each article, after nearness in the tree and in time counts too."""
    wanted = sorted({other for scores in raw.values() for other in scores} | set(raw))
    facts: dict[int, Any] = {}
    for start in range(0, len(wanted), _MOST_PARAMETERS):
        some = select(article.c.id, article.c.section_id, article.c.first_published_at).where(
            article.c.id.in_(wanted[start : start + _MOST_PARAMETERS])
        )
        facts.update({row.id: row for row in session.execute(some)})
    chosen: dict[int, Scores] = {}
    for number, scores in raw.items():
        own = facts[number]
        adjusted = {
            other: adjust(
                score,
                own.section_id is not None and own.section_id == facts[other].section_id,
                own.first_published_at,
                facts[other].first_published_at,
            )
            for other, score in scores.items()
        }
        best = sorted(adjusted.items(), key=lambda item: (-item[1], -item[0]))
        chosen[number] = {other: score for other, score in best[:STORED] if score > 0}
    return chosen


def _store(session: Session, chosen: Mapping[int, Scores]) -> None:
    """Keep the neighbours of each article, and each article as a neighbour of them."""
    if not chosen:
        return
    session.execute(
        delete(similar).where(or_(similar.c.article_id.in_(chosen), similar.c.other_id.in_(chosen)))
    )
    pairs: dict[tuple[int, int], float] = {}
    for number, scores in chosen.items():
        for other, score in scores.items():
            pairs.setdefault((number, other), score)
            pairs.setdefault((other, number), score)
    if pairs:
        session.execute(
            insert(similar),
            [
                {"article_id": owner, "other_id": other, "score": score}
                for (owner, other), score in pairs.items()
            ],
        )
    _trim(session, sorted({owner for owner, _ in pairs}))


def _trim(session: Session, owners: Sequence[int]) -> None:
    """Let no list grow: what is closest stays."""
    full: list[int] = []
    for start in range(0, len(owners), _MOST_PARAMETERS):
        counted = (
            select(similar.c.article_id)
            .where(similar.c.article_id.in_(owners[start : start + _MOST_PARAMETERS]))
            .group_by(similar.c.article_id)
            .having(func.count() > _MOST_STORED)
        )
        full += session.execute(counted).scalars()
    if not full:
        return
    rows = session.execute(
        select(similar.c.article_id, similar.c.other_id)
        .where(similar.c.article_id.in_(full))
        .order_by(similar.c.article_id, similar.c.score.desc(), similar.c.other_id.desc())
    )
    surplus = [
        {"owner": owner, "neighbour": row.other_id}
        for owner, group in groupby(rows, key=lambda row: row.article_id)
        for row in islice(group, _MOST_STORED, None)
    ]
    session.connection().execute(
        delete(similar).where(
            similar.c.article_id == bindparam("owner"),
            similar.c.other_id == bindparam("neighbour"),
        ),
        surplus,
    )
