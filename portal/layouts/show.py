"""Reads `show`: a tree of tests becomes a condition, every name in it checked."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from portal.layouts.checking import Checker
from portal.layouts.conditions import All
from portal.layouts.conditions import Any
from portal.layouts.conditions import Between
from portal.layouts.conditions import Condition
from portal.layouts.conditions import HasTag
from portal.layouts.conditions import InLocale
from portal.layouts.conditions import InSection
from portal.layouts.conditions import IsPageType
from portal.layouts.conditions import Not
from portal.layouts.model import PAGE_TYPES
from portal.layouts.tree import MappingNode
from portal.layouts.tree import Node
from portal.layouts.tree import ScalarNode
from portal.layouts.tree import SequenceNode
from portal.layouts.tree import display


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What conditions and texts of layouts are checked against. `sections` are slug paths."""

    locales: tuple[str, ...]
    time_zone: str
    sections: Collection[str] | None
    """`None` where sections.yaml cannot be read: then no section name is refused."""


class ConditionReader:
    """Turns the value of `show` into a condition; what is wrong is noted and read as nothing."""

    def __init__(self, checker: Checker, facts: SiteFacts) -> None:
        self._checker = checker
        self._facts = facts
        self._tests: dict[str, Callable[[Node], Condition | None]] = {
            "all": self._all,
            "any": self._any,
            "not": self._not,
            "section": self._section,
            "tag": self._tag,
            "locale": self._locale,
            "page_type": self._page_type,
            "between": self._between,
        }

    def read(self, node: Node) -> Condition | None:
        """The condition, or nothing after noting a problem."""
        mapping = self._checker.mapping(node, "a condition such as {section: tin-tuc}")
        if mapping is None:
            return None
        if len(mapping.entries) != 1:
            self._checker.findings.add(
                "unknown-condition",
                mapping.origin,
                f"a condition is one test, not {len(mapping.entries)}",
                value=display(node),
                known=tuple(self._tests),
                hint="join several with all: [{…}, {…}] or any: [{…}, {…}]",
            )
            return None
        [(name, operand)] = mapping.entries.items()
        if name not in self._tests:
            self._checker.findings.add(
                "unknown-condition",
                mapping.keys[name],
                f"unknown test {name!r}",
                value=name,
                known=tuple(self._tests),
                written=name,
            )
            return None
        return self._tests[name](operand)

    def _parts(self, node: Node) -> tuple[Condition, ...] | None:
        items = self._checker.items(node, "a list of conditions")
        if isinstance(node, SequenceNode) and not items:
            self._checker.findings.add("unknown-condition", node.origin, "no test in the list")
        parts = tuple(self.read(item) for item in items)
        known = tuple(part for part in parts if part is not None)
        return known if known and len(known) == len(parts) else None

    def _all(self, node: Node) -> Condition | None:
        parts = self._parts(node)
        return All(parts) if parts else None

    def _any(self, node: Node) -> Condition | None:
        parts = self._parts(node)
        return Any(parts) if parts else None

    def _not(self, node: Node) -> Condition | None:
        part = self.read(node)
        return Not(part) if part else None

    def _section(self, node: Node) -> Condition | None:
        known = self._facts.sections
        words = self._checker.words(node)
        for word, item in words:
            if known is not None and word not in known:
                self._checker.findings.add(
                    "unknown-section",
                    item.origin,
                    f"no section {word!r} in sections.yaml",
                    value=word,
                    known=tuple(known),
                    written=word,
                )
        return InSection(tuple(word for word, _ in words)) if words else None

    def _tag(self, node: Node) -> Condition | None:
        words = self._checker.words(node)
        return HasTag(frozenset(word for word, _ in words)) if words else None

    def _known(self, node: Node, known: Collection[str], code: str, what: str) -> frozenset[str]:
        items = node.items if isinstance(node, SequenceNode) else (node,)
        found = (self._checker.choice(item, known, code, what) for item in items)
        return frozenset(word for word in found if word is not None)

    def _locale(self, node: Node) -> Condition | None:
        locales = self._known(
            node, self._facts.locales, "unknown-locale", "no language of this site:"
        )
        return InLocale(locales) if locales else None

    def _page_type(self, node: Node) -> Condition | None:
        page_types = self._known(
            node, tuple(PAGE_TYPES), "unknown-page-type", "no page type is called"
        )
        return IsPageType(page_types) if page_types else None

    def _between(self, node: Node) -> Condition | None:
        items = node.items if isinstance(node, SequenceNode) else ()
        if len(items) != 2:
            self._checker.findings.add(
                "bad-date",
                node.origin,
                "a window needs its first and its last day",
                value=display(node),
                hint="write [2027-01-28, 2027-02-15]; null leaves a side open",
            )
            return None
        count = len(self._checker.findings)
        first, last = (self._day(item) for item in items)
        if len(self._checker.findings) > count:
            return None
        if first and last and last < first:
            self._checker.findings.add(
                "bad-date",
                node.origin,
                f"the window ends ({last}) before it begins ({first})",
                value=display(node),
            )
            return None
        return Between(first, last, self._facts.time_zone)

    def _day(self, node: Node) -> date | None:
        if isinstance(node, ScalarNode):
            if node.value is None:
                return None
            # `fromisoformat` also reads 20270128 and week dates; a window is written one way.
            if len(node.raw) == 10 and node.raw[4] == node.raw[7] == "-":
                try:
                    return date.fromisoformat(node.raw)
                except ValueError:
                    pass
        got = display(node) if isinstance(node, MappingNode | SequenceNode) else repr(node.raw)
        self._checker.findings.add(
            "bad-date",
            node.origin,
            f"{got} is not a date of the calendar",
            value=display(node),
            hint="write YYYY-MM-DD",
        )
        return None
