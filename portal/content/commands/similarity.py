"""Similarity by text, computed when an article is saved so that reading costs one look-up.

An article's telling phrases are its most frequent pairs of folded syllables: Vietnamese words are
mostly two syllables, and pairs need no segmenter. Candidates share phrases; a phrase that many
share says little, so each is weighed by how rare it is among the newest articles that have it.
"""

from __future__ import annotations

import math
import re
from collections import Counter

from sqlalchemy import ColumnElement
from sqlalchemy import and_
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.content import models
from portal.text import fold
from portal.text import match_key

PHRASES = 16
NEWEST_PER_PHRASE = 100
KEPT = 20
SAME_SECTION = 1.2
HALF_LIFE_DAYS = 180.0
TITLE_WEIGHT = 3

# Syllables that stand in every official text and tell no two of them apart.
_GENERIC = frozenset(
    "va cua la cac co cho duoc trong voi tai da ve theo den nay nam ngay thang khi nhung mot nhieu"
    " de tu o vao ra se khong nguoi tren con hon so hai ba cung do thi lai di len xuong the of the"
    " and to in a for on is are was at by with from it as be that this".split()
)
_DIGITS = re.compile(r"\d")


def update_similar(session: Session, row: models.Article) -> frozenset[str]:
    """Store the phrases of an article and its most similar others, in both directions.

    Returns the tags of the lists that changed. Pages and unpublished articles have none.
    """
    old = set(session.scalars(select(models.Similar.article_id).where(_of(row.id))))
    session.execute(delete(models.Similar).where(_of(row.id)))
    session.execute(
        delete(models.ArticlePhrase).where(models.ArticlePhrase.article_id == row.id)
    )
    touched = {number for number in old if number != row.id} | {row.id}
    if row.kind == "article" and row.status == "published":
        phrases = telling_phrases(row.headline, row.lead, row.body_text)
        if phrases:
            values = [
                {"article_id": row.id, "locale": row.locale, "phrase": phrase, "weight": weight}
                for phrase, weight in phrases.items()
            ]
            session.execute(insert(models.ArticlePhrase), values)
            scores = _score(session, row, phrases)
            _store(session, row.id, scores)
            touched |= set(scores)
    return frozenset(f"similar:{number}" for number in touched)


def telling_phrases(headline: str, lead: str, body: str) -> dict[str, float]:
    """The most frequent syllable pairs with their relative weight; the headline counts thrice."""
    counts: Counter[str] = Counter()
    for text, weight in ((headline, TITLE_WEIGHT), (lead, 2), (body, 1)):
        words = fold(match_key(text)).split()
        for first, second in zip(words, words[1:], strict=False):
            if first not in _GENERIC and second not in _GENERIC and not _DIGITS.search(first):
                counts[f"{first} {second}"[:64]] += weight
    best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:PHRASES]
    total = sum(count for _, count in best) or 1
    return {phrase: count / total for phrase, count in best}


def _of(number: int) -> ColumnElement[bool]:
    return (models.Similar.article_id == number) | (models.Similar.other_id == number)


def _score(session: Session, row: models.Article, phrases: dict[str, float]) -> dict[int, float]:
    shared: dict[int, float] = {}
    for phrase, weight in phrases.items():
        sharers = session.execute(
            select(models.ArticlePhrase.article_id, models.ArticlePhrase.weight)
            .where(
                and_(
                    models.ArticlePhrase.locale == row.locale,
                    models.ArticlePhrase.phrase == phrase,
                    models.ArticlePhrase.article_id != row.id,
                )
            )
            .order_by(models.ArticlePhrase.article_id.desc())
            .limit(NEWEST_PER_PHRASE)
        ).all()
        rarity = 1.0 / math.log2(2 + len(sharers))
        for number, other_weight in sharers:
            shared[number] = shared.get(number, 0.0) + math.sqrt(weight * other_weight) * rarity
    best = sorted(shared, key=lambda number: (-shared[number], -number))[: KEPT * 2]
    return _weigh(session, row, {number: shared[number] for number in best})


def _weigh(session: Session, row: models.Article, shared: dict[int, float]) -> dict[int, float]:
    """Prefer the same section, and articles of about the same time."""
    if not shared:
        return {}
    others = session.execute(
        select(models.Article.id, models.Article.section_id, models.Article.published_at).where(
            models.Article.id.in_(list(shared)), models.Article.site == row.site
        )
    )
    weighed = {}
    for number, section_id, published_at in others:
        score = shared[number] * (SAME_SECTION if section_id == row.section_id else 1.0)
        apart = abs((row.published_at - published_at).total_seconds()) / 86_400
        weighed[number] = score * (0.5 + 0.5 * 0.5 ** (apart / HALF_LIFE_DAYS))
    best = sorted(weighed, key=lambda number: (-weighed[number], -number))[:KEPT]
    return {number: weighed[number] for number in best}


def _store(session: Session, number: int, scores: dict[int, float]) -> None:
    rows = []
    for other, score in scores.items():
        rows.append({"article_id": number, "other_id": other, "score": score})
        rows.append({"article_id": other, "other_id": number, "score": score})
    if rows:
        session.execute(insert(models.Similar), rows)
