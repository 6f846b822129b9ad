"""Explains a composed layout: every value with the file and line that set it, and its history."""

from __future__ import annotations

import json
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from portal.durations import format_duration
from portal.errors import ConfigError
from portal.layouts.folder import SiteFolder
from portal.layouts.layout_file import PLACEMENT_KEYS
from portal.layouts.model import BlockSpec
from portal.layouts.model import OnError
from portal.layouts.model import Placement
from portal.layouts.patch import Draft
from portal.layouts.patch import Outline
from portal.layouts.problems import suggest
from portal.layouts.tree import MappingNode
from portal.layouts.tree import Node
from portal.layouts.tree import Plain
from portal.layouts.tree import plain

ENGINE_DEFAULT = "engine default"

_POLICY_FIELDS = ("required", "budget", "deliver", "min_height", "dedupe")


@dataclass(frozen=True, slots=True)
class Sourced:
    """A value and what set it: `file:line`, or the default of a block or of the engine."""

    value: Plain
    source: str

    @property
    def written(self) -> bool:
        """Whether a file says so, not a default."""
        return not self.source.startswith((ENGINE_DEFAULT, "default of block", "policy of block"))


Tree = Sourced | dict[str, "Tree"] | list["Tree"]


def effective(site_folder: SiteFolder, name: str) -> dict[str, Tree]:
    """The layout `name` as it results from all its files and defaults.

    Mappings keep one source per value, a list has one source as a whole. Raises `ConfigError`
    for an unknown name.
    """
    outline = _outline(site_folder, name)
    tree: dict[str, Tree] = {"layout": Sourced(name, outline.origin.place)}
    for key, node in (
        ("for", outline.page_type),
        ("title", outline.title),
        ("template", outline.template),
    ):
        if node is not None:
            tree[key] = _of_node(node)
    if outline.default is not None:
        tree["default"] = Sourced(True, outline.default.place)
    layout = site_folder.layouts.get(name)
    tree["regions"] = {
        region: [_of_draft(draft) for draft in outline.regions[region]]
        for region in (layout.regions if layout else outline.regions)
        if outline.regions.get(region)
    }
    return tree


def values(tree: Tree, *, defaults: bool = True) -> Plain:
    """The tree without sources; `defaults=False` leaves out what no file says.

    Without defaults the result is a layout file of its own that means the same.
    """
    if isinstance(tree, Sourced):
        return tree.value
    if isinstance(tree, list):
        return [values(item, defaults=defaults) for item in tree]
    return {
        key: values(item, defaults=defaults)
        for key, item in tree.items()
        if defaults or any(leaf.written for leaf in _leaves(item))
    }


def as_data(tree: Tree) -> object:
    """The tree for machines: each value becomes `{"value": …, "from": "file:line"}`."""
    if isinstance(tree, Sourced):
        return {"value": tree.value, "from": tree.source}
    if isinstance(tree, list):
        return [as_data(item) for item in tree]
    return {key: as_data(item) for key, item in tree.items()}


def render(tree: dict[str, Tree]) -> str:
    """The tree as YAML for people: the source of each value stands behind it as a comment."""
    lines = list(_lines(tree, 0))
    width = min(max((len(text) for text, source in lines if source), default=0), 60)
    return "\n".join(
        f"{text.ljust(width)}  # {source}" if source else text for text, source in lines
    )


def why(site_folder: SiteFolder, name: str, path: str) -> tuple[Sourced, ...]:
    """Who set `path` (`related.settings.limit`) of layout `name`, the newest last.

    Begins with the default where there is one. Raises `ConfigError` for a name or a path that
    does not exist.
    """
    outline = _outline(site_folder, name)
    key, *names = path.split(".")
    draft = _draft(outline, key)
    if not names:
        return (Sourced(key, draft.declared.place),)
    chain = list(_default(draft, names))
    node: Node | None = draft.node
    for part in names:
        node = node.entries.get(part) if isinstance(node, MappingNode) else None
    if node is not None:
        chain += [Sourced(plain(item), item.origin.place) for item in (*node.earlier, node)]
    if not chain:
        raise ConfigError(
            f"layout {name!r}: {path!r} is set nowhere and has no default"
            f" (known in {key!r}: {', '.join(_paths(draft))})"
        )
    return tuple(chain)


def _outline(site_folder: SiteFolder, name: str) -> Outline:
    if name not in site_folder.outlines:
        raise ConfigError(_unknown("layout", name, site_folder.outlines))
    return site_folder.outlines[name]


def _draft(outline: Outline, key: str) -> Draft:
    by_key = {draft.key: draft for draft in outline.drafts}
    if key in by_key:
        return by_key[key]
    if key in outline.removed:
        raise ConfigError(
            f"layout {outline.name!r} has no placement {key!r}:"
            f" {outline.removed[key].place} removed it"
        )
    raise ConfigError(_unknown(f"placement of layout {outline.name!r}", key, by_key))


def _unknown(what: str, name: str, known: Mapping[str, object]) -> str:
    close = suggest(name, known)
    hint = f"; did you mean {close!r}?" if close else ""
    return f"no {what} is called {name!r} (known: {', '.join(known)}){hint}"


def _of_node(node: Node) -> Tree:
    if isinstance(node, MappingNode) and node.entries:
        return {key: _of_node(entry) for key, entry in node.entries.items()}
    return Sourced(plain(node), node.origin.place)


def _of_draft(draft: Draft) -> Tree:
    entries = draft.node.entries
    tree: dict[str, Tree] = {"key": Sourced(draft.key, draft.declared.place)}
    block = draft.block
    if block is None:
        return {**tree, **{key: _of_node(entry) for key, entry in entries.items() if key != "key"}}
    if "block" in entries:
        tree["block"] = Sourced(block.name, entries["block"].origin.place)
    if block.version > 1 and "settings" in entries:
        tree["version"] = Sourced(block.version, entries["settings"].origin.place)
    settings = entries.get("settings")
    written = settings.entries if isinstance(settings, MappingNode) else {}
    source = f"default of block {block.name!r}"
    merged: dict[str, Tree] = {
        name: _with_defaults(written.get(name), value, source)
        for name, value in _settings_values(draft, block).items()
    }
    if merged:
        tree["settings"] = merged
    policy = _policy_defaults(block)
    for name in PLACEMENT_KEYS:
        if name in tree or name in {"version", "settings"}:
            continue
        if name in policy:
            tree[name] = _with_policy(entries.get(name), policy[name])
        elif name in entries:
            tree[name] = _whole(entries[name]) if name == "show" else _of_node(entries[name])
    return tree


def _whole(node: Node) -> Sourced:
    """A list or a condition is one value: its parts mean nothing apart."""
    return Sourced(plain(node), node.origin.place)


def _with_defaults(node: Node | None, value: Plain, source: str) -> Tree:
    """A setting as written; what nobody wrote has its default's source."""
    if isinstance(value, dict) and value and (node is None or isinstance(node, MappingNode)):
        entries = node.entries if node is not None else {}
        return {
            name: _with_defaults(entries.get(name), part, source) for name, part in value.items()
        }
    return Sourced(value, source) if node is None else _whole(node)


def _with_policy(node: Node | None, default: Tree) -> Tree:
    if node is None:
        return default
    if isinstance(node, MappingNode) and isinstance(default, dict):
        written = {key: _of_node(entry) for key, entry in node.entries.items()}
        if _is_switched_off(node):
            return cast("Tree", written)
        return {**default, **written}
    return _of_node(node)


def _is_switched_off(node: MappingNode) -> bool:
    """`cache: {off: true}` and `on_error: {use: hide}` leave their times without meaning."""
    return any(
        name in node.entries and plain(node.entries[name]) == value
        for name, value in (("off", True), ("use", "hide"))
    )


def _settings_defaults(block: BlockSpec) -> dict[str, Plain]:
    """The defaults of a block's settings as JSON has them; required fields have none."""
    model = block.settings
    required = {name for name, info in model.model_fields.items() if info.is_required()}
    sample = model.model_construct()
    dumped = sample.model_dump(mode="json", exclude=required, warnings=False)
    return cast("dict[str, Plain]", {**dict.fromkeys(required), **dumped})


def _settings_values(draft: Draft, block: BlockSpec) -> dict[str, Plain]:
    """All settings of a placement as JSON has them, written or not."""
    settings = draft.node.entries.get("settings")
    written = plain(settings) if isinstance(settings, MappingNode) else {}
    model = block.settings.model_validate_json(json.dumps(written), strict=True)
    return cast("dict[str, Plain]", model.model_dump(mode="json"))


def _policy_defaults(block: BlockSpec) -> dict[str, Tree]:
    fields = Placement.__dataclass_fields__
    source = ENGINE_DEFAULT
    policy: dict[str, Tree] = {
        name: Sourced(cast("Plain", fields[name].default), source) for name in _POLICY_FIELDS
    }
    on_error = OnError()
    policy["on_error"] = {
        "use": Sourced(on_error.use, source),
        "for": Sourced(_duration(on_error.last_good_for), source),
        "else": Sourced("hide", source),
    }
    own = f"policy of block {block.name!r}"
    policy["cache"] = {"fresh": Sourced(None, own), "stale": Sourced(None, own)}
    return policy


def _duration(value: timedelta) -> str:
    return format_duration(value)


def _default(draft: Draft, names: list[str]) -> Iterator[Sourced]:
    """The default at a path below a placement, if there is one."""
    if draft.block is None:
        return
    if names[0] == "settings":
        source = f"default of block {draft.block.name!r}"
        for value in (_settings_defaults(draft.block), _settings_values(draft, draft.block)):
            found_value = _at(value, names[1:])
            if found_value is not None:
                yield Sourced(found_value[0], source)
                return
        return
    found: Tree | None = _policy_defaults(draft.block)
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    if isinstance(found, Sourced):
        yield found
    elif found is not None:
        yield Sourced(values(found), next(_leaves(found)).source)


def _at(value: Plain, names: list[str]) -> tuple[Plain] | None:
    """The value below these names; nothing where there is no such name."""
    for name in names:
        if not isinstance(value, dict) or name not in value:
            return None
        value = value[name]
    return (value,)


def _paths(draft: Draft) -> list[str]:
    names = list(draft.node.entries)
    if draft.block is not None:
        names = [*_policy_defaults(draft.block), *names]
        names += [f"settings.{name}" for name in draft.block.settings.model_fields]
    return sorted(set(names) - {"key", "settings"})


def _leaves(tree: Tree) -> Iterator[Sourced]:
    if isinstance(tree, Sourced):
        yield tree
        return
    for item in tree.values() if isinstance(tree, dict) else tree:
        yield from _leaves(item)


def _lines(tree: Tree, depth: int, *, dash: bool = False) -> Iterator[tuple[str, str]]:
    indent = "  " * depth
    if isinstance(tree, list):
        for item in tree:
            yield from _lines(item, depth + 1, dash=True)
        return
    for position, (key, item) in enumerate(tree.items() if isinstance(tree, dict) else ()):
        lead = indent[:-2] + "- " if dash and position == 0 else indent
        name = key if key.replace("_", "").replace("-", "").isalpha() else json.dumps(key)
        if isinstance(item, Sourced):
            yield f"{lead}{name}: {_inline(item.value)}", item.source
        else:
            yield f"{lead}{name}:", ""
            yield from _lines(item, depth + 1)


def _inline(value: Plain) -> str:
    return json.dumps(value, ensure_ascii=False)
