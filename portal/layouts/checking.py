"""Checks of single values: shape, kind and name, each noting its problem at the right place."""

from __future__ import annotations

import re
from collections.abc import Collection
from collections.abc import Iterable
from datetime import timedelta

from portal.durations import parse_duration
from portal.layouts.problems import Findings
from portal.layouts.tree import MappingNode
from portal.layouts.tree import Node
from portal.layouts.tree import ScalarNode
from portal.layouts.tree import SequenceNode
from portal.layouts.tree import display

KEY_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""Placement keys. No hyphen: `<key>-<name>` is an id in the page and must stay unambiguous."""
LAYOUT_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*")
SLUG_PATTERN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Checker:
    """Reads values out of nodes; what does not fit is noted and read as nothing."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings

    def wrong_type(self, node: Node, expected: str, *, hint: str = "") -> None:
        """Note that `node` is not what was expected."""
        got = {SequenceNode: "a list", MappingNode: "a mapping"}.get(type(node), display(node))
        self.findings.add(
            "wrong-type",
            node.origin,
            f"must be {expected}, not {got}",
            value=display(node),
            hint=hint,
        )

    def mapping(self, node: Node, expected: str = "a mapping (key: value)") -> MappingNode | None:
        """The node as a mapping; nothing written at all is an empty one."""
        if isinstance(node, ScalarNode) and node.value is None:
            return MappingNode({}, {}, node.origin)
        if isinstance(node, MappingNode):
            return node
        self.wrong_type(node, expected)
        return None

    def items(self, node: Node, expected: str = "a list") -> tuple[Node, ...]:
        """The items of a list; nothing written at all is an empty one."""
        if isinstance(node, SequenceNode):
            return node.items
        if not (isinstance(node, ScalarNode) and node.value is None):
            self.wrong_type(node, expected)
        return ()

    def keys(self, node: MappingNode, known: Iterable[str], subject: str) -> None:
        """Note every key of `node` that the language does not have."""
        known = tuple(known)
        for name, origin in node.keys.items():
            if name not in known:
                self.findings.add(
                    "unknown-key",
                    origin,
                    f"{subject} has no key {name!r}",
                    value=name,
                    known=known,
                    written=name,
                )

    def required(self, node: MappingNode, name: str, subject: str) -> Node | None:
        """The entry `name`, which must be there."""
        found = node.entries.get(name)
        if found is None:
            self.findings.add("missing-key", node.origin, f"{subject} needs the key {name!r}")
        return found

    def word(self, node: Node, expected: str = "a name") -> str | None:
        """A name as written, also where it looks like a number (`404`)."""
        if isinstance(node, ScalarNode) and node.value is not None:
            if not isinstance(node.value, bool):
                return node.raw
        self.wrong_type(node, expected)
        return None

    def name(self, node: Node, pattern: re.Pattern[str], rule: str) -> str | None:
        """A name that fits `pattern`."""
        word = self.word(node)
        if word is None or pattern.fullmatch(word):
            return word
        self.findings.add("bad-name", node.origin, f"{word!r} is not a name", value=word, hint=rule)
        return None

    def choice(self, node: Node, known: Collection[str], code: str, what: str) -> str | None:
        """One of the known names."""
        word = self.word(node)
        if word is None or word in known:
            return word
        self.findings.add(
            code, node.origin, f"{what} {word!r}", value=word, known=known, written=word
        )
        return None

    def words(self, node: Node) -> tuple[tuple[str, Node], ...]:
        """One name or a list of names, each with its place."""
        nodes = node.items if isinstance(node, SequenceNode) else (node,)
        read = ((self.word(item), item) for item in nodes)
        return tuple((word, item) for word, item in read if word is not None)

    def flag(self, node: Node) -> bool:
        """`true` or `false`; anything else is noted and read as `false`."""
        if isinstance(node, ScalarNode) and isinstance(node.value, bool):
            return node.value
        hint = ""
        if isinstance(node, ScalarNode) and node.raw.casefold() in {"yes", "on", "no", "off"}:
            hint = "in YAML 1.2 only true and false are truth values"
        self.wrong_type(node, "true or false", hint=hint)
        return False

    def whole_number(self, node: Node, least: int) -> int | None:
        """A whole number that is not below `least`."""
        value = node.value if isinstance(node, ScalarNode) else None
        if not isinstance(value, int) or isinstance(value, bool):
            self.wrong_type(node, "a whole number")
            return None
        if value < least:
            self.findings.add(
                "bad-value",
                node.origin,
                f"must be at least {least}, not {value}",
                value=display(node),
            )
            return None
        return value

    def duration(self, node: Node) -> timedelta | None:
        """A time span such as `10m`."""
        word = node.raw if isinstance(node, ScalarNode) else display(node)
        try:
            return parse_duration(word)
        except (ValueError, OverflowError):
            self.findings.add(
                "bad-duration",
                node.origin,
                f"{word!r} is not a duration",
                value=display(node),
                hint="write a whole number and a unit (ms, s, m, h, d): 10m",
            )
            return None

    def text(
        self, node: Node, locales: Collection[str], default: str, subject: str
    ) -> dict[str, str]:
        """A text by language: `{vi: …, en: …}`; the site's default language must be there."""
        mapping = self.mapping(node, "a text by language: {vi: …, en: …}")
        if mapping is None:
            return {}
        texts: dict[str, str] = {}
        for locale, entry in mapping.entries.items():
            if locale not in locales:
                self.findings.add(
                    "unknown-locale",
                    mapping.keys[locale],
                    f"no language of this site: {locale!r}",
                    value=locale,
                    known=tuple(locales),
                    written=locale,
                )
            elif isinstance(entry, ScalarNode) and isinstance(entry.value, str):
                texts[locale] = entry.value
            else:
                self.wrong_type(entry, "text", hint="put it in quotes")
        if default not in mapping.entries:
            self.findings.add(
                "missing-text",
                mapping.origin,
                f"{subject} has no text in the site's default language {default!r}",
            )
        return texts
