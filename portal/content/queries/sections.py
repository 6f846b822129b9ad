"""The section tree, read whole in one statement: a site has dozens of sections, not thousands."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import cast

from sqlalchemy import Table
from sqlalchemy import select

from portal.content import tags
from portal.content.models import Section as SectionRow
from portal.content.queries.addresses import localise
from portal.content.queries.addresses import section_path
from portal.content.queries.visibility import SITE
from portal.content.reader import Reader
from portal.content.values import Section
from portal.content.values import SectionReference
from portal.content.values import Translation

section = cast("Table", SectionRow.__table__)

_ALL = (
    select(
        section.c.id,
        section.c.parent_id,
        section.c.key,
        section.c.slug,
        section.c.position,
        section.c.name,
        section.c.description,
    )
    .where(section.c.site == SITE)
    .order_by(section.c.position, section.c.id)
)


@dataclass(frozen=True, slots=True)
class Tree:
    """The sections of a site in document order, and their names in every language."""

    sections: tuple[Section, ...]
    by_key: Mapping[str, Section]
    by_id: Mapping[int, Section]
    names: Mapping[int, Mapping[str, str]]

    def below(self, root: Section) -> Iterator[Section]:
        """A section and every one below it, in document order."""
        prefix = f"{root.key}/"
        return (item for item in self.sections if item is root or item.key.startswith(prefix))


def localised(names: Mapping[str, str], reader: Reader) -> str:
    """A name in the reader's language, else in the default one, else nothing."""
    return names.get(reader.locale) or names.get(reader.default_locale, "")


def read_tree(reader: Reader) -> Tree:
    """The tree without a record of its use; askers record the part that they show."""
    return reader.once(("tree", reader.locale), _load)


def _load(reader: Reader) -> Tree:
    rows = reader.session.execute(_ALL, {"site": reader.site}).all()
    children: dict[int | None, list[Any]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)
    ordered: list[Section] = []
    _descend(reader, children, None, (), ordered)
    return Tree(
        tuple(ordered),
        {item.key: item for item in ordered},
        {item.id: item for item in ordered},
        {row.id: row.name for row in rows},
    )


def _descend(
    reader: Reader,
    children: Mapping[int | None, Sequence[Any]],
    parent: int | None,
    ancestors: tuple[SectionReference, ...],
    ordered: list[Section],
) -> None:
    for row in children.get(parent, ()):
        item = Section(
            id=row.id,
            key=row.key,
            name=localised(row.name, reader) or row.slug,
            description=localised(row.description, reader),
            path=section_path(reader, row.key),
            position=row.position,
            parent_id=parent,
            ancestors=ancestors,
        )
        ordered.append(item)
        _descend(reader, children, row.id, (*ancestors, item.reference), ordered)


def record_section(reader: Reader, item: Section) -> None:
    """Note that the answer shows a section and the way down to it."""
    reader.reads.record(
        tags.section(item.id), *(tags.section(ancestor.id) for ancestor in item.ancestors)
    )


def section_by_id(reader: Reader, number: int | None) -> Section | None:
    """The section with an id, if any."""
    found = read_tree(reader).by_id.get(number) if number is not None else None
    if found is not None:
        record_section(reader, found)
    return found


def section_tree(reader: Reader) -> tuple[Section, ...]:
    """All sections of the site in document order: each one before those below it."""
    tree = read_tree(reader)
    reader.reads.record(tags.SECTIONS)
    return tree.sections


def find_section(reader: Reader, key: str) -> Section | None:
    """The section at a slug path, if there is one."""
    found = read_tree(reader).by_key.get(key)
    if found is None:
        reader.reads.record(tags.SECTIONS)
    else:
        record_section(reader, found)
    return found


def select_sections(
    reader: Reader, keys: Iterable[str], include_subsections: bool
) -> frozenset[int]:
    """The ids of the sections with these keys; keys that do not exist select nothing."""
    tree = read_tree(reader)
    reader.reads.record(tags.SECTIONS)
    roots = [tree.by_key[key] for key in keys if key in tree.by_key]
    if not include_subsections:
        return frozenset(root.id for root in roots)
    return frozenset(item.id for root in roots for item in tree.below(root))


def list_translations(
    reader: Reader, section_key: str | None, locales: Iterable[str], page_number: int = 1
) -> tuple[Translation, ...]:
    """A section's list in the other languages that name it, or without a key the home pages.

    Later pages of a list have none: they do not show the same content.
    """
    others = [locale for locale in locales if locale != reader.locale]
    if section_key is None:
        return tuple(Translation(locale, localise(reader, "/", locale), "") for locale in others)
    found = find_section(reader, section_key)
    if found is None or page_number > 1:
        return ()
    names = read_tree(reader).names[found.id]
    return tuple(
        Translation(locale, section_path(reader, found.key, locale), names[locale])
        for locale in others
        if names.get(locale)
    )
