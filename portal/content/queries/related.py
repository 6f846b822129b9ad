"""Candidates for lists beside an article: all reasons together in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any
from typing import cast

from sqlalchemy import BindParameter
from sqlalchemy import ColumnElement
from sqlalchemy import CompoundSelect
from sqlalchemy import Float
from sqlalchemy import Integer
from sqlalchemy import Row
from sqlalchemy import Select
from sqlalchemy import Table
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import cast as cast_to
from sqlalchemy import func
from sqlalchemy import literal
from sqlalchemy import literal_column
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import union_all

from portal.content import tags
from portal.content.columns import Long
from portal.content.columns import UtcDateTime
from portal.content.engine import one_plan
from portal.content.models import Similar
from portal.content.queries.articles import topic
from portal.content.queries.belongings import article_tag
from portal.content.queries.belongings import tag
from portal.content.queries.lists import pin
from portal.content.queries.visibility import LISTED
from portal.content.queries.visibility import NEWEST_FIRST
from portal.content.queries.visibility import NOW
from portal.content.queries.visibility import OF_SITE
from portal.content.queries.visibility import SITE
from portal.content.queries.visibility import article
from portal.content.queries.visibility import clip_list
from portal.content.queries.visibility import places
from portal.content.reader import Reader
from portal.content.values import Article
from portal.content.values import RelatedReason
from portal.text import similar_titles

similar = cast("Table", Similar.__table__)

# Ranking among the newest of each tag costs the same at 1,000 and at 100,000 articles. What shares
# tags but is older than these was followed by three times as many as a list shows.
_NEWEST_PER_TAG = 60
# Near-duplicates and the article itself are dropped after reading.
_SLACK = 4
# Shared tags are counted in the tags' index alone; of what leads there, this many times the rows
# that are wanted are looked at, because other languages, drafts and expired articles fall out.
_LOOKED_AT = 3

_SHOWN: BindParameter[int] = bindparam("shown", type_=Long)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a statement's text depends on: the reasons with their limits, and how many tags."""

    limits: tuple[tuple[RelatedReason, int], ...]
    tags: int


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
    asked = tuple(
        (reason, limit)
        for reason, limit in limits.items()
        if limit > 0 and _is_possible(shown, reason)
    )
    by_reason: dict[str, list[Row[Any]]] = {}
    if asked:
        for reason, _ in asked:
            reader.reads.record(*_tags_of(shown, reason))
        statement = _statement(_Shape(asked, len(shown.tags)))
        with one_plan(reader.session):
            rows = reader.session.execute(statement, _values(reader, shown)).all()
        for row in rows:
            reader.reads.clip(row.ends)
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


def _is_possible(shown: Article, reason: RelatedReason) -> bool:
    """Whether the article has what this reason looks for."""
    if reason == "topic":
        return shown.topic is not None
    if reason == "tags":
        return bool(shown.tags)
    return reason != "section" or shown.section is not None


def _tags_of(shown: Article, reason: RelatedReason) -> Iterable[str]:
    """What the candidates of a reason depend on."""
    if reason == "pinned":
        yield tags.pins(f"article:{shown.id}")
    elif reason == "topic" and shown.topic is not None:
        yield tags.list_of_topic(shown.topic.slug)
    elif reason == "tags":
        yield from (tags.list_of_tag(term.slug) for term in shown.tags)
    elif reason == "text":
        yield tags.similar(shown.id)
    elif reason == "section" and shown.section is not None:
        yield tags.list_of_section(shown.section.id)
    else:
        yield tags.LIST_OF_SITE


def _values(reader: Reader, shown: Article) -> dict[str, object]:
    values = places(
        reader,
        shown=shown.id,
        scope=f"article:{shown.id}",
        section=shown.section.id if shown.section else None,
        topic=shown.topic.slug if shown.topic else None,
    )
    return values | {f"tag_{place}": term.slug for place, term in enumerate(shown.tags)}


def _ranked(reason: RelatedReason, rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    """Rows of one reason by score where it has one, then newest."""
    by_score = reason in {"pinned", "tags", "text"}

    def rank(row: Row[Any]) -> tuple[float, datetime, int]:
        return row.score if by_score else 0.0, row.first_published_at, row.id

    return sorted(rows, key=rank, reverse=True)


@lru_cache(maxsize=256)
def _statement(shape: _Shape) -> CompoundSelect[Any]:
    """The candidates of all reasons. Built once per shape: building costs more than running."""
    parts = [_part(reason, limit + _SLACK, shape.tags) for reason, limit in shape.limits]
    return union_all(*(select(part.subquery()) for part in parts))


def _part(reason: RelatedReason, limit: int, number_of_tags: int) -> Select[Any]:
    if reason == "pinned":
        return _pinned(limit)
    if reason == "topic":
        return _of_topic(limit)
    if reason == "tags":
        return _of_tags(number_of_tags, limit)
    if reason == "text":
        return _by_text(limit)
    newest = _candidates(reason)
    if reason == "section":
        newest = newest.where(article.c.section_id == bindparam("section", type_=Long))
    else:
        newest = newest.where(OF_SITE)
    return newest.order_by(*NEWEST_FIRST).limit(_number(limit))


def _candidates(
    reason: RelatedReason,
    score: ColumnElement[Any] | None = None,
    ends: ColumnElement[Any] | None = None,
) -> Select[Any]:
    return select(
        literal(reason).label("reason"),
        article.c.id,
        article.c.headline,
        article.c.first_published_at,
        (literal(1.0, Float) if score is None else cast_to(score, Float)).label("score"),
        (cast_to(None, UtcDateTime()) if ends is None else ends).label("ends"),
    ).where(LISTED, article.c.id != _SHOWN)


def _pinned(limit: int) -> Select[Any]:
    return (
        _candidates("pinned", -pin.c.position, pin.c.expires_at)
        .join(pin, pin.c.article_id == article.c.id)
        .where(
            pin.c.site == SITE,
            pin.c.scope == bindparam("scope"),
            or_(pin.c.expires_at.is_(None), pin.c.expires_at > NOW),
        )
        .order_by(pin.c.position, pin.c.id)
        .limit(_number(limit))
    )


def _of_topic(limit: int) -> Select[Any]:
    number = select(topic.c.id).where(topic.c.site == SITE, topic.c.slug == bindparam("topic"))
    return (
        _candidates("topic")
        .where(article.c.topic_id == number.scalar_subquery())
        .order_by(*NEWEST_FIRST)
        .limit(_number(limit))
    )


def _of_tags(number_of_tags: int, limit: int) -> Select[Any]:
    """The newest of each tag from its index, counted; then the rows of the best few."""
    newest = union_all(
        *(select(_newest_of_tag(place).subquery()) for place in range(number_of_tags))
    ).subquery()
    shared = func.count().label("shared")
    # The same in every row of an article.
    published = func.max(newest.c.first_published_at)
    ranked = (
        select(newest.c.article_id, shared)
        .where(newest.c.article_id != _SHOWN)
        .group_by(newest.c.article_id)
        .order_by(shared.desc(), published.desc(), newest.c.article_id.desc())
        .limit(_number(_LOOKED_AT * limit))
        .subquery()
    )
    return (
        _candidates("tags", ranked.c.shared)
        .join(ranked, ranked.c.article_id == article.c.id)
        .order_by(ranked.c.shared.desc(), *NEWEST_FIRST)
        .limit(_number(limit))
    )


def _newest_of_tag(place: int) -> Select[Any]:
    number = select(tag.c.id).where(tag.c.site == SITE, tag.c.slug == bindparam(f"tag_{place}"))
    return (
        select(article_tag.c.article_id, article_tag.c.first_published_at)
        .where(
            article_tag.c.tag_id == number.scalar_subquery(),
            article_tag.c.first_published_at <= NOW,
        )
        .order_by(article_tag.c.first_published_at.desc(), article_tag.c.article_id.desc())
        .limit(_number(_NEWEST_PER_TAG))
    )


def _by_text(limit: int) -> Select[Any]:
    return (
        _candidates("text", similar.c.score)
        .join(similar, and_(similar.c.other_id == article.c.id, similar.c.article_id == _SHOWN))
        .order_by(similar.c.score.desc(), similar.c.other_id.desc())
        .limit(_number(limit))
    )


def _number(limit: int) -> ColumnElement[int]:
    """A limit as text: a plan that is kept for all values has to know how much is wanted."""
    return literal_column(str(limit), Integer)


def same_topic(reader: Reader, shown: Article, limit: int) -> tuple[int, ...]:
    """The newest articles of the same running story."""
    return related_candidates(reader, shown, {"topic": limit})["topic"]


def sharing_tags(reader: Reader, shown: Article, limit: int) -> tuple[int, ...]:
    """Articles that share tags, those with the most first."""
    return related_candidates(reader, shown, {"tags": limit})["tags"]


def similar_by_text(reader: Reader, shown: Article, limit: int) -> tuple[int, ...]:
    """Articles that read alike, as found when they were published."""
    return related_candidates(reader, shown, {"text": limit})["text"]
