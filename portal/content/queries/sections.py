"""The section tree: read whole, once per page, because menus and paths need all of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from portal.content import models
from portal.content.addresses import locale_prefix
from portal.content.addresses import section_path
from portal.content.reader import Reader
from portal.content.values import Section

_COLUMNS = select(
    models.Section.id,
    models.Section.parent_id,
    models.Section.key,
    models.Section.position,
    models.Section.names,
    models.Section.descriptions,
)


def section_tree(reader: Reader) -> tuple[Section, ...]:
    """Every section, parents before children, siblings in their order."""
    return reader.once("sections", _load_tree)


def find_section(reader: Reader, key: str) -> Section | None:
    """The section with this slug path."""
    return next((section for section in section_tree(reader) if section.key == key), None)


def sections_by_id(reader: Reader) -> dict[int, Section]:
    """The tree by id, for joining in Python what need not be joined in SQL."""
    return {section.id: section for section in section_tree(reader)}


def home_path(reader: Reader) -> str:
    """`/` or `/en/`."""
    return prefix(reader) + "/"


def localise(reader: Reader, path: str) -> str:
    """The full path of one without locale prefix."""
    return prefix(reader) + path


def prefix(reader: Reader) -> str:
    """The locale part of the reader's addresses."""
    return locale_prefix(reader.locale, reader.default_locale)


def _load_tree(reader: Reader) -> tuple[Section, ...]:
    reader.reads.record("sections")
    rows = reader.session.execute(
        _COLUMNS.where(models.Section.site == reader.site).order_by(
            models.Section.position, models.Section.id
        )
    ).all()
    children: dict[int | None, list[Any]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)
    found: list[Section] = []

    def descend(parent: Section | None) -> None:
        for row in children.get(parent.id if parent else None, ()):
            section = _section(reader, row, parent)
            found.append(section)
            descend(section)

    descend(None)
    return tuple(found)


def _section(reader: Reader, row: Any, parent: Section | None) -> Section:  # noqa: ANN401 - a row
    return Section(
        id=row.id,
        key=row.key,
        name=in_locale(reader, row.names),
        description=in_locale(reader, row.descriptions),
        path=section_path(prefix(reader), row.key),
        position=row.position,
        parent_id=row.parent_id,
        ancestors=(*parent.ancestors, parent.reference) if parent else (),
    )


def in_locale(reader: Reader, texts: dict[str, str]) -> str:
    """The reader's language, else the site's default one, else nothing."""
    return texts.get(reader.locale) or texts.get(reader.default_locale) or ""
