"""Saves articles, one or thousands, by one and the same way."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from typing import cast

from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.content.commands.search import index_articles
from portal.content.commands.similarity import refresh_similar
from portal.content.commands.states import State
from portal.content.commands.states import as_draft
from portal.content.commands.states import bylines
from portal.content.commands.states import columns_of
from portal.content.commands.states import describe
from portal.content.commands.states import moment_in
from portal.content.commands.states import place
from portal.content.commands.stored import Prior
from portal.content.commands.stored import check_exist
from portal.content.commands.stored import find_priors
from portal.content.commands.stored import read_priors
from portal.content.commands.stored import read_sections
from portal.content.commands.terms import Terms
from portal.content.commands.terms import read_term_names
from portal.content.commands.terms import save_terms
from portal.content.drafts import ArticleDraft
from portal.content.drafts import Changed
from portal.content.drafts import Outcome
from portal.content.models import Article
from portal.content.models import ArticleAuthor
from portal.content.models import ArticleTag
from portal.content.models import Attachment
from portal.content.models import Media
from portal.content.models import Redirect
from portal.content.models import Revision
from portal.content.redirects import fold_path
from portal.content.sanitise import VERSION
from portal.errors import ContentError
from portal.site import is_reserved
from portal.text import one_line

article = cast("Table", Article.__table__)
revision = cast("Table", Revision.__table__)

_BATCH = 250
# A change of one of these changes what search finds, or among what.
_SEARCHED = (
    "headline",
    "lead",
    "body",
    "kind",
    "locale",
    "status",
    "section_id",
    "first_published_at",
    "expires_at",
)


@dataclass(slots=True)
class Step:
    """The way of one article from what is stored to what is asked for."""

    draft: ArticleDraft
    prior: Prior | None
    state: dict[str, Any]
    id: int = 0

    @property
    def old(self) -> State | None:
        """The stored state, if any."""
        return self.prior.state if self.prior is not None else None

    @property
    def outcome(self) -> Outcome:
        """What is to be done."""
        if self.prior is None:
            return "created"
        return "unchanged" if self.old == self.saved == self.state else "updated"

    @property
    def saved(self) -> State | None:
        """The state of the last revision, if any."""
        return self.prior.saved if self.prior is not None else None

    def changes(self, *names: str) -> bool:
        """Whether one of these parts of the state is new or other than at the last save."""
        saved = self.saved
        return saved is None or any(saved[name] != self.state[name] for name in names)

    def differs(self, *names: str) -> bool:
        """The same, or other than what another program wrote since."""
        old = self.old
        return self.changes(*names) or (
            old is not None and any(old[name] != self.state[name] for name in names)
        )

    @property
    def is_found_differently(self) -> bool:
        """Whether search has to learn of it."""
        return self.changes(*_SEARCHED)

    @property
    def revision(self) -> int:
        """The number of the revision that this step makes."""
        return self.prior.revision + 1 if self.prior is not None else 1


def save_article(
    session: Session, site: str, draft: ArticleDraft, *, now: datetime, actor: str = ""
) -> Changed:
    """Insert an article or bring a stored one to the state of `draft`; see `ArticleDraft`.

    The same draft a second time writes nothing and says so (`outcome`), unless another program
    wrote to the article meanwhile. Raises `ContentError` for a section, picture or successor that
    does not exist and for a page whose address is taken.
    """
    return save_articles(session, site, (draft,), now=now, actor=actor)[0]


def save_articles(
    session: Session,
    site: str,
    drafts: Iterable[ArticleDraft],
    *,
    now: datetime,
    actor: str = "",
    similar: bool = True,
) -> tuple[Changed, ...]:
    """Save many articles in a few statements per 250; the answers are in the order of `drafts`.

    `similar=False` leaves out the search for similar articles, the costliest part.
    """
    changes: list[Changed] = []
    sections = read_sections(session, site)
    remaining = iter(drafts)
    while batch := list(islice(remaining, _BATCH)):
        changes += _save_batch(session, site, batch, sections, now, actor, similar)
    return tuple(changes)


def read_draft(session: Session, site: str, number: int) -> ArticleDraft:
    """The draft of a stored article, for an edit; raise `ContentError` if there is none."""
    prior = next(iter(read_priors(session, site, article.c.id == number)), None)
    if prior is None:
        raise ContentError(f"article {number} does not exist on site {site!r}")
    keys = {number: key for key, number in read_sections(session, site).items()}
    state = prior.state
    names = read_term_names(session, site, state["locale"], state["topic"], state["tags"])
    return as_draft(state, prior.id, keys.get(state["section_id"]), names)


def _save_batch(
    session: Session,
    site: str,
    drafts: Sequence[ArticleDraft],
    sections: Mapping[str, int],
    now: datetime,
    actor: str,
    similar: bool,
) -> list[Changed]:
    terms = save_terms(session, site, drafts)
    steps = list(_plan(session, site, drafts, sections, now))
    changed = [step for step in steps if step.outcome != "unchanged"]
    _check_targets(session, site, changed)
    _write_rows(session, site, changed, terms, now)
    _write_beside(session, site, changed, terms, now, actor)
    index_articles(session, site, [step.id for step in changed if step.is_found_differently])
    _keep_old_addresses(session, site, changed)
    if similar:
        refresh_similar(session, site, [(step.id, step.saved, step.state) for step in changed])
    return [Changed(step.id, step.outcome) for step in steps]


def _plan(
    session: Session,
    site: str,
    drafts: Sequence[ArticleDraft],
    sections: Mapping[str, int],
    now: datetime,
) -> Iterator[Step]:
    known = find_priors(session, site, drafts)
    for draft, prior in zip(drafts, known, strict=True):
        if draft.id is not None and prior is None:
            raise ContentError(f"{place(draft)} does not exist on site {site!r}")
        if draft.section is not None and draft.section not in sections:
            names = ", ".join(sorted(sections)) or "none"
            raise ContentError(
                f"{place(draft)}: section {draft.section!r} does not exist (known: {names})"
            )
        section = sections[draft.section] if draft.section is not None else None
        old = prior.state if prior is not None else None
        state = describe(draft, section_id=section, prior=old, now=now)
        yield Step(draft, prior, state, prior.id if prior is not None else 0)


def _check_targets(session: Session, site: str, steps: Sequence[Step]) -> None:
    """Refuse pictures and successors that do not exist, and page addresses that are taken."""
    heroes = {step.state["hero_id"] for step in steps} - {None}
    check_exist(session, "picture", select(Media.id).where(Media.site == site), Media.id, heroes)
    successors = {step.state["successor_id"] for step in steps} - {None}
    check_exist(
        session, "successor", select(Article.id).where(Article.site == site), Article.id, successors
    )
    pages = [step for step in steps if step.state["kind"] == "page"]
    if not pages:
        return
    taken = {
        (row.locale, row.slug): row.id
        for row in session.execute(
            select(article.c.id, article.c.locale, article.c.slug).where(
                article.c.site == site,
                article.c.kind == "page",
                article.c.slug.in_({step.state["slug"] for step in pages}),
            )
        )
    }
    for step in pages:
        if is_reserved(step.state["slug"]):
            raise ContentError(
                f"{place(step.draft)}: the address /{step.state['slug']} belongs to pages that the"
                " system makes; give another slug"
            )
        address = (step.state["locale"], step.state["slug"])
        owner = taken.setdefault(address, step.id)
        if owner != step.id or (step.id == 0 and sum(_same(step, other) for other in pages) > 1):
            raise ContentError(
                f"{place(step.draft)}: the address /{address[1]} ({address[0]}) is taken by"
                f" page {owner or 'in the same batch'}; give another slug"
            )


def _same(one: Step, other: Step) -> bool:
    return all(one.state[name] == other.state[name] for name in ("locale", "slug"))


def _write_rows(
    session: Session, site: str, steps: Sequence[Step], terms: Terms, now: datetime
) -> None:
    created, updated = [], []
    for step in steps:
        row = columns_of(step.state) | {
            "topic_id": terms.topics.get(step.state["topic"]),
            "sanitiser_version": VERSION,
            "modified_at": now,
            "revision": step.revision,
        }
        if step.prior is None:
            created.append(row | {"site": site, "created_at": now})
        else:
            updated.append(row | {"row_id": step.id})
    if created:
        numbers = session.execute(
            insert(article).returning(article.c.id, sort_by_parameter_order=True), created
        ).scalars()
        fresh = (step for step in steps if step.prior is None)
        for step, number in zip(fresh, numbers, strict=True):
            step.id = number
    if updated:
        session.connection().execute(
            update(article).where(article.c.id == bindparam("row_id")), updated
        )


def _write_beside(
    session: Session, site: str, steps: Sequence[Step], terms: Terms, now: datetime, actor: str
) -> None:
    """Tags, bylines, attachments and revisions; the first three only where they change."""
    retagged = [step for step in steps if step.differs("tags", "first_published_at")]
    reattached = [step for step in steps if step.differs("attachments")]
    resigned = [step for step in steps if step.changes("authors", "first_published_at")]
    for owner, some in (
        (ArticleTag.article_id, retagged),
        (ArticleAuthor.article_id, resigned),
        (Attachment.article_id, reattached),
    ):
        stored = [step.id for step in some if step.prior is not None]
        if stored:
            session.execute(delete(owner.class_).where(owner.in_(stored)))
    tagged = [
        {
            "article_id": step.id,
            "tag_id": terms.tags[slug],
            "position": position,
            "first_published_at": moment_in(step.state, "first_published_at"),
        }
        for step in retagged
        for position, slug in enumerate(step.state["tags"])
    ]
    signed = [
        {
            "article_id": step.id,
            "slug": slug,
            "site": site,
            "name": name,
            "first_published_at": moment_in(step.state, "first_published_at"),
        }
        for step in resigned
        for slug, name in bylines(step.state).items()
    ]
    attached = [
        {"article_id": step.id, "position": position, **item}
        for step in reattached
        for position, item in enumerate(step.state["attachments"])
    ]
    revisions = [
        {
            "article_id": step.id,
            "number": step.revision,
            "at": now,
            "actor": one_line(actor),
            "snapshot": step.state,
        }
        for step in steps
    ]
    for model, rows in (
        (ArticleTag, tagged),
        (ArticleAuthor, signed),
        (Attachment, attached),
        (Revision, revisions),
    ):
        if rows:
            session.execute(insert(cast("Table", model.__table__)), rows)


def _keep_old_addresses(session: Session, site: str, steps: Sequence[Step]) -> None:
    """A page whose address changes answers at the old one too.

    An article needs no such rule: its address ends in its number.
    """
    rows = []
    for step in steps:
        old = step.old
        if old is None or old["kind"] != "page" or old["first_published_at"] is None:
            continue
        if all(old[name] == step.state[name] for name in ("kind", "slug", "locale")):
            continue
        rows.append(
            {
                "site": site,
                "host": "",
                "path": fold_path(f"/{old['slug']}"),
                "query": {},
                "target": "",
                "article_id": step.id,
                "code": 301,
            }
        )
    if rows:
        session.execute(insert(cast("Table", Redirect.__table__)), rows)
