"""The state of an article as plain data: what is compared and kept as a revision.

A state has the names of the table's columns, with times as ISO text, and three more: `topic`,
`tags` (slugs) and `attachments`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC
from datetime import datetime
from typing import Any

from portal.content.body import text_of
from portal.content.drafts import ArticleDraft
from portal.content.drafts import AttachmentDraft
from portal.content.sanitise import clean_html
from portal.content.values import Author
from portal.content.values import Correction
from portal.content.values import Source
from portal.content.values import Term
from portal.errors import ContentError
from portal.text import normalise
from portal.text import one_line
from portal.text import slugify

State = Mapping[str, Any]

TIMES = ("first_published_at", "updated_at", "expires_at")
BESIDE_COLUMNS = ("topic", "tags", "attachments")


def describe(
    draft: ArticleDraft, *, section_id: int | None, prior: State | None, now: datetime
) -> dict[str, Any]:
    """The state that a draft asks for; raise `ContentError` for one that cannot be stored."""
    headline = one_line(draft.headline)
    if not headline:
        raise ContentError(f"{place(draft)}: headline is empty; every article needs one")
    if draft.locale not in {"vi", "en"}:
        raise ContentError(f"{place(draft)}: locale {draft.locale!r} is not known (known: vi, en)")
    published = draft.published
    if published is None and draft.status == "published":
        published = moment_in(prior, "first_published_at") or now
    return {
        "section_id": section_id,
        "kind": draft.kind,
        "slug": _slug(draft, headline, prior),
        "locale": draft.locale,
        "translation_group": draft.translation_group,
        "headline": headline,
        "lead": one_line(draft.lead),
        "body": clean_html(draft.body),
        "authors": [_plain(asdict(author)) for author in draft.authors],
        "source_name": one_line(draft.source.name) if draft.source else None,
        "source_url": one_line(draft.source.url) if draft.source and draft.source.url else None,
        "status": draft.status,
        "first_published_at": _iso(draft, published),
        "first_published_precision": draft.precision,
        "time_zone": draft.time_zone,
        "updated_at": _iso(draft, draft.updated),
        "expires_at": _iso(draft, draft.expires),
        "corrections": [
            {"at": _iso(draft, item.at), "kind": item.kind, "note": normalise(item.note).strip()}
            for item in draft.corrections
        ],
        "end_mark": draft.end_mark,
        "hero_id": draft.hero_id,
        "legacy_system": draft.legacy_system,
        "legacy_id": draft.legacy_id,
        "legacy_url": one_line(draft.legacy_url) if draft.legacy_url else None,
        "content_hash": draft.content_hash,
        "withdrawn_reason": normalise(draft.withdrawn_reason).strip(),
        "successor_id": draft.successor_id,
        "provenance": [_plain(dict(item)) for item in draft.provenance],
        "review_flags": [_plain(dict(item)) for item in draft.review_flags],
        "topic": draft.topic.slug if draft.topic else None,
        "tags": list(dict.fromkeys(term.slug for term in draft.tags)),
        "attachments": [_plain(asdict(item)) for item in draft.attachments],
    }


def place(draft: ArticleDraft) -> str:
    """Which article a message is about."""
    if draft.id is not None:
        return f"article {draft.id}"
    if draft.legacy_id is not None:
        return f"article {draft.legacy_system}/{draft.legacy_id}"
    return f"article {one_line(draft.headline)[:60]!r}"


def _slug(draft: ArticleDraft, headline: str, prior: State | None) -> str:
    """The slug given, else the one it has had since it was first public, else from the headline."""
    if draft.slug:
        return slugify(draft.slug, limit=200) or "bai-viet"
    if prior is not None and prior["first_published_at"] is not None:
        return str(prior["slug"])
    return slugify(headline) or "bai-viet"


def _iso(draft: ArticleDraft, moment: datetime | None) -> str | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ContentError(f"{place(draft)}: {moment} has no time zone; give an aware datetime")
    return _utc(moment)


def _utc(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment is not None else None


def _plain(value: Any) -> Any:
    """JSON with normalised text, also in names."""
    if isinstance(value, str):
        return normalise(value)
    if isinstance(value, Mapping):
        return {normalise(str(name)): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def moment_in(state: State | None, name: str) -> datetime | None:
    """One of the times of a state."""
    text = state[name] if state is not None else None
    return datetime.fromisoformat(text) if text is not None else None


def columns_of(state: State) -> dict[str, Any]:
    """The table's columns of a state, with times as moments."""
    return _own_columns(state) | {"body_text": text_of(state["body"])}


def _own_columns(state: State) -> dict[str, Any]:
    columns = {name: value for name, value in state.items() if name not in BESIDE_COLUMNS}
    return columns | {name: moment_in(state, name) for name in TIMES}


def as_stored(state: State, row: Mapping[Any, Any]) -> State:
    """The state with what the tables have instead: what readers see, whoever wrote it.

    The state itself where nothing is different.
    """
    beside = {name: state[name] for name in BESIDE_COLUMNS}
    other = {
        name: row[name]
        for name, value in (_own_columns(state) | beside).items()
        # An old revision may tell of a column that is no more.
        if name in row and row[name] != value
    }
    if not other:
        return state
    times = {name: _utc(other[name]) for name in TIMES if name in other}
    return {**state, **other, **times}


def as_draft(
    state: State, number: int, section: str | None, names: Mapping[tuple[str, str], str]
) -> ArticleDraft:
    """The draft that asks for `state` again. `names` are names of tags and topics by kind, slug."""
    source = Source(state["source_name"], state["source_url"]) if state["source_name"] else None
    topic = state["topic"]
    return ArticleDraft(
        id=number,
        locale=state["locale"],
        headline=state["headline"],
        kind=state["kind"],
        section=section,
        slug=state["slug"],
        lead=state["lead"],
        body=state["body"],
        authors=tuple(Author(**author) for author in state["authors"]),
        source=source,
        tags=tuple(Term(slug, names.get(("tag", slug), slug)) for slug in state["tags"]),
        topic=Term(topic, names.get(("topic", topic), topic)) if topic else None,
        status=state["status"],
        published=moment_in(state, "first_published_at"),
        precision=state["first_published_precision"],
        time_zone=state["time_zone"],
        updated=moment_in(state, "updated_at"),
        expires=moment_in(state, "expires_at"),
        corrections=tuple(
            Correction(datetime.fromisoformat(item["at"]), item["kind"], item["note"])
            for item in state["corrections"]
        ),
        end_mark=state["end_mark"],
        hero_id=state["hero_id"],
        attachments=tuple(AttachmentDraft(**item) for item in state["attachments"]),
        translation_group=state["translation_group"],
        legacy_system=state["legacy_system"],
        legacy_id=state["legacy_id"],
        legacy_url=state["legacy_url"],
        content_hash=state["content_hash"],
        withdrawn_reason=state["withdrawn_reason"],
        successor_id=state["successor_id"],
        provenance=tuple(state["provenance"]),
        review_flags=tuple(state["review_flags"]),
    )


def is_public(state: State | None) -> bool:
    """Whether readers see it, now or when its time comes."""
    return state is not None and state["status"] == "published"


def bylines(state: State) -> dict[str, str]:
    """The names above an article by their slugs; a name without a letter has no list."""
    names = {slugify(author["name"], limit=200): author["name"] for author in state["authors"]}
    names.pop("", None)
    return names
