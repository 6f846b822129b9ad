"""Checks one placement: its block's settings, and everything it says about its own handling."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from typing import TypedDict
from typing import cast
from typing import get_args

from pydantic import BaseModel

from portal.layouts.checking import Checker
from portal.layouts.conditions import Condition
from portal.layouts.model import Binding
from portal.layouts.model import BlockSpec
from portal.layouts.model import CacheOverride
from portal.layouts.model import Deliver
from portal.layouts.model import Failure
from portal.layouts.model import OnError
from portal.layouts.patch import Draft
from portal.layouts.show import ConditionReader
from portal.layouts.tree import MappingNode
from portal.layouts.tree import Node
from portal.layouts.tree import ScalarNode
from portal.layouts.tree import display
from portal.layouts.validation import validate


class Handling(TypedDict, total=False):
    """What a placement says of its handling, as keyword arguments of `Placement`."""

    required: bool
    on_error: OnError
    budget: timedelta | None
    deliver: Deliver
    min_height: int | None
    cache: CacheOverride
    dedupe: bool


@dataclass(frozen=True, slots=True)
class CheckedPlacement:
    """A placement whose own values are right; whether it fits its page is not yet known."""

    draft: Draft
    block: BlockSpec
    settings: BaseModel
    handling: Handling
    bind: tuple[tuple[Binding, Node], ...]
    show: Condition | None
    headline: bool


class PlacementChecker:
    """Checks drafts, each once: an inherited placement is the same object in every child."""

    def __init__(self, checker: Checker, conditions: ConditionReader) -> None:
        self._checker = checker
        self._conditions = conditions
        # The draft is kept beside its result, so that no later one can take over its id.
        self._known: dict[int, tuple[Draft, CheckedPlacement | None]] = {}

    def check(self, draft: Draft) -> CheckedPlacement | None:
        """The checked placement, or nothing after noting what is wrong with it."""
        if id(draft) not in self._known:
            self._known[id(draft)] = (draft, self._check(draft))
        return self._known[id(draft)][1]

    def _check(self, draft: Draft) -> CheckedPlacement | None:
        entries = draft.node.entries
        handling = self._handling(draft.node)
        bind = self._bindings(entries["bind"]) if "bind" in entries else ()
        show = self._conditions.read(entries["show"]) if "show" in entries else None
        block = draft.block
        if block is None:
            return None
        written = entries.get("settings")
        node = (
            self._checker.mapping(written)
            if written is not None
            else MappingNode({}, {}, draft.node.origin)
        )
        if node is None:
            return None
        settings = validate(
            block.settings,
            node,
            self._checker.findings,
            subject=f"block {block.name!r}",
            unknown="unknown-setting",
        )
        if settings is None:
            return None
        return CheckedPlacement(
            draft, block, settings, handling, bind, show, headline=block.headline(settings)
        )

    def _handling(self, placement: MappingNode) -> Handling:
        checker, entries = self._checker, placement.entries
        handling = Handling()
        if "required" in entries:
            handling["required"] = checker.flag(entries["required"])
        if "dedupe" in entries:
            handling["dedupe"] = checker.flag(entries["dedupe"])
        if "budget" in entries:
            handling["budget"] = checker.duration(entries["budget"])
        if "min_height" in entries:
            handling["min_height"] = checker.whole_number(entries["min_height"], 1)
        if "deliver" in entries:
            ways = get_args(Deliver)
            way = checker.choice(entries["deliver"], ways, "bad-value", "no way to deliver:")
            handling["deliver"] = cast("Deliver", way or "inline")
        if "cache" in entries:
            handling["cache"] = self._cache(entries["cache"])
        if "on_error" in entries:
            handling["on_error"] = self._on_error(entries["on_error"])
        return handling

    def _cache(self, node: Node) -> CacheOverride:
        checker = self._checker
        if isinstance(node, ScalarNode) and node.value is not None:
            hint = "write {off: true}" if node.raw == "off" else "write {fresh: 10m, stale: 1h}"
            checker.wrong_type(node, "a mapping", hint=hint)
            return CacheOverride()
        mapping = checker.mapping(node)
        if mapping is None:
            return CacheOverride()
        checker.keys(mapping, ("fresh", "stale", "off"), "cache")
        spans = {
            name: checker.duration(mapping.entries[name])
            for name in ("fresh", "stale")
            if name in mapping.entries
        }
        off = "off" in mapping.entries and checker.flag(mapping.entries["off"])
        if off and spans:
            checker.findings.add(
                "bad-value",
                mapping.origin,
                "a cache that is off has no fresh or stale time",
                value=display(node),
                hint="remove off, or the times",
            )
        return CacheOverride(spans.get("fresh"), spans.get("stale"), off)

    def _on_error(self, node: Node) -> OnError:
        checker = self._checker
        if isinstance(node, ScalarNode) and node.value is not None:
            if node.value != "hide":
                checker.findings.add(
                    "bad-value",
                    node.origin,
                    f"no way to handle an error: {node.raw!r}",
                    value=display(node),
                    known=("hide", "{use: last_good, for: 24h, else: hide}"),
                )
            return OnError(use="hide")
        mapping = checker.mapping(node)
        if mapping is None:
            return OnError()
        checker.keys(mapping, ("use", "for", "else"), "on_error")
        entries = mapping.entries
        if "else" in entries:
            checker.choice(entries["else"], ("hide",), "bad-value", "nothing else to do:")
        use = checker.required(mapping, "use", "on_error")
        way = use and checker.choice(
            use, get_args(Failure), "bad-value", "no way to handle an error:"
        )
        span = checker.duration(entries["for"]) if "for" in entries else None
        if way == "hide" and span is not None:
            checker.findings.add(
                "bad-value",
                entries["for"].origin,
                "a time limit needs use: last_good",
                value=display(entries["for"]),
            )
        chosen = cast("Literal['hide', 'last_good']", way or "last_good")
        return OnError(chosen, span) if span is not None else OnError(chosen)

    def _bindings(self, node: Node) -> tuple[tuple[Binding, Node], ...]:
        mapping = self._checker.mapping(node, "a mapping such as {exclude: lead.shown}")
        bindings = []
        for name, entry in mapping.entries.items() if mapping else ():
            word = self._checker.word(entry, "an output such as lead.shown")
            if word is None:
                continue
            key, dot, output = word.partition(".")
            if not (key and dot and output) or "." in output:
                self._checker.findings.add(
                    "bad-value",
                    entry.origin,
                    f"{word!r} does not name an output",
                    value=word,
                    hint="write key.output, for example lead.shown",
                )
                continue
            bindings.append((Binding(name, key, output), entry))
        return tuple(bindings)
