"""Every public address of a site in all of its languages: what site maps tell search engines.

Articles are counted off in parts by their ids, so that the part an article stands in never
changes and a new article ends the last part only. Expired articles stay readable but ask not to
be found; they are in no part.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import Row
from sqlalchemy import Select
from sqlalchemy import and_
from sqlalchemy import case
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from portal.content import tags
from portal.content.queries.addresses import article_path
from portal.content.queries.addresses import section_path
from portal.content.queries.sections import read_tree
from portal.content.queries.sections import section
from portal.content.queries.visibility import NOW
from portal.content.queries.visibility import SITE
from portal.content.queries.visibility import article
from portal.content.queries.visibility import clip_row
from portal.content.queries.visibility import places
from portal.content.reader import Reader
from portal.content.values import Moment

ADDRESSES_IN_A_PART = 10_000

# Later than the publication only where it was changed after it: an importer may know an older
# change than its own publication.
_CHANGED: ColumnElement[datetime] = case(
    (article.c.updated_at > article.c.first_published_at, article.c.updated_at),
    else_=article.c.first_published_at,
)
_PUBLIC: ColumnElement[bool] = and_(
    article.c.site == SITE,
    article.c.status == "published",
    article.c.first_published_at <= NOW,
    or_(article.c.expires_at.is_(None), article.c.expires_at > NOW),
)
_PARTS = (
    select(
        (article.c.id // ADDRESSES_IN_A_PART).label("part"),
        func.max(_CHANGED).label("changed"),
    )
    .where(_PUBLIC)
    .group_by("part")
    .order_by("part")
)
_ROWS = (
    select(
        article.c.id,
        article.c.kind,
        article.c.locale,
        article.c.slug,
        article.c.headline,
        article.c.translation_group,
        article.c.first_published_at,
        article.c.first_published_precision,
        article.c.updated_at,
        article.c.expires_at,
        article.c.time_zone,
        section.c.key.label("section_key"),
    )
    .outerjoin(section, section.c.id == article.c.section_id)
    .where(_PUBLIC)
)
_NEXT = (
    select(
        func.min(case((article.c.first_published_at > NOW, article.c.first_published_at))),
        func.min(case((article.c.expires_at > NOW, article.c.expires_at))),
    )
    .where(article.c.site == SITE, article.c.status == "published")
    .where(or_(article.c.first_published_at > NOW, article.c.expires_at > NOW))
)


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """An address, when its content last changed, and its translations (locale to path).

    `title` is the headline of an article. `translations` hold the address itself, too.
    """

    path: str
    locale: str
    changed: Moment | None
    translations: Mapping[str, str]
    title: str = ""
    published: Moment | None = None


@dataclass(frozen=True, slots=True)
class AddressPart:
    """A run of articles by id, and when one of them last changed."""

    number: int
    changed: datetime


def address_parts(reader: Reader) -> tuple[AddressPart, ...]:
    """The parts that hold any address."""
    _record_whole(reader)
    reader.reads.record(tags.UPDATES)
    rows = reader.session.execute(_PARTS, places(reader))
    return tuple(AddressPart(int(row.part), row.changed) for row in rows)


def addresses_of_part(reader: Reader, number: int) -> tuple[PublicAddress, ...]:
    """The articles and static pages of one part, in all languages, by id."""
    _record_whole(reader)
    first = number * ADDRESSES_IN_A_PART
    statement = _ROWS.where(
        article.c.id >= first, article.c.id < first + ADDRESSES_IN_A_PART
    ).order_by(article.c.id)
    return _addresses(reader, statement)


def latest_addresses(reader: Reader, age: timedelta, limit: int) -> tuple[PublicAddress, ...]:
    """Articles of all languages that are not older than `age`, newest first.

    The answer ends when the oldest of them comes of age.
    """
    _record_whole(reader)
    statement = (
        _ROWS.where(article.c.kind == "article", article.c.first_published_at > reader.now - age)
        .order_by(article.c.first_published_at.desc(), article.c.id.desc())
        .limit(limit)
    )
    found = _addresses(reader, statement)
    if found and found[-1].published is not None:
        reader.reads.clip(found[-1].published.at + age)
    return found


def section_addresses(reader: Reader, locales: Iterable[str]) -> tuple[PublicAddress, ...]:
    """Every section in the languages that name it; changed when its newest article came."""
    reader.reads.record(tags.SECTIONS, tags.LIST_OF_SITE)
    _clip_whole(reader)
    tree = read_tree(reader)
    statement = (
        select(article.c.section_id, article.c.locale, func.max(article.c.first_published_at))
        .where(_PUBLIC, article.c.kind == "article", article.c.section_id.is_not(None))
        .group_by(article.c.section_id, article.c.locale)
    )
    newest = {
        (number, locale): at
        for number, locale, at in reader.session.execute(statement, places(reader))
    }
    found = []
    for item in tree.sections:
        reader.reads.record(tags.section(item.id))
        names = tree.names[item.id]
        translations = {
            locale: section_path(reader, item.key, locale)
            for locale in locales
            if names.get(locale)
        }
        below = [inner.id for inner in tree.below(item)]
        for locale, path in translations.items():
            moments = [newest[number, locale] for number in below if (number, locale) in newest]
            changed = Moment(max(moments), "minute", reader.time_zone) if moments else None
            found.append(PublicAddress(path, locale, changed, translations))
    return tuple(found)


def _record_whole(reader: Reader) -> None:
    """Site maps change with every publication, in every language, and with sections' addresses."""
    reader.reads.record(tags.LIST_OF_SITE, tags.PAGES, tags.SECTIONS)
    _clip_whole(reader)


def _clip_whole(reader: Reader) -> None:
    for moment in reader.once(("next change of site",), _next_change):
        reader.reads.clip(moment)


def _next_change(reader: Reader) -> tuple[datetime | None, ...]:
    return tuple(reader.session.execute(_NEXT, places(reader)).one())


def _addresses(reader: Reader, statement: Select[Any]) -> tuple[PublicAddress, ...]:
    rows = reader.session.execute(statement, places(reader)).all()
    reader.reads.record(*(tags.article(row.id) for row in rows))
    groups = {row.translation_group for row in rows if row.translation_group}
    translations = _translations(reader, groups)
    found = []
    for row in rows:
        clip_row(reader, None, row.expires_at)
        path = _path(reader, row)
        published = Moment(row.first_published_at, row.first_published_precision, row.time_zone)
        changed = published
        if row.updated_at is not None and row.updated_at > row.first_published_at:
            changed = Moment(row.updated_at, "minute", row.time_zone)
        others = translations.get(row.translation_group, {})
        found.append(
            PublicAddress(
                path, row.locale, changed, {**others, row.locale: path}, row.headline, published
            )
        )
    return tuple(found)


def _translations(reader: Reader, groups: Iterable[str]) -> dict[str, dict[str, str]]:
    """Paths by translation group and locale; of all groups at once, because parts are large."""
    wanted = set(groups)
    reader.reads.record(*(tags.group(name) for name in wanted))
    if not wanted:
        return {}
    found: dict[str, dict[str, str]] = {}
    statement = _ROWS.where(article.c.translation_group.in_(sorted(wanted)))
    for row in reader.session.execute(statement.order_by(article.c.id), places(reader)):
        found.setdefault(row.translation_group, {}).setdefault(row.locale, _path(reader, row))
    return found


def _path(reader: Reader, row: Row[*tuple[Any, ...]]) -> str:
    return article_path(reader, row.kind, row.id, row.slug, row.section_key, row.locale)
