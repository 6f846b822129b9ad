"""Keeps the addresses of old systems."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.content.drafts import RedirectDraft
from portal.content.drafts import Saved
from portal.content.models import Redirect
from portal.content.redirects import fold_path
from portal.content.redirects import fold_query
from portal.errors import ContentError
from portal.site import is_safe_address


def save_redirect(session: Session, site: str, draft: RedirectDraft) -> Saved:
    """Insert a rule or change the one with the same host, path and arguments.

    Raises `ContentError` for a rule without a target, with two, or one that leads to itself or to
    what is no address for readers.
    """
    return save_redirects(session, site, (draft,))[0]


def save_redirects(
    session: Session, site: str, drafts: Iterable[RedirectDraft]
) -> tuple[Saved, ...]:
    """Save many rules; the answers are in their order."""
    return tuple(_save(session, site, draft) for draft in drafts)


def _save(session: Session, site: str, draft: RedirectDraft) -> Saved:
    _check(draft)
    path, query, host = fold_path(draft.path), fold_query(draft.query), draft.host.casefold()
    values = {"target": draft.target, "article_id": draft.article_id, "code": draft.code}
    at_path = select(
        Redirect.id, Redirect.query, Redirect.target, Redirect.article_id, Redirect.code
    ).where(Redirect.site == site, Redirect.path == path, Redirect.host == host)
    for number, known_query, *known in session.execute(at_path).all():
        if known_query != query:
            continue
        if known == list(values.values()):
            return Saved(number, "unchanged")
        session.execute(update(Redirect).where(Redirect.id == number).values(**values))
        return Saved(number, "updated")
    statement = (
        insert(Redirect)
        .values(site=site, host=host, path=path, query=query, **values)
        .returning(Redirect.id)
    )
    return Saved(session.execute(statement).scalar_one(), "created")


def _check(draft: RedirectDraft) -> None:
    targets = (draft.target != "") + (draft.article_id is not None)
    if targets != (0 if draft.code == 410 else 1):
        raise ContentError(
            f"redirect {draft.path!r}: give either target or article_id (neither with code 410)"
        )
    if draft.target and not (draft.target.isprintable() and is_safe_address(draft.target)):
        raise ContentError(
            f"redirect {draft.path!r}: {draft.target!r} is no address for readers; write https://…"
            " or a path that begins with one /"
        )
    if draft.target and not draft.query and fold_path(draft.target) == fold_path(draft.path):
        raise ContentError(f"redirect {draft.path!r} leads to itself")
