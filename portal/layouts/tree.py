"""Values of site files that remember where they were written, and what they replaced.

Inheritance and patches build new trees out of nodes of several files; because each node carries
its origin, an error or an explanation of a composed layout still names the right file and line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

Path = tuple[str | int, ...]
Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]

_NAME = re.compile(r"[^\W\d][\w/-]*")
_DISPLAY_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Origin:
    """A place in a file: `line` and `column` from 1, `path` from the top of that file."""

    file: str
    line: int = 1
    column: int = 1
    path: Path = ()

    @property
    def place(self) -> str:
        """`file:line`, as explanations name it."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A single value. `raw` is the text as written, for names that look like numbers (`404`)."""

    value: None | bool | int | float | str
    raw: str
    origin: Origin
    earlier: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """A list."""

    items: tuple[Node, ...]
    origin: Origin
    earlier: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class MappingNode:
    """A mapping; `keys` tells where each key was written."""

    entries: Mapping[str, Node] = field(hash=False)
    keys: Mapping[str, Origin] = field(hash=False)
    origin: Origin
    earlier: tuple[Node, ...] = ()


Node = ScalarNode | SequenceNode | MappingNode


def plain(node: Node) -> Plain:
    """The value without its places."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.items]
    return {name: plain(entry) for name, entry in node.entries.items()}


def display(node: Node) -> str:
    """The value on one line, short enough for a message."""
    text = json.dumps(plain(node), ensure_ascii=False)
    return text if len(text) <= _DISPLAY_LENGTH else text[: _DISPLAY_LENGTH - 1] + "…"


def format_path(path: Path) -> str:
    """`regions.aside[0].settings.limit`; names with other characters stand in brackets."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _NAME.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{json.dumps(part, ensure_ascii=False)}]"
    return text


def merge(old: Node, new: Node) -> Node:
    """`new` over `old`: mappings entry by entry, anything else replaced as a whole."""
    if not isinstance(old, MappingNode) or not isinstance(new, MappingNode):
        return supersede(old, new)
    entries = dict(old.entries)
    for name, node in new.entries.items():
        entries[name] = merge(entries[name], node) if name in entries else node
    return MappingNode(entries, {**old.keys, **new.keys}, new.origin, old.earlier)


def supersede(old: Node, new: Node) -> Node:
    """`new` in the place of `old`, remembering what each value was before."""
    earlier = (*old.earlier, replace(old, earlier=()))
    if isinstance(old, MappingNode) and isinstance(new, MappingNode):
        entries = {
            name: supersede(old.entries[name], node) if name in old.entries else node
            for name, node in new.entries.items()
        }
        return replace(new, entries=entries, earlier=earlier)
    return replace(new, earlier=earlier)


def nest(names: Path, node: Node, origin: Origin) -> Node:
    """`node` below mappings with these names, as a patch's dotted path means it."""
    for name in reversed(names):
        node = MappingNode({str(name): node}, {str(name): origin}, origin)
    return node
