"""Candidates for lists beside an article: all reasons together in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Any
from typing import cast

from sqlalchemy import Float
from sqlalchemy import Row
from sqlalchemy import Select
from sqlalchemy import Table
from sqlalchemy import and_
from sqlalchemy import cast as cast_to
from sqlalchemy import literal
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import union_all

from portal.content import tags
from portal.content.models import Similar
from portal.content.queries.articles import article_tag
from portal.content.queries.articles import tag
from portal.content.queries.articles import topic
from portal.content.queries.lists import pin
from portal.content.queries.visibility import LISTED
from portal.content.queries.visibility import NEWEST_FIRST
from portal.content.queries.visibility import NOW
from portal.content.queries.visibility import OF_SITE
from portal.content.queries.visibility import article
from portal.content.queries.visibility import clip_list
from portal.content.queries.visibility import places
from portal.content.reader import Reader
from portal.content.values import Article
from portal.content.values import RelatedReason
from portal.text import similar_titles

similar = cast("Table", Similar.__table__)

# Ranking among the newest hundred of each tag costs the same at 1,000 and at 100,000 articles.
_NEWEST_PER_TAG = 100
# Near-duplicates and the article itself are dropped after reading.
_SLACK = 4


def related_candidates(
    reader: Reader, shown: Article, limits: Mapping[RelatedReason, int]
) -> Mapping[RelatedReason, tuple[int, ...]]:
    """For every reason in `limits` at most that many candidates, best first, in one statement.

    `pinned` by editors for this article; `topic` newest of the same story; `tags` by the number
    of shared tags; `text` by stored similarity; `section` and `latest` newest. Never the article
    itself, another language, or an article with nearly the same title. One id may stand under
    several reasons; ties go to the newer, then to the higher id.
    """
    clip_list(reader)
    parts = [
        part
        for reason, limit in limits.items()
        if limit > 0
        for part in _parts(reader, shown, reason, limit + _SLACK)
    ]
    if not parts:
        return dict.fromkeys(limits, ())
    statement = union_all(*(select(part.subquery()) for part in parts))
    rows = reader.session.execute(statement, places(reader)).all()
    by_reason: dict[str, list[Row[Any]]] = {}
    for row in rows:
        by_reason.setdefault(row.reason, []).append(row)
    return {
        reason: tuple(
            islice(
                (
                    row.id
                    for row in _ranked(reason, by_reason.get(reason, ()))
                    if not similar_titles(row.headline, shown.headline)
                ),
                max(limit, 0),
            )
        )
        for reason, limit in limits.items()
    }


def _ranked(reason: RelatedReason, rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    """Rows of one reason by score, then newest; shared tags are counted here."""
    scores: dict[int, float] = {}
    first: dict[int, Row[Any]] = {}
    for row in rows:
        scores[row.id] = scores.get(row.id, 0.0) + row.score
        first.setdefault(row.id, row)
    by_score = reason in {"pinned", "tags", "text"}

    def rank(row: Row[Any]) -> tuple[float, datetime, int]:
        return scores[row.id] if by_score else 0.0, row.first_published_at, row.id

    return sorted(first.values(), key=rank, reverse=True)


def _parts(reader: Reader, shown: Article, reason: RelatedReason, limit: int) -> list[Select[Any]]:
    if reason == "pinned":
        return _pinned(reader, shown, limit)
    if reason == "topic":
        return _of_topic(reader, shown, limit)
    if reason == "tags":
        return _of_tags(reader, shown)
    if reason == "text":
        return _by_text(reader, shown, limit)
    if reason == "section":
        return _of_section(reader, shown, limit)
    reader.reads.record(tags.LIST_OF_SITE)
    return [_candidates(shown, "latest").where(OF_SITE).order_by(*NEWEST_FIRST).limit(limit)]


def _candidates(shown: Article, reason: RelatedReason, score: Any = 1.0) -> Select[Any]:
    value = literal(score, Float) if isinstance(score, float) else cast_to(score, Float)
    return select(
        literal(reason).label("reason"),
        article.c.id,
        article.c.headline,
        article.c.first_published_at,
        value.label("score"),
    ).where(LISTED, article.c.id != shown.id)


def _pinned(reader: Reader, shown: Article, limit: int) -> list[Select[Any]]:
    scope = f"article:{shown.id}"
    reader.reads.record(tags.pins(scope))
    return [
        _candidates(shown, "pinned", -pin.c.position)
        .join(pin, pin.c.article_id == article.c.id)
        .where(
            pin.c.site == reader.site,
            pin.c.scope == scope,
            or_(pin.c.expires_at.is_(None), pin.c.expires_at > NOW),
        )
        .order_by(pin.c.position, pin.c.id)
        .limit(limit)
    ]


def _of_topic(reader: Reader, shown: Article, limit: int) -> list[Select[Any]]:
    if shown.topic is None:
        return []
    reader.reads.record(tags.list_of_topic(shown.topic.slug))
    number = select(topic.c.id).where(topic.c.site == reader.site, topic.c.slug == shown.topic.slug)
    return [
        _candidates(shown, "topic")
        .where(article.c.topic_id == number.scalar_subquery())
        .order_by(*NEWEST_FIRST)
        .limit(limit)
    ]


def _of_tags(reader: Reader, shown: Article) -> list[Select[Any]]:
    reader.reads.record(*(tags.list_of_tag(term.slug) for term in shown.tags))
    return [
        _candidates(shown, "tags")
        .join(article_tag, article_tag.c.article_id == article.c.id)
        .where(
            article_tag.c.tag_id
            == select(tag.c.id)
            .where(tag.c.site == reader.site, tag.c.slug == term.slug)
            .scalar_subquery(),
            article_tag.c.first_published_at <= NOW,
        )
        .order_by(article_tag.c.first_published_at.desc(), article_tag.c.article_id.desc())
        .limit(_NEWEST_PER_TAG)
        for term in shown.tags
    ]


def _by_text(reader: Reader, shown: Article, limit: int) -> list[Select[Any]]:
    reader.reads.record(tags.similar(shown.id))
    return [
        _candidates(shown, "text", similar.c.score)
        .join(
            similar,
            and_(similar.c.other_id == article.c.id, similar.c.article_id == shown.id),
        )
        .order_by(similar.c.score.desc(), similar.c.other_id.desc())
        .limit(limit)
    ]


def _of_section(reader: Reader, shown: Article, limit: int) -> list[Select[Any]]:
    if shown.section is None:
        return []
    reader.reads.record(tags.list_of_section(shown.section.id))
    return [
        _candidates(shown, "section")
        .where(article.c.section_id == shown.section.id)
        .order_by(*NEWEST_FIRST)
        .limit(limit)
    ]


def same_topic(reader: Reader, shown: Article, limit: int) -> tuple[int, ...]:
    """The newest articles of the same running story."""
    return related_candidates(reader, shown, {"topic": limit})["topic"]


def sharing_tags(reader: Reader, shown: Article, limit: int) -> tuple[int, ...]:
    """Articles that share tags, those with the most first."""
    return related_candidates(reader, shown, {"tags": limit})["tags"]


def similar_by_text(reader: Reader, shown: Article, limit: int) -> tuple[int, ...]:
    """Articles that read alike, as found when they were published."""
    return related_candidates(reader, shown, {"text": limit})["text"]
