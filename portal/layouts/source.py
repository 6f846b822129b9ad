"""Reads one site file into a tree of values with places, and refuses what layouts do not allow.

The YAML is version 1.2 with the core schema (https://yaml.org/spec/1.2.2/#103-core-schema):
`no` and `on` are text, `010` is ten, `2027-01-28` stays text. Anchors, aliases, tags and
second documents are refused: they make a value appear where nobody wrote it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path as FilePath

import yaml

from portal.layouts.problems import Findings
from portal.layouts.tree import MappingNode
from portal.layouts.tree import Node
from portal.layouts.tree import Origin
from portal.layouts.tree import Path
from portal.layouts.tree import ScalarNode
from portal.layouts.tree import SequenceNode

SIZE_LIMIT = 256 * 1024
DEPTH_LIMIT = 24

_BOM = b"\xef\xbb\xbf"
_CONSTANTS: dict[str, None | bool | float] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
# Longer digit strings are identifiers, not numbers; they stay text.
_DECIMAL = re.compile(r"[-+]?[0-9]{1,18}")
_OCTAL = re.compile(r"0o[0-7]{1,20}")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]{1,16}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def read_source(file: FilePath, findings: Findings, *, name: str | None = None) -> Node | None:
    """The content of `file`, or nothing after noting why it cannot be used.

    `name` is how messages call the file; by default its path.
    """
    shown = name or file.as_posix()
    with file.open("rb") as stream:
        content = stream.read(SIZE_LIMIT + 1)
    return parse_source(content, shown, findings)


def parse_source(content: bytes, name: str, findings: Findings) -> Node | None:
    """The tree of a file's bytes, or nothing after noting why they cannot be used."""
    start = Origin(name)
    if len(content) > SIZE_LIMIT:
        findings.add(
            "too-large",
            start,
            f"larger than {SIZE_LIMIT // 1024} KiB",
            hint="split it into layouts that extend each other",
        )
        return None
    content = content.removeprefix(_BOM)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as problem:
        findings.add(
            "not-utf8",
            _place_of_byte(content, problem.start, name),
            f"byte 0x{content[problem.start]:02x} is not UTF-8",
            hint="save the file as UTF-8",
        )
        return None
    return _parse(text, name, findings)


def _parse(text: str, name: str, findings: Findings) -> Node | None:
    reader = _TreeReader(name, findings)
    try:
        tree = reader.read(text)
    except yaml.reader.ReaderError as problem:
        _report_character(problem.position, text, name, findings)
        return None
    except _Unreadable:
        return None
    except yaml.MarkedYAMLError as problem:
        _report_syntax(problem, text, name, findings)
        return None
    return None if reader.refused else tree


def _report_character(position: int, text: str, name: str, findings: Findings) -> None:
    before = text[:position]
    column = position - (before.rfind("\n") + 1) + 1
    findings.add(
        "yaml-syntax",
        Origin(name, before.count("\n") + 1, column),
        f"character U+{ord(text[position]):04X} may not stand in a YAML file",
    )


def _place_of_byte(content: bytes, position: int, name: str) -> Origin:
    before = content[:position]
    line_start = before.rfind(b"\n") + 1
    column = len(before[line_start:].decode("utf-8")) + 1
    return Origin(name, before.count(b"\n") + 1, column)


def _report_syntax(problem: yaml.MarkedYAMLError, text: str, name: str, findings: Findings) -> None:
    mark = problem.problem_mark or problem.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    origin = Origin(name, line + 1, column + 1)
    lines = text.split("\n")
    written = lines[line] if line < len(lines) else ""
    if "\t" in written[: len(written) - len(written.lstrip())]:
        findings.add(
            "yaml-tab", origin, "a tab stands in the indentation", hint="indent with spaces"
        )
        return
    parts = [part for part in (problem.problem, problem.context) if part] or ["not YAML"]
    hint = ""
    begun = problem.context_mark
    if written[column : column + 1] in {"@", "`", "%"}:
        hint = "put the value in quotes"
    elif problem.problem == "mapping values are not allowed in this context":
        hint = "put a text that contains ': ' in quotes"
    elif problem.context == "while parsing a flow node":
        hint = "a bracket is not closed, or a value is missing"
    elif begun is not None and "flow" in (problem.context or ""):
        hint = f"close the bracket that opens in line {begun.line + 1}"
    elif begun is not None and "quoted" in (problem.context or ""):
        hint = f"close the quote that opens in line {begun.line + 1}"
    elif "expected key" in parts[0] or "expected '-' indicator" in parts[0]:
        hint = "this line is indented differently from those it belongs to"
    findings.add("yaml-syntax", origin, ", ".join(parts), hint=hint)


def resolve_plain(text: str) -> None | bool | int | float | str:
    """What an unquoted word means in the core schema of YAML 1.2."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _DECIMAL.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text):
        return int(text[2:], 8)
    if _HEXADECIMAL.fullmatch(text):
        return int(text[2:], 16)
    if len(text) <= 40 and _FLOAT.fullmatch(text) and not text.lstrip("+-").isdigit():
        return float(text)
    return unicodedata.normalize("NFC", text)


class _Unreadable(Exception):
    """The rest of a file is not worth its time: the parser needs minutes for deep nesting."""


class _TreeReader:
    """Builds the tree from parser events, which still show anchors, aliases, tags and quoting."""

    def __init__(self, name: str, findings: Findings) -> None:
        self._name = name
        self._findings = findings
        self._events: Iterator[yaml.Event] = iter(())
        self.refused = False

    def read(self, text: str) -> Node | None:
        self._events = yaml.parse(text, Loader=yaml.CSafeLoader)
        tree: Node | None = None
        documents = 0
        for event in self._events:
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            documents += 1
            if documents == 2:
                self._refuse(
                    "multiple-documents",
                    event,
                    (),
                    "a second YAML document begins here",
                    hint="a file holds one layout; remove the line of dashes or make a second file",
                )
                break
            tree = self._node(next(self._events), ())
        if tree is None and not self.refused:
            self._findings.add("empty-file", Origin(self._name), "the file holds nothing")
            self.refused = True
        if isinstance(tree, ScalarNode) and tree.value is None and not self.refused:
            self._findings.add("empty-file", Origin(self._name), "the file holds nothing")
            self.refused = True
        return tree

    def _refuse(
        self, code: str, event: yaml.Event, path: Path, message: str, *, hint: str = ""
    ) -> None:
        self.refused = True
        self._findings.add(code, self._origin(event, path), message, hint=hint)

    def _origin(self, event: yaml.Event, path: Path) -> Origin:
        mark = event.start_mark
        if mark is None:
            return Origin(self._name, path=path)
        return Origin(self._name, mark.line + 1, mark.column + 1, path)

    def _node(self, event: yaml.Event, path: Path) -> Node:
        self._check_properties(event, path)
        origin = self._origin(event, path)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, origin)
        if isinstance(event, yaml.AliasEvent):
            self._refuse(
                "yaml-alias",
                event,
                path,
                f"alias *{event.anchor} is not allowed",
                hint="write the value out, or inherit it with extends",
            )
            return ScalarNode(None, "", origin)
        if len(path) >= DEPTH_LIMIT:
            self._refuse("too-deep", event, (), f"nested deeper than {DEPTH_LIMIT} levels")
            raise _Unreadable
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(origin)
        return self._mapping(origin)

    def _check_properties(self, event: yaml.Event, path: Path) -> None:
        if isinstance(event, yaml.AliasEvent):
            return
        anchor = getattr(event, "anchor", None)
        tag = getattr(event, "tag", None)
        if anchor:
            self._refuse(
                "yaml-anchor",
                event,
                path,
                f"anchor &{anchor} is not allowed",
                hint="write the value out, or inherit it with extends",
            )
        if tag:
            self._refuse(
                "yaml-tag",
                event,
                path,
                f"tag {tag} is not allowed",
                hint="quotes make text, everything else is recognised by itself",
            )

    def _scalar(self, event: yaml.ScalarEvent, origin: Origin) -> ScalarNode:
        raw = unicodedata.normalize("NFC", event.value)
        value = resolve_plain(event.value) if event.implicit[0] else raw
        return ScalarNode(value, raw, origin)

    def _sequence(self, origin: Origin) -> SequenceNode:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, (*origin.path, len(items))))
        return SequenceNode(tuple(items), origin)

    def _mapping(self, origin: Origin) -> MappingNode:
        entries: dict[str, Node] = {}
        keys: dict[str, Origin] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            name = self._key(event, origin.path)
            path = (*origin.path, name)
            key_origin = self._origin(event, path)
            node = self._node(next(self._events), path)
            if name in entries:
                self._refuse(
                    "duplicate-yaml-key",
                    event,
                    path,
                    f"{name!r} stands a second time in the same mapping"
                    f" (first in line {keys[name].line})",
                    hint="remove one of them",
                )
                continue
            entries[name] = node
            keys[name] = key_origin
        return MappingNode(entries, keys, origin)

    def _key(self, event: yaml.Event, path: Path) -> str:
        """The key as written; numbers, `on` and `true` are names here."""
        if isinstance(event, yaml.ScalarEvent):
            self._check_properties(event, path)
            return unicodedata.normalize("NFC", event.value)
        self._refuse("complex-key", event, path, "a key must be plain text")
        raise _Unreadable
