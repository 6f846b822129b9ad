"""Inheritance: lays a file over the layout it extends, value by value, and applies its patch.

A placement is addressed by its key. A file that names an inherited key in the same region writes
only the difference; whatever it does not name keeps following the layout below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import cast

from portal.layouts.layout_file import Anchor
from portal.layouts.layout_file import Insert
from portal.layouts.layout_file import LayoutFile
from portal.layouts.layout_file import Move
from portal.layouts.layout_file import Operation
from portal.layouts.layout_file import Remove
from portal.layouts.layout_file import SetValue
from portal.layouts.layout_file import WrittenPlacement
from portal.layouts.model import BlockSpec
from portal.layouts.problems import Findings
from portal.layouts.settings_version import BlockNames
from portal.layouts.settings_version import modernise
from portal.layouts.tree import MappingNode
from portal.layouts.tree import Node
from portal.layouts.tree import Origin
from portal.layouts.tree import ScalarNode
from portal.layouts.tree import merge
from portal.layouts.tree import nest
from portal.layouts.tree import supersede


@dataclass(frozen=True, slots=True)
class Draft:
    """A placement after inheritance, not yet checked. `block` is none where it is unknown."""

    key: str
    block: BlockSpec | None
    region: str
    node: MappingNode
    declared: Origin


@dataclass(frozen=True, slots=True)
class Outline:
    """A layout after inheritance, not yet checked. `chain` names its files, the root first.

    `complete` is false where a file of the chain is missing or broken: then its absence is the
    problem to report, not what follows from it.
    """

    name: str
    origin: Origin
    parent: str | None = None
    chain: tuple[str, ...] = ()
    page_type: Node | None = None
    title: Node | None = None
    template: Node | None = None
    default: Origin | None = None
    regions: Mapping[str, tuple[Draft, ...]] = field(default_factory=dict)
    region_origins: Mapping[str, Origin] = field(default_factory=dict)
    removed: Mapping[str, Origin] = field(default_factory=dict)
    complete: bool = True

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """All placements in the order of the regions as they were first written."""
        return tuple(draft for drafts in self.regions.values() for draft in drafts)


def lay_over(
    file: LayoutFile, parent: Outline | None, blocks: BlockNames, findings: Findings
) -> Outline:
    """The layout of `file` on top of the one it extends."""
    work = _Overlay(file, parent, blocks, findings)
    for region, placements in file.regions.items():
        work.write_region(region, placements)
    for operation in file.operations:
        work.apply(operation)
    return work.finish()


class _Overlay:
    def __init__(
        self, file: LayoutFile, parent: Outline | None, blocks: BlockNames, findings: Findings
    ) -> None:
        self._file = file
        self._parent = parent
        self._blocks = blocks
        self._findings = findings
        self._complete = file.sound and (parent is None or parent.complete)
        self._removed = dict(parent.removed) if parent else {}
        self._origins = {**(parent.region_origins if parent else {}), **file.region_origins}
        self._regions: dict[str, list[Draft]] = {
            region: list(drafts) for region, drafts in (parent.regions.items() if parent else ())
        }
        self._inherited = {draft.key for draft in (parent.drafts if parent else ())}
        self._written: set[str] = set()

    def finish(self) -> Outline:
        file, parent = self._file, self._parent
        title = _over(parent.title if parent else None, file.title)
        template = _over(parent.template if parent else None, file.template)
        page_type = _over(parent.page_type if parent else None, file.page_type)
        return Outline(
            name=file.name,
            origin=file.origin,
            parent=file.extends.raw if file.extends else None,
            chain=(*(parent.chain if parent else ()), file.origin.file),
            page_type=page_type,
            title=title,
            template=template,
            default=file.default,
            regions={region: tuple(drafts) for region, drafts in self._regions.items()},
            region_origins=self._origins,
            removed=self._removed,
            complete=self._complete,
        )

    def write_region(self, region: str, placements: tuple[WrittenPlacement, ...]) -> None:
        self._regions.setdefault(region, [])
        for written in placements:
            known = self._find(written.key)
            inherited = known is not None and known.key in self._inherited
            if known is not None and (not inherited or known.key in self._written):
                self._report_duplicate(written, known, hint="give each placement its own key")
            elif known is not None and known.region != region:
                self._report_duplicate(
                    written, known, hint=f"to move it write patch: - {{move: {known.key}, …}}"
                )
            elif known is not None:
                self._replace(self._refine(known, written))
                self._written.add(written.key)
            else:
                draft = self._make(written, region)
                if draft is not None:
                    self._regions[region].append(draft)
                    self._removed.pop(draft.key, None)

    def apply(self, operation: Operation) -> None:
        if isinstance(operation, SetValue):
            self._set(operation)
        elif isinstance(operation, Insert):
            self._insert(operation)
        elif isinstance(operation, Move):
            self._move(operation)
        else:
            self._remove(operation)

    def _find(self, key: str) -> Draft | None:
        for drafts in self._regions.values():
            for draft in drafts:
                if draft.key == key:
                    return draft
        return None

    def _target(self, node: ScalarNode, key: str) -> Draft | None:
        """The placement a patch needs; what took it away is named if it is gone."""
        found = self._find(key)
        if found is not None or not self._complete:
            return found
        if key in self._removed:
            self._findings.add(
                "patch-target-gone",
                node.origin,
                f"placement {key!r} is gone: {self._removed[key].place} removed it",
                value=key,
                hint="drop this operation, or insert the placement again",
            )
        else:
            keys = tuple(draft.key for drafts in self._regions.values() for draft in drafts)
            self._findings.add(
                "patch-target-unknown",
                node.origin,
                f"no placement {key!r} in layout {self._file.name!r}",
                value=key,
                known=keys,
                written=key,
            )
        return None

    def _report_duplicate(self, written: WrittenPlacement, known: Draft, *, hint: str) -> None:
        self._findings.add(
            "duplicate-key",
            written.node.entries["key"].origin,
            f"key {written.key!r} is already taken in region {known.region!r}"
            f" ({known.declared.place})",
            value=written.key,
            hint=hint,
        )

    def _make(self, written: WrittenPlacement, region: str) -> Draft | None:
        node = written.node
        block_node = node.entries.get("block")
        if block_node is None:
            if self._complete:
                self._findings.add(
                    "missing-key",
                    node.origin,
                    f"placement {written.key!r} needs the key 'block'",
                    known=self._blocks.names,
                )
            self._complete = False
            return None
        block = self._blocks.find(block_node, self._findings)
        node = self._modernised(node, block)
        return Draft(written.key, block, region, node, written.node.entries["key"].origin)

    def _refine(self, known: Draft, written: WrittenPlacement) -> Draft:
        """The inherited placement with what the file says differently."""
        block_node = written.node.entries.get("block")
        if block_node is not None:
            block = self._blocks.find(block_node, self._findings)
            if block is not None and known.block is not None and block is not known.block:
                self._findings.add(
                    "block-changed",
                    block_node.origin,
                    f"placement {known.key!r} is inherited as block {known.block.name!r}"
                    f" ({known.declared.place}) and cannot become {block.name!r}",
                    value=block.name,
                    hint="remove it by a patch and give the new one its own key",
                )
                return known
        node = self._modernised(written.node, known.block)
        entries = {
            name: entry for name, entry in node.entries.items() if name not in {"key", "block"}
        }
        # Two mappings merge into one.
        merged = cast("MappingNode", merge(known.node, replace(node, entries=entries)))
        if "show" in entries and "show" in known.node.entries:
            # Half of one condition and half of another is what neither file says.
            show = supersede(known.node.entries["show"], entries["show"])
            merged = replace(merged, entries={**merged.entries, "show": show})
        return replace(known, node=merged)

    def _modernised(self, node: MappingNode, block: BlockSpec | None) -> MappingNode:
        """The placement with settings of the block's present version, and `version` taken off.

        Settings the block cannot read are left out; they are reported and end the loading.
        """
        entries = {name: entry for name, entry in node.entries.items() if name != "version"}
        settings = entries.get("settings")
        if block is not None and isinstance(settings, MappingNode):
            version = node.entries.get("version")
            current = modernise(block, version, settings, self._findings)
            if current is None:
                self._complete = False
                del entries["settings"]
            else:
                entries["settings"] = current
        return replace(node, entries=entries)

    def _replace(self, draft: Draft) -> None:
        drafts = self._regions[draft.region]
        position = next(index for index, item in enumerate(drafts) if item.key == draft.key)
        drafts[position] = draft

    def _set(self, operation: SetValue) -> None:
        draft = self._target(operation.target, operation.key)
        if draft is None:
            return
        origin, names, value = operation.target.origin, operation.names, operation.value
        change = nest(names[1:], value, origin) if names[0] == "settings" else None
        if draft.block is not None and isinstance(change, MappingNode):
            current = modernise(draft.block, operation.version, change, self._findings)
            if current is None:
                self._complete = False
                return
            if current is not change:
                # A renamed setting has another path; it is laid over instead of put in place.
                if len(names) > 1:
                    node = merge(draft.node, nest(("settings",), current, origin))
                    self._replace(replace(draft, node=cast("MappingNode", node)))
                    return
                value = current
        self._replace(replace(draft, node=_assign(draft.node, names, value, origin)))

    def _insert(self, operation: Insert) -> None:
        written = operation.placement
        known = self._find(written.key)
        if known is not None:
            self._report_duplicate(written, known, hint="give each placement its own key")
            return
        place = self._place(operation.anchor)
        draft = self._make(written, place[0] if place else "")
        if place is None or draft is None:
            return
        self._put(draft, place)

    def _move(self, operation: Move) -> None:
        draft = self._target(operation.target, operation.target.raw)
        if draft is None:
            return
        drafts = self._regions[draft.region]
        position = drafts.index(draft)
        drafts.remove(draft)
        place = self._place(operation.anchor)
        if place is None:
            drafts.insert(position, draft)
            return
        self._put(replace(draft, region=place[0]), place)

    def _put(self, draft: Draft, place: tuple[str, int]) -> None:
        region, position = place
        self._regions.setdefault(region, []).insert(position, draft)
        self._removed.pop(draft.key, None)

    def _place(self, anchor: Anchor) -> tuple[str, int] | None:
        """Region and position an anchor means, or nothing after noting why there is none."""
        beside = anchor.before or anchor.after
        if beside is None:
            if anchor.region is None:
                return None
            self._origins.setdefault(anchor.region.raw, anchor.region.origin)
            return anchor.region.raw, len(self._regions.get(anchor.region.raw, ()))
        neighbour = self._target(beside, beside.raw)
        if neighbour is None:
            return None
        if anchor.region is not None and anchor.region.raw != neighbour.region:
            self._findings.add(
                "patch-place",
                anchor.region.origin,
                f"{beside.raw!r} stands in region {neighbour.region!r}, not in"
                f" {anchor.region.raw!r}",
                value=anchor.region.raw,
                hint="correct the region or leave it out",
            )
            return None
        position = self._regions[neighbour.region].index(neighbour)
        return neighbour.region, position + (anchor.after is not None)

    def _remove(self, operation: Remove) -> None:
        draft = self._target(operation.target, operation.target.raw)
        if draft is not None:
            self._regions[draft.region].remove(draft)
            self._removed[draft.key] = operation.target.origin


def _over(old: Node | None, new: Node | None) -> Node | None:
    if old is None or new is None:
        return new or old
    return merge(old, new)


def _assign(node: MappingNode, names: tuple[str, ...], value: Node, origin: Origin) -> MappingNode:
    """`node` with the value at `names` replaced as a whole."""
    name, *rest = names
    old = node.entries.get(name)
    if rest:
        below = old if isinstance(old, MappingNode) else MappingNode({}, {}, origin)
        entry: Node = _assign(below, tuple(rest), value, origin)
    else:
        entry = value if old is None else supersede(old, value)
    keys = {**node.keys, name: origin if not rest or old is None else node.keys[name]}
    return replace(node, entries={**node.entries, name: entry}, keys=keys)
