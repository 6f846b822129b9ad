"""What a builder wants to know of a block before placing it: its declaration and its files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.block import Block
from portal.durations import format_duration
from portal.errors import BlockError
from portal.registry import Registry
from portal.scaffold import settings_rows
from portal.testing.examples import Example
from portal.testing.examples import read_examples

_ACCESSIBILITY = re.compile(r"^## Accessibility\n+(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class ShelfBlock:
    """A block as the gallery tells of it. `settings` rows are name, type, default and help."""

    name: str
    summary: str
    origin: str
    aliases: tuple[str, ...]
    needs: tuple[str, ...]
    accepts: tuple[str, ...]
    fresh: str
    stale: str
    settings: tuple[tuple[str, str, str, str], ...]
    accessibility: tuple[str, ...]
    examples: tuple[Example, ...]


def read_shelf(registry: Registry) -> tuple[ShelfBlock, ...]:
    """Every installed block by name, with its examples; one of another package may have none."""
    return tuple(_read(block, registry.origin(name)) for name, block in _blocks(registry).items())


def _blocks(registry: Registry) -> Mapping[str, Block[Any]]:
    return {name: registry[name] for name in registry}


def _read(block: Block[Any], origin: str) -> ShelfBlock:
    try:
        examples = read_examples(block)
    except BlockError:
        examples = ()
    policy = block.cache
    return ShelfBlock(
        name=block.name,
        summary=block.summary,
        origin=origin,
        aliases=block.aliases,
        needs=tuple(block.needs),
        accepts=tuple(block.accepts),
        fresh="" if policy.off else format_duration(policy.fresh),
        stale="" if policy.off else format_duration(policy.stale),
        settings=tuple(settings_rows(block)),
        accessibility=read_accessibility(block.folder / "README.md"),
        examples=examples,
    )


def read_accessibility(readme: Path) -> tuple[str, ...]:
    """The paragraphs below `Accessibility` in a block's README; none without file or heading."""
    found = _ACCESSIBILITY.search(readme.read_text(encoding="utf-8")) if readme.exists() else None
    if found is None:
        return ()
    paragraphs = re.split(r"\n\s*\n|^[-*] ", found[1], flags=re.MULTILINE)
    return tuple(" ".join(text.replace("`", "").split()) for text in paragraphs if text.strip())
