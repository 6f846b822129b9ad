"""Reads `site.yaml` and `sections.yaml` with the same error model as layouts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from itertools import chain
from types import MappingProxyType

from portal.layouts.checking import SLUG_PATTERN
from portal.layouts.checking import Checker
from portal.layouts.outages import check_outages
from portal.layouts.tree import MappingNode
from portal.layouts.tree import Node
from portal.layouts.tree import Origin
from portal.layouts.tree import ScalarNode
from portal.layouts.tree import SequenceNode
from portal.layouts.validation import validate
from portal.site import SHIPPED_LOCALES
from portal.site import Site
from portal.site import Theme
from portal.site import is_reserved
from portal.site import is_safe_address

READABLE_CONTRAST = 4.5
"""Least contrast of text (WCAG 2.2, success criterion 1.4.3, level AA)."""

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_ON_SURFACE = ("brand", "accent", "text")
_SECTION_KEYS = ("slug", "name", "description", "layouts", "sections")


@dataclass(frozen=True, slots=True)
class SectionDeclaration:
    """A section as declared. `key` is its slug path, `layouts` what it chooses by page type."""

    slug: str
    key: str
    name: Mapping[str, str]
    description: Mapping[str, str]
    origin: Origin
    layouts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    layout_origins: Mapping[str, Origin] = field(default_factory=lambda: MappingProxyType({}))
    children: tuple[SectionDeclaration, ...] = ()

    def walk(self) -> Iterator[SectionDeclaration]:
        """This section and all below it, parents first."""
        yield self
        yield from chain.from_iterable(child.walk() for child in self.children)


def read_sections(
    root: Node, checker: Checker, locales: tuple[str, ...]
) -> tuple[SectionDeclaration, ...] | None:
    """The section tree; what is wrong with it is noted. Nothing if it is no list at all."""
    if not isinstance(root, SequenceNode):
        checker.wrong_type(root, "a list of sections (- slug: …)")
        return None
    return _Sections(checker, locales).read(root.items, "")


class _Sections:
    def __init__(self, checker: Checker, locales: tuple[str, ...]) -> None:
        self._checker = checker
        self._locales = locales

    def read(self, items: tuple[Node, ...], parent: str) -> tuple[SectionDeclaration, ...]:
        sections: dict[str, SectionDeclaration] = {}
        for item in items:
            section = self._section(item, parent)
            if section is None:
                continue
            known = sections.setdefault(section.slug, section)
            if known is not section:
                self._checker.findings.add(
                    "duplicate-section",
                    section.origin,
                    f"section {section.key!r} is declared twice (first in line"
                    f" {known.origin.line})",
                    value=section.slug,
                    hint="siblings need different slugs",
                )
        return tuple(sections.values())

    def _section(self, item: Node, parent: str) -> SectionDeclaration | None:
        checker = self._checker
        node = checker.mapping(item, "a section (slug: …, name: …)")
        if node is None:
            return None
        checker.keys(node, _SECTION_KEYS, "a section")
        slug_node = checker.required(node, "slug", "a section")
        name_node = checker.required(node, "name", "a section")
        slug = slug_node and checker.name(
            slug_node, SLUG_PATTERN, "lower-case letters and digits, joined by -"
        )
        name = self._text(name_node, "the name")
        description = self._text(node.entries.get("description"), "the description")
        if slug_node is None or not slug:
            return None
        if not parent and slug in SHIPPED_LOCALES:
            checker.findings.add(
                "reserved-slug",
                slug_node.origin,
                f"{slug!r} is the address of a language",
                value=slug,
                hint="choose another slug",
            )
        elif not parent and is_reserved(slug):
            checker.findings.add(
                "reserved-slug",
                slug_node.origin,
                f"{slug!r} is the address of pages that the system makes",
                value=slug,
                hint="choose another slug",
            )
        key = f"{parent}/{slug}" if parent else slug
        layouts, origins = self._layouts(node.entries.get("layouts"))
        below = node.entries.get("sections")
        children = self.read(checker.items(below, "a list of sections") if below else (), key)
        return SectionDeclaration(
            slug, key, name, description, slug_node.origin, layouts, origins, children
        )

    def _text(self, node: Node | None, subject: str) -> Mapping[str, str]:
        if node is None:
            return MappingProxyType({})
        texts = self._checker.text(node, self._locales, self._locales[0], subject)
        return MappingProxyType(texts)

    def _layouts(self, node: Node | None) -> tuple[Mapping[str, str], Mapping[str, Origin]]:
        mapping = self._checker.mapping(node, "a mapping (article: layout)") if node else None
        layouts: dict[str, str] = {}
        origins: dict[str, Origin] = {}
        for page_type, entry in mapping.entries.items() if mapping else ():
            word = self._checker.word(entry, "the name of a layout")
            if word is not None:
                layouts[page_type] = word
                origins[page_type] = entry.origin
        return MappingProxyType(layouts), MappingProxyType(origins)


def read_site(root: Node, checker: Checker) -> Site | None:
    """The site's own declaration, or nothing after noting what is wrong with it."""
    mapping = checker.mapping(root, "a site (key: …, name: …)")
    if mapping is None:
        return None
    site = validate(Site, mapping, checker.findings, subject="the site", unknown="unknown-key")
    theme = mapping.entries.get("theme")
    if isinstance(theme, MappingNode):
        _check_theme(theme, checker)
    menus = mapping.entries.get("menus")
    if isinstance(menus, MappingNode):
        for items in menus.entries.values():
            _check_menu_items(items, checker)
    if site is not None:
        _check_texts(mapping, site, checker)
        check_outages(mapping.entries.get("outages"), site, checker)
    return site


def check_menu_sections(root: Node, checker: Checker, sections: tuple[str, ...]) -> None:
    """Note every menu entry that names a section which `sections.yaml` does not have."""
    menus = root.entries.get("menus") if isinstance(root, MappingNode) else None
    lists = list(menus.entries.values()) if isinstance(menus, MappingNode) else []
    while lists:
        items = lists.pop()
        for item in items.items if isinstance(items, SequenceNode) else ():
            if not isinstance(item, MappingNode):
                continue
            if "items" in item.entries:
                lists.append(item.entries["items"])
            target = item.entries.get("section")
            if not isinstance(target, ScalarNode) or target.raw in sections:
                continue
            if target.value is not None:
                checker.findings.add(
                    "unknown-section",
                    target.origin,
                    f"no section {target.raw!r} in sections.yaml",
                    value=target.raw,
                    known=sections,
                    written=target.raw,
                )


def _check_texts(mapping: MappingNode, site: Site, checker: Checker) -> None:
    """Texts by language have the default one and no language the site does not offer."""
    for name, field_info in Site.model_fields.items():
        if name in mapping.entries and field_info.annotation == dict[str, str]:
            _check_text(mapping.entries[name], name, site, checker)
    contact = mapping.entries.get("contact")
    for name in ("unit", "responsible", "address"):
        if isinstance(contact, MappingNode) and name in contact.entries:
            _check_text(contact.entries[name], name, site, checker)
    menus = mapping.entries.get("menus")
    lists = list(menus.entries.values()) if isinstance(menus, MappingNode) else []
    while lists:
        items = lists.pop()
        for item in items.items if isinstance(items, SequenceNode) else ():
            if isinstance(item, MappingNode):
                _check_text(item.entries["title"], "title", site, checker)
                lists += [item.entries["items"]] if "items" in item.entries else []


def _check_text(node: Node, name: str, site: Site, checker: Checker) -> None:
    checker.text(node, site.locales, site.default_locale, f"{name!r}")


def _check_menu_items(node: Node, checker: Checker) -> None:
    for item in node.items if isinstance(node, SequenceNode) else ():
        if not isinstance(item, MappingNode):
            continue
        targets = [name for name in ("section", "page", "url") if name in item.entries]
        if len(targets) > 1 or not (targets or "items" in item.entries):
            problem = " and ".join(targets) if targets else "nothing"
            checker.findings.add(
                "menu-target",
                item.origin,
                f"a menu entry leads to one thing, not to {problem}",
                known=("section", "page", "url"),
            )
        address = item.entries.get("url")
        if isinstance(address, ScalarNode) and not is_safe_address(address.raw):
            checker.findings.add(
                "unsafe-address",
                address.origin,
                f"{address.raw!r} is no address for readers",
                value=address.raw,
                hint="write https://…, mailto:…, tel:… or a path that begins with one /",
            )
        if "items" in item.entries:
            _check_menu_items(item.entries["items"], checker)


def _check_theme(theme: MappingNode, checker: Checker) -> None:
    defaults = Theme()
    colours = {name: str(getattr(defaults, name)) for name in Theme.model_fields}
    for name, node in theme.entries.items():
        # Values of another type are reported by the model.
        if name not in colours or not isinstance(node, ScalarNode):
            continue
        if not isinstance(node.value, str):
            return
        if not _COLOUR.fullmatch(node.value):
            checker.findings.add(
                "bad-colour",
                node.origin,
                f"{node.raw!r} is not a colour",
                value=node.raw,
                hint='write six hexadecimal digits in quotes: "#0b5394"',
            )
            return
        colours[name] = node.value
    for name in _ON_SURFACE:
        ratio = contrast(colours[name], colours["surface"])
        culprit = theme.entries.get(name) or theme.entries.get("surface")
        if ratio < READABLE_CONTRAST and culprit is not None:
            checker.findings.add(
                "low-contrast",
                culprit.origin,
                f"{name} {colours[name]} on surface {colours['surface']} has a contrast of"
                f" {int(ratio * 100) / 100}:1, less than {READABLE_CONTRAST}:1",
                value=colours[name],
                hint=f"make {name} darker or the surface lighter"
                if luminance(colours["surface"]) > luminance(colours[name])
                else f"make {name} lighter or the surface darker",
            )


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2, definition of "relative luminance")."""
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
