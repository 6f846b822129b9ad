"""Reads what stands in the store already, for commands that compare with it."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import fields
from typing import Any
from typing import cast

from sqlalchemy import ColumnElement
from sqlalchemy import Table
from sqlalchemy import and_
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.content.commands.states import State
from portal.content.commands.states import as_stored
from portal.content.drafts import ArticleDraft
from portal.content.drafts import AttachmentDraft
from portal.content.models import Article
from portal.content.models import ArticleTag
from portal.content.models import Attachment
from portal.content.models import Revision
from portal.content.models import Section
from portal.content.models import Site
from portal.content.models import Tag
from portal.content.models import Topic
from portal.errors import ContentError

article = cast("Table", Article.__table__)
attachment = cast("Table", Attachment.__table__)
revision = cast("Table", Revision.__table__)
_COLUMNS = [column for column in article.c if column.name != "body_text"]


@dataclass(frozen=True, slots=True)
class Prior:
    """An article as it is stored: its id, the number of its last revision and its state.

    `saved` is the state of that revision, of which search, lists of tags and similar articles were
    made. Another program may have written to the tables since: `state` is what stands there, which
    is what readers see.
    """

    id: int
    revision: int
    state: State
    saved: State


def read_sections(session: Session, site: str) -> dict[str, int]:
    """Ids by slug path; raise `ContentError` for a site that does not exist."""
    rows = session.execute(
        select(Section.key, Section.id)
        .select_from(Site)
        .outerjoin(Section, Section.site == Site.key)
        .where(Site.key == site)
    ).all()
    if not rows:
        raise ContentError(f"site {site!r} has no content yet; make it with save_site")
    return {row.key: row.id for row in rows if row.id is not None}


def find_priors(session: Session, site: str, drafts: Sequence[ArticleDraft]) -> list[Prior | None]:
    """For every draft the stored article it means."""
    ids = [draft.id for draft in drafts if draft.id is not None]
    others = [draft for draft in drafts if draft.id is None]
    legacy = {draft.legacy_id for draft in others if draft.legacy_id}
    systems = {draft.legacy_system for draft in others if draft.legacy_id}
    hashes = {draft.content_hash for draft in others if draft.content_hash and not draft.legacy_id}
    conditions: list[ColumnElement[bool]] = []
    if ids:
        conditions.append(article.c.id.in_(ids))
    if legacy:
        conditions.append(
            and_(article.c.legacy_system.in_(systems), article.c.legacy_id.in_(legacy))
        )
    if hashes:
        conditions.append(article.c.content_hash.in_(hashes))
    if not conditions:
        return [None] * len(drafts)
    by_id: dict[int, Prior] = {}
    by_legacy: dict[tuple[str | None, str], Prior] = {}
    by_hash: dict[tuple[str | None, str], Prior] = {}
    for prior in read_priors(session, site, or_(*conditions)):
        by_id[prior.id] = prior
        system = prior.state["legacy_system"]
        if prior.state["legacy_id"]:
            by_legacy[system, prior.state["legacy_id"]] = prior
        elif prior.state["content_hash"]:
            by_hash[system, prior.state["content_hash"]] = prior
    return [
        by_id.get(draft.id)
        if draft.id is not None
        else by_legacy.get((draft.legacy_system, draft.legacy_id))
        if draft.legacy_id
        else by_hash.get((draft.legacy_system, draft.content_hash))
        if draft.content_hash
        else None
        for draft in drafts
    ]


def read_priors(session: Session, site: str, condition: ColumnElement[bool]) -> Iterator[Prior]:
    rows = session.execute(
        select(*_COLUMNS, Topic.slug.label("topic"), revision.c.snapshot)
        .join(
            revision,
            and_(
                revision.c.article_id == article.c.id,
                revision.c.number == article.c.revision,
            ),
        )
        .outerjoin(Topic, Topic.id == article.c.topic_id)
        .where(article.c.site == site, condition)
        .order_by(article.c.id)
    ).all()
    numbers = [row.id for row in rows]
    tags, files = _read_tags(session, numbers), _read_attachments(session, numbers)
    for row in rows:
        stored = {**row._mapping, "tags": tags[row.id], "attachments": files[row.id]}
        yield Prior(row.id, row.revision, as_stored(row.snapshot, stored), row.snapshot)


def _read_tags(session: Session, numbers: Sequence[int]) -> dict[int, list[str]]:
    """The slugs of some articles' tags, in their order."""
    found: dict[int, list[str]] = {number: [] for number in numbers}
    if not numbers:
        return found
    for number, slug in session.execute(
        select(ArticleTag.article_id, Tag.slug)
        .join(Tag, Tag.id == ArticleTag.tag_id)
        .where(ArticleTag.article_id.in_(numbers))
        .order_by(ArticleTag.article_id, ArticleTag.position)
    ):
        found[number].append(slug)
    return found


def _read_attachments(session: Session, numbers: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """The files of some articles, in their order, as a state has them."""
    found: dict[int, list[dict[str, Any]]] = {number: [] for number in numbers}
    if not numbers:
        return found
    names = [field.name for field in fields(AttachmentDraft)]
    for number, *values in session.execute(
        select(attachment.c.article_id, *(attachment.c[name] for name in names))
        .where(attachment.c.article_id.in_(numbers))
        .order_by(attachment.c.article_id, attachment.c.position)
    ):
        found[number].append(dict(zip(names, values, strict=True)))
    return found


def check_exist(
    session: Session,
    what: str,
    statement: Any,
    column: Any,
    wanted: set[int],
) -> None:
    if not wanted:
        return
    missing = wanted - set(session.execute(statement.where(column.in_(wanted))).scalars())
    if missing:
        numbers = ", ".join(map(str, sorted(missing)))
        raise ContentError(f"{what} {numbers} does not exist; save it before the article")
