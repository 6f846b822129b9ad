"""One layout file as written: its keys checked, its placements and patch operations sorted out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.layouts.checking import KEY_PATTERN
from portal.layouts.checking import LAYOUT_PATTERN
from portal.layouts.checking import Checker
from portal.layouts.tree import MappingNode
from portal.layouts.tree import Node
from portal.layouts.tree import Origin
from portal.layouts.tree import ScalarNode
from portal.layouts.tree import SequenceNode
from portal.layouts.tree import display
from portal.layouts.tree import plain

LAYOUT_KEYS = (
    "layout",
    "extends",
    "for",
    "default",
    "title",
    "template",
    "regions",
    "patch",
    "version",
)
PLACEMENT_KEYS = (
    "key",
    "block",
    "settings",
    "version",
    "required",
    "on_error",
    "budget",
    "deliver",
    "min_height",
    "cache",
    "dedupe",
    "bind",
    "show",
)
LANGUAGE_VERSION = 1

_FIXED = ("key", "block", "version")
_OPERATIONS = {
    "set": ("to", "version"),
    "insert": ("region", "before", "after"),
    "move": ("region", "before", "after"),
    "remove": (),
}
_KEY_RULE = "begin with a letter, then lower-case letters, digits and _ (at most 40)"


@dataclass(frozen=True, slots=True)
class WrittenPlacement:
    """A placement as a file writes it, whole or as the difference to an inherited one."""

    key: str
    node: MappingNode


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a patch puts a placement: in a region, before or after another placement, or both."""

    region: ScalarNode | None
    before: ScalarNode | None
    after: ScalarNode | None


@dataclass(frozen=True, slots=True)
class SetValue:
    """`{set: related.settings.limit, to: 8}`; `names` is the path below the placement."""

    target: ScalarNode
    key: str
    names: tuple[str, ...]
    value: Node
    version: Node | None


@dataclass(frozen=True, slots=True)
class Insert:
    """`{insert: {key: banner, …}, region: top, before: toolbar}`."""

    placement: WrittenPlacement
    anchor: Anchor


@dataclass(frozen=True, slots=True)
class Move:
    """`{move: related, region: main, after: body}`."""

    target: ScalarNode
    anchor: Anchor


@dataclass(frozen=True, slots=True)
class Remove:
    """`{remove: most_read}`."""

    target: ScalarNode


Operation = SetValue | Insert | Move | Remove


@dataclass(frozen=True, slots=True)
class LayoutFile:
    """A layout file whose own shape is right, or (not `sound`) its wrong parts left out."""

    name: str
    origin: Origin
    extends: ScalarNode | None
    page_type: Node | None
    default: Origin | None
    title: Node | None
    template: Node | None
    regions: Mapping[str, tuple[WrittenPlacement, ...]]
    region_origins: Mapping[str, Origin]
    operations: tuple[Operation, ...]
    sound: bool = True


def read_layout_file(root: Node, checker: Checker) -> LayoutFile | None:
    """The parts of a layout file; nothing if it does not even have a name."""
    mapping = checker.mapping(root, "a layout (layout: …, regions: …)")
    if mapping is None:
        return None
    checker.keys(mapping, LAYOUT_KEYS, "a layout")
    name_node = checker.required(mapping, "layout", "a layout file")
    if name_node is None:
        return None
    name = checker.name(
        name_node, LAYOUT_PATTERN, "lower-case letters, digits, - and _, parts joined by /"
    )
    if name is None:
        return None
    entries = mapping.entries
    _check_version(entries.get("version"), checker)
    regions, origins = _read_regions(entries.get("regions"), checker)
    default = entries.get("default")
    is_default = default is not None and checker.flag(default)
    return LayoutFile(
        name=name,
        origin=name_node.origin,
        extends=_word_node(entries.get("extends"), checker),
        page_type=entries.get("for"),
        default=mapping.keys["default"] if is_default else None,
        title=entries.get("title"),
        template=entries.get("template"),
        regions=regions,
        region_origins=origins,
        operations=_read_patch(mapping, checker),
        sound=_count_items(entries.get("regions")) == sum(map(len, regions.values())),
    )


def _check_version(node: Node | None, checker: Checker) -> None:
    if node is not None:
        version = checker.whole_number(node, 1)
        if version is not None and version > LANGUAGE_VERSION:
            checker.findings.add(
                "bad-value",
                node.origin,
                f"this portal reads version {LANGUAGE_VERSION} of the layout language,"
                f" not {version}",
                value=display(node),
            )


def _word_node(node: Node | None, checker: Checker) -> ScalarNode | None:
    if node is None or checker.word(node) is None:
        return None
    return node if isinstance(node, ScalarNode) else None


def _read_regions(
    node: Node | None, checker: Checker
) -> tuple[dict[str, tuple[WrittenPlacement, ...]], dict[str, Origin]]:
    mapping = checker.mapping(node, "a mapping of regions (main: […])") if node else None
    if mapping is None:
        return {}, {}
    regions = {
        name: tuple(
            placement
            for item in checker.items(entry, "a list of placements")
            if (placement := _read_placement(item, checker)) is not None
        )
        for name, entry in mapping.entries.items()
    }
    return regions, dict(mapping.keys)


def _count_items(regions: Node | None) -> int:
    """How many placements a file means to have; -1 where a region is no list."""
    if not isinstance(regions, MappingNode):
        return 0 if regions is None or plain(regions) is None else -1
    count = 0
    for entry in regions.entries.values():
        if isinstance(entry, SequenceNode):
            count += len(entry.items)
        elif plain(entry) is not None:
            return -1
    return count


def _read_placement(node: Node, checker: Checker) -> WrittenPlacement | None:
    mapping = checker.mapping(node, "a placement such as {key: related, block: related}")
    if mapping is None:
        return None
    checker.keys(mapping, PLACEMENT_KEYS, "a placement")
    key_node = checker.required(mapping, "key", "a placement")
    if key_node is None:
        return None
    key = checker.name(key_node, KEY_PATTERN, _KEY_RULE)
    return WrittenPlacement(key, mapping) if key is not None else None


def _read_patch(layout: MappingNode, checker: Checker) -> tuple[Operation, ...]:
    node = layout.entries.get("patch")
    if node is None:
        return ()
    items = checker.items(node, "a list of operations")
    if "extends" not in layout.entries:
        checker.findings.add(
            "patch-without-extends",
            layout.keys["patch"],
            "a patch changes what is inherited, but this layout extends nothing",
            hint="add extends: …, or write the change into regions",
        )
        return ()
    read = (_read_operation(item, checker) for item in items)
    return tuple(operation for operation in read if operation is not None)


def _read_operation(node: Node, checker: Checker) -> Operation | None:
    mapping = checker.mapping(node, "an operation such as {remove: related}")
    if mapping is None:
        return None
    verbs = [name for name in _OPERATIONS if name in mapping.entries]
    if len(verbs) != 1:
        first = next(iter(mapping.entries), "")
        problem = "has none of them" if not verbs else f"has {' and '.join(verbs)}"
        checker.findings.add(
            "patch-shape",
            mapping.origin,
            f"an operation is set, insert, move or remove; this one {problem}",
            value=display(node),
            known=tuple(_OPERATIONS),
            written=first if not verbs else None,
        )
        return None
    [verb] = verbs
    checker.keys(mapping, (verb, *_OPERATIONS[verb]), f"the operation {verb!r}")
    if verb == "set":
        return _read_set(mapping, checker)
    if verb == "insert":
        placement = _read_placement(mapping.entries["insert"], checker)
        return Insert(placement, _read_anchor(mapping, checker)) if placement else None
    target = _word_node(mapping.entries[verb], checker)
    if target is None:
        return None
    return Remove(target) if verb == "remove" else Move(target, _read_anchor(mapping, checker))


def _read_set(mapping: MappingNode, checker: Checker) -> SetValue | None:
    target = _word_node(mapping.entries["set"], checker)
    value = checker.required(mapping, "to", "the operation 'set'")
    if target is None or value is None:
        return None
    key, *names = target.raw.split(".")
    if not names or not all(names) or "[" in target.raw:
        hint = (
            "a list is set as a whole"
            if "[" in target.raw
            else "write key.settings.name, or key.budget"
        )
        checker.findings.add(
            "patch-shape",
            target.origin,
            f"{target.raw!r} does not name a value of a placement",
            value=target.raw,
            hint=hint,
        )
        return None
    changeable = tuple(name for name in PLACEMENT_KEYS if name not in _FIXED)
    if names[0] not in changeable:
        checker.findings.add(
            "patch-shape",
            target.origin,
            f"a patch cannot set {names[0]!r} of a placement",
            value=target.raw,
            known=changeable,
            written=names[0],
            hint="" if names[0] not in _FIXED else "remove the placement and insert another",
        )
        return None
    return SetValue(target, key, tuple(names), value, mapping.entries.get("version"))


def _read_anchor(mapping: MappingNode, checker: Checker) -> Anchor:
    region, before, after = (
        _word_node(mapping.entries.get(name), checker) for name in ("region", "before", "after")
    )
    if before and after:
        checker.findings.add(
            "patch-place",
            mapping.origin,
            "both before and after are given",
            hint="keep the one that must stay true when the layout below changes",
        )
        after = None
    if not any(name in mapping.entries for name in ("region", "before", "after")):
        checker.findings.add(
            "patch-place",
            mapping.origin,
            "no place is given",
            hint="add region: …, before: … or after: …",
        )
    return Anchor(region, before, after)
