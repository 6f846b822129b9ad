"""Names and versions of blocks: legacy names are understood, old settings brought up to date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from portal.layouts.model import BlockSpec
from portal.layouts.problems import Findings
from portal.layouts.tree import MappingNode
from portal.layouts.tree import Node
from portal.layouts.tree import Origin
from portal.layouts.tree import Plain
from portal.layouts.tree import ScalarNode
from portal.layouts.tree import SequenceNode
from portal.layouts.tree import display
from portal.layouts.tree import plain

MIGRATE_HINT = "run `portal layout migrate --write`"


class BlockNames:
    """Finds blocks by the names layout files use, legacy ones included."""

    def __init__(
        self, blocks: Mapping[str, BlockSpec], broken: Mapping[str, str] | None = None
    ) -> None:
        self.names = tuple(sorted(blocks))
        self._by_name = dict(blocks)
        self._broken = dict(broken or {})
        self._by_alias = {alias: spec for spec in blocks.values() for alias in spec.aliases}

    def find(self, node: Node, findings: Findings) -> BlockSpec | None:
        """The block a placement names, or nothing after noting why it cannot be found."""
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
            findings.add(
                "wrong-type",
                node.origin,
                "must be the name of a block",
                value=display(node),
                known=self.names,
            )
            return None
        name = node.value
        if name in self._by_name:
            return self._by_name[name]
        spec = self._by_alias.get(name)
        if spec is None:
            self._report_missing(name, node.origin, findings)
            return None
        findings.add(
            "block-alias",
            node.origin,
            f"{name!r} is the former name of block {spec.name!r}",
            value=name,
            hint=MIGRATE_HINT,
            severity="warning",
        )
        return spec

    def _report_missing(self, name: str, origin: Origin, findings: Findings) -> None:
        if name in self._broken:
            findings.add(
                "broken-block",
                origin,
                f"block {name!r} is installed but cannot be loaded: {self._broken[name]}",
                value=name,
                hint="repair or remove its package",
            )
            return
        findings.add(
            "unknown-block",
            origin,
            f"no installed block is called {name!r}",
            value=name,
            known=self.names,
            written=name,
        )


def modernise(
    block: BlockSpec, version_node: Node | None, settings: MappingNode, findings: Findings
) -> MappingNode | None:
    """Settings as the installed block reads them; what had to be changed is a warning each.

    Settings without `version` are of version 1. The same node comes back where nothing changes,
    nothing where the block cannot read them.
    """
    version = _read_version(block, version_node, findings)
    if version is None:
        return None
    if version == block.version:
        return settings
    old = cast("dict[str, Plain]", plain(settings))
    new = migrate_settings(block, version, old)
    if isinstance(new, str):
        findings.add(
            "migration-failed",
            settings.origin,
            f"settings version {version} of block {block.name!r} cannot be read: {new}",
            hint="write them anew after the block's README",
        )
        return None
    if new == old:
        return settings
    rebuilt = _rebuild(settings, old, new)
    _warn(block, version, settings, old, new, findings)
    return rebuilt


def _read_version(block: BlockSpec, node: Node | None, findings: Findings) -> int | None:
    if node is None:
        return 1
    version = node.value if isinstance(node, ScalarNode) else None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        findings.add(
            "wrong-type", node.origin, "must be a settings version (1, 2, …)", value=display(node)
        )
        return None
    if version > block.version:
        findings.add(
            "future-settings",
            node.origin,
            f"settings version {version}, but the installed block {block.name!r} reads"
            f" {block.version}",
            value=display(node),
            hint="install the newer block or write the settings anew",
        )
        return None
    return version


def migrate_settings(
    block: BlockSpec, version: int, settings: Mapping[str, Plain]
) -> dict[str, Plain] | str:
    """Settings of `version` brought to the block's version, or the reason why that failed."""
    data = cast("dict[str, object]", _copy(dict(settings)))
    for step in range(version, block.version):
        migration = block.migrations.get(step)
        if migration is None:
            return f"the block ships no migration from version {step} to {step + 1}"
        try:
            data = migration(data)
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            return f"its migration from version {step} failed with {type(problem).__name__}"
    return cast("dict[str, Plain]", data)


def _copy(value: Plain) -> Plain:
    if isinstance(value, dict):
        return {name: _copy(item) for name, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def renamed(old: Mapping[str, Plain], new: Mapping[str, Plain]) -> dict[str, str]:
    """Keys that only changed their name, old to new."""
    free = [name for name in new if name not in old]
    pairs: dict[str, str] = {}
    for name in old:
        if name in new:
            continue
        same = [other for other in free if new[other] == old[name]]
        # A rename together with a changed value is recognised where nothing else can be meant.
        target = same or (free if len(free) == 1 and len(old.keys() - new.keys()) == 1 else [])
        if target:
            pairs[name] = target[0]
            free.remove(target[0])
    return pairs


def _rebuild(
    settings: MappingNode, old: Mapping[str, Plain], new: Mapping[str, Plain]
) -> MappingNode:
    """`new` as a tree whose values keep the places they were written at."""
    former = {target: source for source, target in renamed(old, new).items()}
    entries: dict[str, Node] = {}
    keys: dict[str, Origin] = {}
    for name, value in new.items():
        source = former.get(name, name)
        known = settings.entries.get(source)
        keys[name] = settings.keys.get(source, settings.origin)
        if known is not None and plain(known) == value:
            entries[name] = known
        else:
            entries[name] = _node_of(value, known.origin if known else settings.origin)
    return MappingNode(entries, keys, settings.origin, settings.earlier)


def _node_of(value: Plain, origin: Origin) -> Node:
    if isinstance(value, dict):
        entries = {name: _node_of(item, origin) for name, item in value.items()}
        return MappingNode(entries, dict.fromkeys(entries, origin), origin)
    if isinstance(value, list):
        return SequenceNode(tuple(_node_of(item, origin) for item in value), origin)
    return ScalarNode(value, str(value), origin)


def _warn(
    block: BlockSpec,
    version: int,
    settings: MappingNode,
    old: Mapping[str, Plain],
    new: Mapping[str, Plain],
    findings: Findings,
) -> None:
    pairs = renamed(old, new)
    for name in old:
        if name in new and new[name] == old[name]:
            continue
        if name in pairs:
            change = f"is now {pairs[name]!r}"
        elif name in new:
            change = "is written differently now"
        else:
            change = "is gone or part of another setting now"
        findings.add(
            "old-settings",
            settings.keys[name],
            f"setting {name!r} of block {block.name!r} {change}"
            f" (written for version {version}, installed is {block.version})",
            value=display(settings.entries[name]),
            hint=MIGRATE_HINT,
            severity="warning",
        )
