"""What earlier imports left: by content, and by the batch that wrote it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.content import models


def find_imported(
    session: Session, site: str, hashes: Collection[str]
) -> dict[tuple[str, str], int]:
    """Article ids by (system, content hash) for those of `hashes` that are in the store.

    Where a content is there twice, the older article counts.
    """
    found = session.execute(
        select(models.Article.legacy_system, models.Article.content_hash, models.Article.id)
        .where(
            models.Article.site == site,
            models.Article.content_hash.in_(sorted(set(hashes))),
            models.Article.legacy_system.is_not(None),
        )
        .order_by(models.Article.id.desc())
    )
    return {(system or "", digest or ""): number for system, digest, number in found}


def articles_of_batch(session: Session, site: str, batch: str) -> tuple[int, ...]:
    """Ids of the articles that an import batch wrote: what undoing it takes back.

    The first record of an imported article's provenance names its batch.
    """
    return tuple(
        session.scalars(
            select(models.Article.id)
            .where(
                models.Article.site == site,
                models.Article.provenance[(0, "batch")].as_string() == batch,
            )
            .order_by(models.Article.id)
        )
    )
