"""Saving, correcting and withdrawing articles."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.content import log
from portal.content import models
from portal.content.commands.similarity import update_similar
from portal.content.drafts import ArticleDraft
from portal.content.drafts import Changed
from portal.content.drafts import Outcome
from portal.content.sanitise import clean
from portal.content.sanitise import plain_text
from portal.content.sanitise import safe_url
from portal.content.values import Correction
from portal.content.values import Source
from portal.content.values import Term
from portal.errors import ContentError
from portal.text import normalise_line
from portal.text import slug as make_slug

LONGEST_HEADLINE = 500
_MEDIA = re.compile(r'data-media="(\d+)"')


def save_article(
    session: Session,
    site: str,
    draft: ArticleDraft,
    *,
    now: datetime,
    article_id: int | None = None,
    actor: str = "",
) -> Changed:
    """Create or update an article; unchanged content writes nothing.

    Which one is updated: `article_id`, else the one with the same legacy system and id. Raises
    `ContentError` for an unknown section or article and for an empty headline.
    """
    draft = _clean(draft)
    section_id = _section_id(session, site, draft.section)
    row = _find(session, site, draft, article_id)
    digest = _digest(draft, section_id)
    if row is not None and row.content_hash == digest:
        return Changed(row.id, "unchanged", frozenset())
    before = _tags(session, row) if row is not None else frozenset[str]()
    outcome: Outcome = "created" if row is None else "updated"
    if row is None:
        row = models.Article(site=site, created_at=now, revision=0)
        session.add(row)
    _store_names(session, draft)
    _fill(row, draft, section_id, now, digest)
    session.flush()
    _store_parts(session, row, draft)
    _keep_revision(session, row, draft, now, actor)
    before |= update_similar(session, row)
    tags = before | _tags(session, row)
    log.append(session, tags)
    return Changed(row.id, outcome, tags)


def withdraw_article(
    session: Session,
    site: str,
    article_id: int,
    *,
    reason: str,
    successor_id: int | None = None,
    now: datetime,
    actor: str = "",
) -> Changed:
    """Take an article back: its address answers 410 with the reason and what replaces it."""
    row = _get(session, site, article_id)
    row.status = "withdrawn"
    row.withdrawn_reason = normalise_line(reason)
    row.successor_id = successor_id
    return _touch(session, row, now, actor)


def add_correction(
    session: Session, site: str, article_id: int, correction: Correction, *, now: datetime
) -> Changed:
    """Add a public change note; the article counts as updated from then on."""
    row = _get(session, site, article_id)
    row.corrections = [*row.corrections, _correction(correction)]
    row.updated_at = correction.at
    return _touch(session, row, now, "")


def _touch(session: Session, row: models.Article, now: datetime, actor: str) -> Changed:
    row.content_hash = ""
    row.modified_at = now
    row.revision += 1
    session.flush()
    snapshot = {
        "status": row.status,
        "reason": row.withdrawn_reason,
        "corrections": row.corrections,
        "headline": row.headline,
        "lead": row.lead,
        "body": row.body,
    }
    session.add(
        models.Revision(
            article_id=row.id, number=row.revision, saved_at=now, actor=actor, content=snapshot
        )
    )
    tags = _tags(session, row)
    log.append(session, tags)
    return Changed(row.id, "updated", tags)


def _get(session: Session, site: str, article_id: int) -> models.Article:
    row = session.get(models.Article, article_id)
    if row is None or row.site != site:
        raise ContentError(f"site {site!r} has no article {article_id}")
    return row


def _find(
    session: Session, site: str, draft: ArticleDraft, article_id: int | None
) -> models.Article | None:
    if article_id is not None:
        return _get(session, site, article_id)
    if draft.legacy_system is None or draft.legacy_id is None:
        return None
    return session.scalar(
        select(models.Article).where(
            models.Article.site == site,
            models.Article.legacy_system == draft.legacy_system,
            models.Article.legacy_id == draft.legacy_id,
        )
    )


def _clean(draft: ArticleDraft) -> ArticleDraft:
    """The draft as it will be stored: NFC everywhere, markup sanitised, addresses judged."""
    headline = normalise_line(draft.headline)
    if not headline:
        raise ContentError("an article needs a headline; this one has none")
    source = draft.source
    if source is not None:
        source = Source(normalise_line(source.name), safe_url(source.url) if source.url else None)
    return replace(
        draft,
        headline=headline[:LONGEST_HEADLINE],
        lead=normalise_line(draft.lead),
        body=clean(draft.body),
        authors=tuple(
            replace(author, name=normalise_line(author.name)) for author in draft.authors
        ),
        source=source,
        tags=tuple(Term(tag.slug, normalise_line(tag.name)) for tag in draft.tags),
        corrections=tuple(
            replace(item, note=normalise_line(item.note)) for item in draft.corrections
        ),
        withdrawn_reason=normalise_line(draft.withdrawn_reason),
        slug=make_slug(draft.slug or headline),
    )


def _digest(draft: ArticleDraft, section_id: int | None) -> str:
    """Equal for equal content; provenance and review flags do not count."""
    values = asdict(draft)
    for name in ("provenance", "review_flags"):
        values.pop(name)
    text = json.dumps([values, section_id], default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _section_id(session: Session, site: str, key: str | None) -> int | None:
    if key is None:
        return None
    found = session.scalar(
        select(models.Section.id).where(models.Section.site == site, models.Section.key == key)
    )
    if found is None:
        known = session.scalars(
            select(models.Section.key).where(models.Section.site == site).order_by("key")
        )
        raise ContentError(
            f"site {site!r} has no section {key!r} (known: {', '.join(known) or 'none'})"
        )
    return found


def _fill(
    row: models.Article, draft: ArticleDraft, section_id: int | None, now: datetime, digest: str
) -> None:
    # A slug is part of the address: it stays what it was when the article first got it.
    row.slug = row.slug or draft.slug or make_slug(draft.headline)
    row.kind, row.locale, row.section_id = draft.kind, draft.locale, section_id
    row.translation_group = draft.translation_group or row.translation_group or row.slug
    row.headline, row.lead = draft.headline, draft.lead
    row.body, row.body_text = draft.body, plain_text(draft.body)
    row.authors = [asdict(author) for author in draft.authors]
    row.source_name = draft.source.name if draft.source else None
    row.source_url = draft.source.url if draft.source else None
    row.topic = draft.topic.slug if draft.topic else None
    row.hero_id, row.status = draft.hero_id, draft.status
    row.published_at, row.precision = draft.published.at, draft.published.precision
    row.time_zone = draft.published.time_zone
    row.updated_at, row.expires_at = draft.updated, draft.expires
    row.corrections = [_correction(item) for item in draft.corrections]
    row.end_mark = draft.end_mark
    row.withdrawn_reason, row.successor_id = draft.withdrawn_reason, draft.successor_id
    row.legacy_system, row.legacy_id = draft.legacy_system, draft.legacy_id
    row.legacy_url = draft.legacy_url
    row.provenance = dict(draft.provenance)
    row.review_flags = [dict(flag) for flag in draft.review_flags]
    row.content_hash, row.modified_at = digest, now
    row.revision += 1


def _correction(item: Correction) -> dict[str, str]:
    return {"at": item.at.isoformat(), "kind": item.kind, "note": item.note}


def _store_names(session: Session, draft: ArticleDraft) -> None:
    """Make sure that the draft's tags and topic exist and have a name in its language."""
    for tag in draft.tags:
        known = session.get(models.Tag, tag.slug)
        if known is None:
            session.add(models.Tag(slug=tag.slug, names={draft.locale: tag.name}))
        elif known.names.get(draft.locale) != tag.name:
            known.names = {**known.names, draft.locale: tag.name}
            log.append(session, {f"tag:{tag.slug}"})
    if draft.topic is not None:
        topic = session.get(models.Topic, draft.topic.slug)
        if topic is None:
            names = {draft.locale: draft.topic.name}
            session.add(models.Topic(slug=draft.topic.slug, names=names))
        elif topic.names.get(draft.locale) != draft.topic.name:
            topic.names = {**topic.names, draft.locale: draft.topic.name}
            log.append(session, {f"topic:{draft.topic.slug}"})
    session.flush()


def _store_parts(session: Session, row: models.Article, draft: ArticleDraft) -> None:
    for model in (models.ArticleTag, models.ArticleMedia, models.Attachment):
        session.execute(delete(model).where(model.article_id == row.id))
    tags = dict.fromkeys(tag.slug for tag in draft.tags)
    _insert(
        session,
        models.ArticleTag,
        ({"article_id": row.id, "tag": tag, "position": n} for n, tag in enumerate(tags)),
    )
    pictures = sorted({int(number) for number in _MEDIA.findall(draft.body)})
    known = set(
        session.scalars(select(models.Media.id).where(models.Media.id.in_(pictures)))
        if pictures
        else ()
    )
    _insert(
        session,
        models.ArticleMedia,
        ({"article_id": row.id, "media_id": number} for number in pictures if number in known),
    )
    _insert(
        session,
        models.Attachment,
        (
            {"article_id": row.id, "position": n, **asdict(attachment)}
            for n, attachment in enumerate(draft.attachments)
        ),
    )


def _insert(session: Session, model: type[Any], rows: Iterable[dict[str, Any]]) -> None:
    values = list(rows)
    if values:
        session.execute(insert(model), values)


def _keep_revision(
    session: Session, row: models.Article, draft: ArticleDraft, now: datetime, actor: str
) -> None:
    content = json.loads(json.dumps(asdict(draft), default=str))
    session.add(
        models.Revision(
            article_id=row.id, number=row.revision, saved_at=now, actor=actor, content=content
        )
    )


def _tags(session: Session, row: models.Article) -> frozenset[str]:
    """Everything whose answer this article is part of, as it stands in the session now."""
    session.flush()
    tags = session.scalars(
        select(models.ArticleTag.tag).where(models.ArticleTag.article_id == row.id)
    )
    found = {f"article:{row.id}", f"group:{row.translation_group}", "list:site"}
    found |= {f"list:tag:{tag}" for tag in tags}
    if row.section_id is not None:
        found.add(f"list:section:{row.section_id}")
    if row.topic is not None:
        found.add(f"list:topic:{row.topic}")
    if row.kind == "page":
        found.add("pages")
    return frozenset(found)
