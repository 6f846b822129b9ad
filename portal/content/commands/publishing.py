"""The steps in an article's life, each an edit of its draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from portal.content.commands.articles import read_draft
from portal.content.commands.articles import save_article
from portal.content.drafts import AttachmentDraft
from portal.content.drafts import Changed
from portal.content.values import Correction
from portal.content.values import Precision
from portal.errors import ContentError


def publish(
    session: Session,
    site: str,
    number: int,
    *,
    now: datetime,
    at: datetime | None = None,
    precision: Precision = "minute",
    actor: str = "",
) -> Changed:
    """Show an article to readers from `at` on: at once without it, later when it lies ahead.

    An article that had a publication time keeps it unless `at` is given.
    """
    draft = read_draft(session, site, number)
    if at is not None or draft.published is None:
        draft = replace(draft, published=at or now, precision=precision)
    draft = replace(draft, status="published", withdrawn_reason="", successor_id=None)
    return save_article(session, site, draft, now=now, actor=actor)


def withdraw(
    session: Session,
    site: str,
    number: int,
    *,
    now: datetime,
    reason: str,
    successor: int | None = None,
    actor: str = "",
) -> Changed:
    """Take an article back: its address answers 410 with `reason` and what replaces it."""
    if not reason.strip():
        raise ContentError(f"article {number}: a withdrawal needs a reason that readers can see")
    if successor == number:
        raise ContentError(f"article {number} cannot be its own successor")
    draft = read_draft(session, site, number)
    draft = replace(draft, status="withdrawn", withdrawn_reason=reason, successor_id=successor)
    return save_article(session, site, draft, now=now, actor=actor)


def restore(session: Session, site: str, number: int, *, now: datetime, actor: str = "") -> Changed:
    """Show a withdrawn article again, as it was."""
    draft = read_draft(session, site, number)
    if draft.status != "withdrawn":
        raise ContentError(f"article {number} is not withdrawn (it is {draft.status})")
    return publish(session, site, number, now=now, actor=actor)


def add_correction(
    session: Session,
    site: str,
    number: int,
    correction: Correction,
    *,
    now: datetime,
    actor: str = "",
) -> Changed:
    """Note a change publicly; the article counts as updated at the time of the note."""
    draft = read_draft(session, site, number)
    corrected = replace(draft, corrections=(*draft.corrections, correction), updated=correction.at)
    return save_article(session, site, corrected, now=now, actor=actor)


def save_attachment(
    session: Session,
    site: str,
    number: int,
    attachment: AttachmentDraft,
    *,
    now: datetime,
    actor: str = "",
) -> Changed:
    """Add a file to an article, in the place of one with the same file name."""
    draft = read_draft(session, site, number)
    names = [item.file_name for item in draft.attachments]
    files = list(draft.attachments)
    if attachment.file_name in names:
        files[names.index(attachment.file_name)] = attachment
    else:
        files.append(attachment)
    changed = replace(draft, attachments=tuple(files))
    return save_article(session, site, changed, now=now, actor=actor)


def link_translation(
    session: Session, site: str, numbers: Sequence[int], *, now: datetime, actor: str = ""
) -> tuple[Changed, ...]:
    """Say that articles are the same content in different languages.

    Their groups become one; raise `ContentError` when two of them have the same language.
    """
    drafts = [read_draft(session, site, number) for number in numbers]
    locales = [draft.locale for draft in drafts]
    if len(set(locales)) != len(locales):
        raise ContentError(
            f"articles {', '.join(map(str, numbers))} are not translations of each other:"
            f" their languages are {', '.join(locales)}"
        )
    group = next(
        (draft.translation_group for draft in drafts if draft.translation_group),
        f"article-{min(numbers)}",
    )
    return tuple(
        save_article(session, site, replace(draft, translation_group=group), now=now, actor=actor)
        for draft in drafts
    )
