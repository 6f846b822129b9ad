"""What readers leave behind: votes, and counts of opened pages. None of it ends a cache entry.

Nothing here says who a reader was. Blocks that show these numbers fetch them beside the cached
page, so the change log does not know them.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from importlib import import_module
from typing import Any
from typing import cast

from sqlalchemy import TableClause
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.content.commands.views import add_views
from portal.content.models import Article
from portal.content.models import Rating
from portal.content.models import SiteVisits
from portal.errors import ContentError
from portal.text import normalise

LONGEST_COMMENT = 500


def save_rating(
    session: Session, site: str, article: int, score: int, *, day: date, comment: str = ""
) -> None:
    """Store one vote. Raises `ContentError` for what nobody can vote on, or no such score."""
    comment = normalise(comment).strip()
    if not 1 <= score <= 5:
        raise ContentError(f"a score is a number from 1 to 5, not {score}")
    if len(comment) > LONGEST_COMMENT:
        raise ContentError(f"a comment has at most {LONGEST_COMMENT} characters")
    if article not in _published(session, site, [article]):
        raise ContentError(f"article {article} is not published on site {site!r}")
    session.execute(
        insert(Rating).values(site=site, article_id=article, score=score, day=day, comment=comment)
    )


def count_views(session: Session, site: str, day: date, views: Mapping[int, int]) -> int:
    """Add views of one day per article; numbers of no published article are passed over.

    Returns how many views were counted.
    """
    known = _published(session, site, sorted(views))
    add_views(session, site, {(number, day): views[number] for number in known})
    return sum(views[number] for number in known)


def count_visits(session: Session, site: str, day: date, visits: int) -> None:
    """Add opened pages to a site's day."""
    rows = [{"site": site, "day": day, "visits": visits}]
    _add(session, cast("TableClause", SiteVisits.__table__), rows, ("site", "day"), "visits")


def _published(session: Session, site: str, numbers: Sequence[int]) -> list[int]:
    found = select(Article.id).where(
        Article.site == site, Article.id.in_(numbers), Article.status == "published"
    )
    return sorted(session.execute(found).scalars())


def _add(
    session: Session,
    target: TableClause,
    rows: Sequence[Mapping[str, Any]],
    identity: tuple[str, ...],
    counted: str,
) -> None:
    """One statement for all rows: insert, or add to the number that stands there."""
    dialect = session.get_bind().dialect.name
    # A process loads the dialect of its own database only.
    make = import_module(f"sqlalchemy.dialects.{dialect}").insert
    statement = make(target).values(list(rows))
    session.execute(
        statement.on_conflict_do_update(
            index_elements=list(identity),
            set_={counted: target.c[counted] + statement.excluded[counted]},
        )
    )
