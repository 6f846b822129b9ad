"""Candidates for an article's related list: what editors chose, and what the content says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

from sqlalchemy import ColumnElement
from sqlalchemy import Float
from sqlalchemy import Select
from sqlalchemy import and_
from sqlalchemy import cast
from sqlalchemy import literal
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import union_all

from portal.content.models import Article as ArticleRow
from portal.content.models import ArticleTag
from portal.content.models import Pin
from portal.content.models import Similar
from portal.content.queries.visibility import clip_to_next_change
from portal.content.queries.visibility import listed
from portal.content.reader import Reader
from portal.content.values import Article

# Articles looked at per tag: the newest ones; older sharers would rank behind them anyway.
NEWEST_PER_TAG = 100


@dataclass(frozen=True, slots=True)
class RelatedLimits:
    """How many candidates of each kind are wanted; 0 leaves a kind out."""

    pinned: int = 0
    topic: int = 0
    tags: int = 0
    text: int = 0
    newer: int = 0
    older: int = 0
    max_age: timedelta | None = None


def related_candidates(
    reader: Reader, article: Article, limits: RelatedLimits
) -> Mapping[str, tuple[int, ...]]:
    """Ids by kind (`pinned`, `topic`, `tags`, `text`, `newer`, `older`), best first.

    The article itself is never among them; an id may stand in several kinds. `newer` holds the
    closest newer articles of the section with the newest first, `older` the closest older ones.
    One statement, whatever the number of articles.
    """
    parts = _parts(reader, article, limits)
    if not parts:
        return {}
    clip_to_next_change(reader)
    found: dict[str, list[_Row]] = {}
    for kind, number, published_at, score in reader.session.execute(union_all(*parts)):
        found.setdefault(kind, []).append((score, published_at, number))
    result: dict[str, tuple[int, ...]] = {}
    for kind, rows in found.items():
        if kind == "tags":
            result[kind] = _most_shared(rows)[: limits.tags]
        else:
            result[kind] = tuple(number for _, _, number in sorted(rows, reverse=True))
    return result


_Row = tuple[float, datetime, int]
_Part = Select[str, int, datetime, float]


def _most_shared(rows: list[_Row]) -> tuple[int, ...]:
    """By the number of shared tags, then newest first."""
    shared = Counter(number for _, _, number in rows)
    published = {number: at for _, at, number in rows}
    order = sorted(shared, key=lambda number: (shared[number], published[number], number))
    return tuple(reversed(order))


def _parts(reader: Reader, article: Article, limits: RelatedLimits) -> list[_Part]:
    """One SELECT of (kind, id, publication, score) for each wanted kind; higher is better."""
    base = [listed(reader), ArticleRow.id != article.id]
    if limits.max_age is not None:
        base.append(ArticleRow.published_at > reader.now - limits.max_age)
    parts: list[_Part] = []
    if limits.pinned:
        reader.reads.record(f"pins:article:{article.id}")
        parts.append(_pinned(reader, article, base, limits.pinned))
    if limits.topic and article.topic is not None:
        reader.reads.record(f"list:topic:{article.topic.slug}")
        same_topic = [*base, ArticleRow.topic == article.topic.slug]
        parts.append(_newest("topic", same_topic, limits.topic))
    if limits.tags:
        for tag in article.tags:
            reader.reads.record(f"list:tag:{tag.slug}")
            parts.append(_tagged(base, tag.slug))
    if limits.text:
        reader.reads.record(f"similar:{article.id}")
        parts.append(_similar(article, base, limits.text))
    if article.section is not None:
        reader.reads.record(f"list:section:{article.section.id}")
        parts += _neighbours(article, base, limits)
    return parts


def _part(kind: str, rows: Select[int, datetime, float]) -> _Part:
    """Wrap a limited SELECT so that it may stand in a UNION."""
    inner = rows.subquery().c
    return select(literal(kind), inner.id, inner.published_at, inner.score)


def _newest(
    kind: str, conditions: list[ColumnElement[bool]], limit: int, *, closest: bool = False
) -> _Part:
    rows = select(ArticleRow.id, ArticleRow.published_at, literal(0.0).label("score"))
    if closest:
        ordered = rows.order_by(ArticleRow.published_at.asc(), ArticleRow.id.asc())
    else:
        ordered = rows.order_by(ArticleRow.published_at.desc(), ArticleRow.id.desc())
    return _part(kind, ordered.where(*conditions).limit(limit))


def _tagged(base: list[ColumnElement[bool]], tag: str) -> _Part:
    newest = (
        select(ArticleTag.article_id)
        .where(ArticleTag.tag == tag)
        .order_by(ArticleTag.article_id.desc())
        .limit(NEWEST_PER_TAG)
        .subquery()
    )
    rows = select(ArticleRow.id, ArticleRow.published_at, literal(0.0).label("score"))
    return _part("tags", rows.join(newest, newest.c.article_id == ArticleRow.id).where(*base))


def _similar(article: Article, base: list[ColumnElement[bool]], limit: int) -> _Part:
    rows = (
        select(ArticleRow.id, ArticleRow.published_at, Similar.score)
        .join(Similar, Similar.other_id == ArticleRow.id)
        .where(Similar.article_id == article.id, *base)
        .order_by(Similar.score.desc(), ArticleRow.id.desc())
        .limit(limit)
    )
    return _part("text", rows)


def _pinned(
    reader: Reader, article: Article, base: list[ColumnElement[bool]], limit: int
) -> _Part:
    rows = (
        select(
            ArticleRow.id, ArticleRow.published_at, cast(-Pin.position, Float).label("score")
        )
        .join(Pin, Pin.article_id == ArticleRow.id)
        .where(
            Pin.site == reader.site,
            Pin.scope == f"article:{article.id}",
            or_(Pin.expires_at.is_(None), Pin.expires_at > reader.now),
            *base,
        )
        .order_by(Pin.position)
        .limit(limit)
    )
    return _part("pinned", rows)


def _neighbours(
    article: Article, base: list[ColumnElement[bool]], limits: RelatedLimits
) -> list[_Part]:
    """The closest newer and older articles of the same section."""
    if article.section is None:
        return []
    same = [*base, ArticleRow.section_id == article.section.id]
    here = article.published.at
    parts = []
    if limits.newer:
        newer = or_(
            ArticleRow.published_at > here,
            and_(ArticleRow.published_at == here, ArticleRow.id > article.id),
        )
        parts.append(_newest("newer", [*same, newer], limits.newer, closest=True))
    if limits.older:
        older = or_(
            ArticleRow.published_at < here,
            and_(ArticleRow.published_at == here, ArticleRow.id < article.id),
        )
        parts.append(_newest("older", [*same, older], limits.older))
    return parts
