"""Rewrites layout files to present block names and settings, keeping comments and order."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from portal.errors import ConfigError
from portal.layouts.folder import SiteFolder
from portal.layouts.model import BlockSpec
from portal.layouts.patch import Outline
from portal.layouts.problems import Findings
from portal.layouts.problems import render_text
from portal.layouts.settings_version import migrate_settings
from portal.layouts.settings_version import renamed
from portal.layouts.source import parse_source
from portal.layouts.tree import Plain
from portal.layouts.tree import plain

if TYPE_CHECKING:
    from ruamel.yaml.comments import CommentedMap

_WIDE = 100_000
_INDENTED_ITEM = re.compile(
    r"^( *)[^\s#-][^#\n]*:[ \t]*(?:#.*)?\n(?:[ \t]*(?:#.*)?\n)*( *)- ", re.M
)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing a rewrite changed. `line` counts from 1 in the file as it was."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A file's new text, and what differs from the old one."""

    text: str
    changes: tuple[Change, ...]


def rewrite(
    file: Path, blocks: Mapping[str, BlockSpec], inherited: Mapping[str, str] | None = None
) -> Rewritten:
    """The text of a layout file in present names; the file itself stays as it is.

    `inherited` gives the block of each placement key the file does not declare itself. Raises
    `ConfigError` for a file that is not YAML and for settings a block cannot migrate.
    """
    content = file.read_bytes()
    findings = Findings()
    if parse_source(content, file.as_posix(), findings) is None:
        raise ConfigError(f"cannot rewrite a file with errors\n{render_text(findings.problems)}")
    rewriter = _Rewriter(file.as_posix(), blocks, inherited or {})
    return rewriter.rewrite(content.decode("utf-8-sig"))


def migrate_folder(
    site_folder: SiteFolder, blocks: Mapping[str, BlockSpec], *, write: bool
) -> tuple[Change, ...]:
    """Bring all layouts of a site up to date; without `write` only tell what would change."""
    changes: list[Change] = []
    for name, file in site_folder.files.items():
        result = rewrite(file, blocks, _blocks_of(site_folder.outlines[name]))
        changes += result.changes
        if write and result.changes:
            # A reader of the folder sees the old file or the new one, never half of it.
            fresh = file.with_name(f".{file.name}.new")
            fresh.write_text(result.text, encoding="utf-8")
            fresh.replace(file)
    return tuple(changes)


def _blocks_of(outline: Outline) -> dict[str, str]:
    return {draft.key: draft.block.name for draft in outline.drafts if draft.block is not None}


class _Rewriter:
    def __init__(
        self, file: str, blocks: Mapping[str, BlockSpec], inherited: Mapping[str, str]
    ) -> None:
        self._file = file
        self._by_name = {
            name: spec for spec in blocks.values() for name in (spec.name, *spec.aliases)
        }
        self._inherited = inherited
        self._changes: list[Change] = []

    def rewrite(self, text: str) -> Rewritten:
        # Only this command needs the library, and it is an extra of the installation.
        from ruamel.yaml import YAML  # noqa: PLC0415 - optional, and slow to import

        yaml = YAML(typ="rt")
        yaml.preserve_quotes = True
        yaml.width = _WIDE
        offset = _item_offset(text)
        yaml.indent(mapping=2, sequence=2 + offset, offset=offset)
        layout = yaml.load(text)
        for placements in (layout.get("regions") or {}).values():
            for placement in placements or ():
                self._placement(placement)
        for operation in layout.get("patch") or ():
            self._operation(operation)
        if not self._changes:
            return Rewritten(text, ())
        stream = io.StringIO()
        yaml.dump(layout, stream)
        result = stream.getvalue()
        self._check(result, layout)
        return Rewritten(result, tuple(self._changes))

    def _check(self, text: str, layout: CommentedMap) -> None:
        """A rewrite that says anything else than intended is worse than none."""
        tree = parse_source(text.encode(), self._file, Findings())
        if tree is None or plain(tree) != _plain(layout):
            raise ConfigError(f"{self._file}: rewriting would change its meaning; edit it by hand")

    def _note(self, place: CommentedMap, key: str, text: str) -> None:
        self._changes.append(Change(self._file, place.lc.key(key)[0] + 1, text))

    def _placement(self, placement: CommentedMap) -> None:
        written = placement.get("block")
        block = self._by_name.get(written or self._inherited.get(placement.get("key"), ""))
        if block is None:
            return
        if written is not None and written != block.name:
            self._note(placement, "block", f"block: {written} → {block.name}")
            placement["block"] = block.name
        settings = placement.get("settings")
        if settings:
            version = placement.get("version", 1)
            if self._settings(settings, block, version):
                self._set_version(placement, block, after="settings")

    def _operation(self, operation: CommentedMap) -> None:
        if "insert" in operation:
            self._placement(operation["insert"])
            return
        key, *names = str(operation.get("set", "")).split(".")
        block = self._by_name.get(self._inherited.get(key, ""))
        if block is None or names[:1] != ["settings"] or len(names) < 2:
            return
        version = operation.get("version", 1)
        partial: Plain = _plain(operation["to"])
        for name in reversed(names[1:]):
            partial = {name: partial}
        if not isinstance(partial, dict) or version >= block.version:
            return
        new = self._migrated(block, version, partial)
        if new == partial:
            return
        pairs = renamed(partial, new)
        if len(new) != 1 or set(new) not in ({names[1]}, set(pairs.values())):
            raise ConfigError(
                f"{self._file}:{operation.lc.line + 1}: {operation['set']} became"
                f" {', '.join(new) or 'nothing'}; write the operation anew by hand"
            )
        [target] = new
        path = ".".join((key, "settings", target, *names[2:]))
        self._note(operation, "set", f"set: {operation['set']} → {path}")
        operation["set"] = path
        value: Plain = new
        for name in (target, *names[2:]):
            value = value[name] if isinstance(value, dict) else value
        if value != _plain(operation["to"]):
            operation["to"] = value
        self._set_version(operation, block, after="to")

    def _migrated(
        self, block: BlockSpec, version: int, settings: dict[str, Plain]
    ) -> dict[str, Plain]:
        new = migrate_settings(block, version, settings)
        if isinstance(new, str):
            raise ConfigError(f"{self._file}: settings of block {block.name!r}: {new}")
        return new

    def _settings(self, settings: CommentedMap, block: BlockSpec, version: int) -> bool:
        """Bring a settings mapping up to date in place; whether anything changed."""
        old = _plain(settings)
        if not isinstance(old, dict) or version >= block.version:
            return False
        new = self._migrated(block, version, old)
        if new == old:
            return False
        for source, target in renamed(old, new).items():
            self._note(settings, source, f"{block.name}: setting {source} → {target}")
            _rename(settings, source, target)
        for name in [name for name in settings if name not in new]:
            self._note(settings, name, f"{block.name}: setting {name} removed")
            del settings[name]
        for name, value in new.items():
            if name not in settings:
                settings[name] = value
            elif _plain(settings[name]) != value:
                if name in old:
                    self._note(settings, name, f"{block.name}: setting {name} rewritten")
                settings[name] = value
        return True

    def _set_version(self, place: CommentedMap, block: BlockSpec, *, after: str) -> None:
        if "version" in place:
            place["version"] = block.version
        else:
            place.insert(list(place).index(after), "version", block.version)


def _rename(mapping: CommentedMap, old: str, new: str) -> None:
    """Another name for a key at the same place, with the comments that belong to it."""
    position = list(mapping).index(old)
    comment = mapping.ca.items.pop(old, None)
    value = mapping.pop(old)
    mapping.insert(position, new, value)
    if comment is not None:
        mapping.ca.items[new] = comment


def _item_offset(text: str) -> int:
    """How far list items stand right of their key in this file."""
    found = _INDENTED_ITEM.search(text)
    return len(found[2]) - len(found[1]) if found else 2


def _plain(value: Any) -> Plain:
    """What the round-trip types of the library stand for."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    return str(value)
