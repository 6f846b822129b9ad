"""Static pages as link targets: menus need their addresses, not their texts."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping

from sqlalchemy import bindparam
from sqlalchemy import select

from portal.content import tags
from portal.content.queries.addresses import article_path
from portal.content.queries.visibility import LOCALE
from portal.content.queries.visibility import SITE
from portal.content.queries.visibility import article
from portal.content.queries.visibility import clip_row
from portal.content.queries.visibility import places
from portal.content.reader import Reader

_NAMED = article.alias("named")
_PATHS = (
    select(
        _NAMED.c.slug.label("name"),
        _NAMED.c.translation_group,
        article.c.id,
        article.c.slug,
        article.c.first_published_at,
    )
    .outerjoin(
        article,
        (
            (article.c.translation_group == _NAMED.c.translation_group)
            | (article.c.id == _NAMED.c.id)
        )
        & (article.c.site == SITE)
        & (article.c.locale == LOCALE)
        & (article.c.kind == "page")
        & (article.c.status == "published"),
    )
    .where(
        _NAMED.c.site == SITE,
        _NAMED.c.kind == "page",
        _NAMED.c.slug.in_(bindparam("slugs", expanding=True)),
    )
    .order_by(_NAMED.c.locale == LOCALE, _NAMED.c.id)
)


def page_paths(reader: Reader, slugs: Iterable[str]) -> Mapping[str, str]:
    """Where static pages stand in the reader's language, by slug; one statement for all.

    A site file names a page once, by its slug in any language: its translation answers to it too.
    """
    wanted = sorted(set(slugs))
    if not wanted:
        return {}
    reader.reads.record(*(tags.page(slug) for slug in wanted))
    paths: dict[str, str] = {}
    for row in reader.session.execute(_PATHS, places(reader, slugs=wanted)):
        if row.translation_group is not None:
            reader.reads.record(tags.group(row.translation_group))
        if row.id is None:
            continue
        clip_row(reader, row.first_published_at, None)
        if row.first_published_at <= reader.now:
            # Slugs of the reader's own language come last and win over a foreign equal one.
            paths[row.name] = article_path(reader, "page", row.id, row.slug, None, reader.locale)
    return paths
