"""Compiles the layout files of a site into frozen layouts, with every problem of every file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.layouts.checking import Checker
from portal.layouts.conditions import Condition
from portal.layouts.conditions import Everywhere
from portal.layouts.conditions import Nowhere
from portal.layouts.conditions import decide
from portal.layouts.inheritance import Inheritance
from portal.layouts.layout_file import LayoutFile
from portal.layouts.model import PAGE_TYPES
from portal.layouts.model import Binding
from portal.layouts.model import BlockSpec
from portal.layouts.model import Layout
from portal.layouts.model import Placement
from portal.layouts.patch import Draft
from portal.layouts.patch import Outline
from portal.layouts.policy import CheckedPlacement
from portal.layouts.policy import PlacementChecker
from portal.layouts.problems import Findings
from portal.layouts.settings_version import BlockNames
from portal.layouts.show import ConditionReader
from portal.layouts.show import SiteFacts
from portal.layouts.tree import Node
from portal.layouts.tree import Origin


@dataclass(frozen=True, slots=True)
class Compiled:
    """Layouts by name: as laid over each other (`outlines`), and the usable ones (`layouts`)."""

    outlines: Mapping[str, Outline]
    layouts: Mapping[str, Layout]


def compile_layouts(
    files: Mapping[str, LayoutFile],
    blocks: Mapping[str, BlockSpec],
    *,
    templates: Mapping[str, tuple[str, ...]],
    facts: SiteFacts,
    findings: Findings,
    unreadable: frozenset[str] = frozenset(),
    broken: Mapping[str, str] | None = None,
) -> Compiled:
    """Resolve inheritance and check every layout; problems go to `findings`.

    `unreadable` are names of layouts whose files are broken and already reported, `broken` are
    blocks that cannot be loaded, with the reason. A layout without a page type is abstract: its
    values are checked, but only its children are compiled.
    """
    names = BlockNames(blocks, broken)
    outlines = Inheritance(files, names, findings, unreadable).resolve()
    compiler = _Compiler(outlines, templates, facts, findings)
    layouts = {
        name: layout
        for name, outline in outlines.items()
        if (layout := compiler.compile(outline)) is not None
    }
    return Compiled(outlines, layouts)


class _Compiler:
    def __init__(
        self,
        outlines: Mapping[str, Outline],
        templates: Mapping[str, tuple[str, ...]],
        facts: SiteFacts,
        findings: Findings,
    ) -> None:
        self._outlines = outlines
        self._templates = templates
        self._facts = facts
        self._findings = findings
        self._headlines: dict[str, tuple[Draft, ...]] = {}
        self._checker = Checker(findings)
        self._placements = PlacementChecker(self._checker, ConditionReader(self._checker, facts))

    def compile(self, outline: Outline) -> Layout | None:
        """The usable layout; nothing for an abstract one, or after noting what is wrong."""
        checked = [self._placements.check(draft) for draft in outline.drafts]
        title = self._title(outline)
        template = self._template(outline)
        if template is not None:
            self._check_regions(outline, template)
        if outline.page_type is None:
            if outline.default is not None and outline.complete:
                self._findings.add(
                    "missing-key",
                    outline.default,
                    "a default layout needs the key 'for'",
                    known=tuple(PAGE_TYPES),
                )
            return None
        page_type = self._checker.choice(
            outline.page_type, PAGE_TYPES, "unknown-page-type", "no page type is called"
        )
        if page_type is None or not outline.complete:
            return None
        self._check_presence(outline)
        placements = [item for item in checked if item is not None]
        shown = self._decide(placements, page_type)
        self._check_needs(outline, shown, page_type)
        self._check_bindings(outline, shown)
        if len(placements) == len(checked):
            self._check_headline(outline, shown)
        if template is None:
            return None
        return self._layout(outline, page_type, title, template, shown)

    def _parent(self, outline: Outline) -> Outline | None:
        return self._outlines.get(outline.parent) if outline.parent else None

    def _check_presence(self, outline: Outline) -> None:
        """A layout that can be shown has a title and a template, its own or inherited ones."""
        parent = self._parent(outline)
        for name in ("title", "template"):
            if getattr(outline, name) is not None:
                continue
            if parent is not None and parent.page_type is not None:
                continue  # The parent lacks it too, and it is reported there.
            self._findings.add(
                "missing-key",
                outline.origin,
                f"layout {outline.name!r} needs the key {name!r}, its own or an inherited one",
                known=tuple(self._templates) if name == "template" else (),
            )

    def _title(self, outline: Outline) -> dict[str, str]:
        if outline.title is None:
            return {}
        locales = self._facts.locales
        return self._checker.text(outline.title, locales, locales[0], "the title")

    def _template(self, outline: Outline) -> str | None:
        if outline.template is None:
            return None
        return self._checker.choice(
            outline.template, self._templates, "unknown-template", "no page template is called"
        )

    def _check_regions(self, outline: Outline, template: str) -> None:
        known = self._templates[template]
        parent = self._parent(outline)
        same = parent is not None and parent.template is outline.template
        for region, origin in outline.region_origins.items():
            if region in known:
                continue
            if origin.file == outline.origin.file:
                self._findings.add(
                    "unknown-region",
                    origin,
                    f"template {template!r} has no region {region!r}",
                    value=region,
                    known=known,
                    written=region,
                )
            elif not same and (drafts := outline.regions.get(region)):
                names = ", ".join(f"{draft.key} ({draft.declared.place})" for draft in drafts)
                self._findings.add(
                    "unknown-region",
                    _own(outline, outline.template),
                    f"template {template!r} has no region {region!r} for the inherited {names}",
                    value=region,
                    known=known,
                    hint="remove or move them by a patch",
                )

    def _decide(
        self, placements: list[CheckedPlacement], page_type: str
    ) -> list[tuple[CheckedPlacement, Condition | None]]:
        """The placements that can appear on the page type, with what remains to be asked."""
        decided = []
        for item in placements:
            show = decide(item.show, page_type) if item.show is not None else None
            if not isinstance(show, Nowhere):
                decided.append((item, None if isinstance(show, Everywhere) else show))
        return decided

    def _check_needs(
        self,
        outline: Outline,
        shown: list[tuple[CheckedPlacement, Condition | None]],
        page_type: str,
    ) -> None:
        provided = PAGE_TYPES[page_type].provides
        for draft, block in ((item.draft, item.block) for item, _ in shown):
            inherited = draft.declared.file != outline.origin.file
            for need in sorted(block.needs - provided):
                fitting = [kind.name for kind in PAGE_TYPES.values() if need in kind.provides]
                whose = f" of the inherited {draft.key!r} ({draft.declared.place})"
                self._findings.add(
                    "unsatisfied-need",
                    _own(outline, outline.page_type)
                    if inherited
                    else draft.node.entries["block"].origin,
                    f"block {block.name!r}{whose if inherited else ''} needs {need!r}, which a"
                    f" page of type {page_type!r} does not have (it has"
                    f" {', '.join(sorted(provided))})",
                    value=draft.key,
                    hint="remove it here by a patch"
                    if inherited
                    else f"place it on pages of type {' or '.join(fitting)}",
                )

    def _check_bindings(
        self, outline: Outline, shown: list[tuple[CheckedPlacement, Condition | None]]
    ) -> None:
        by_key = {item.draft.key: item for item, _ in shown}
        for item in by_key.values():
            for binding, node in item.bind:
                self._check_binding(outline, item.block, binding, node, by_key)
        givers = {
            key: [binding.placement for binding, _ in item.bind if binding.placement in by_key]
            for key, item in by_key.items()
        }
        reported: set[str] = set()
        for key in by_key:
            circle = _circle_through(key, givers)
            if circle and key not in reported:
                reported.update(circle)
                self._findings.add(
                    "bind-circle",
                    by_key[key].draft.node.entries["bind"].origin,
                    f"placements wait for each other: {' → '.join([*circle, key])}",
                    value=key,
                    hint="remove one of the bindings",
                )

    def _check_binding(
        self,
        outline: Outline,
        block: BlockSpec,
        binding: Binding,
        node: Node,
        by_key: Mapping[str, CheckedPlacement],
    ) -> None:
        taker, target, output = binding.input, binding.placement, binding.output
        if taker not in block.inputs:
            self._findings.add(
                "bind-input",
                node.origin,
                f"block {block.name!r} has no input {taker!r}",
                value=taker,
                known=sorted(block.inputs),
                written=taker,
            )
        giver = by_key.get(target)
        if giver is None:
            gone = outline.removed.get(target)
            self._findings.add(
                "bind-target",
                node.origin,
                f"placement {target!r} is gone: {gone.place} removed it"
                if gone
                else f"no placement {target!r} in this layout",
                value=target,
                known=() if gone else tuple(by_key),
                written=target,
            )
        elif output not in giver.block.outputs:
            self._findings.add(
                "bind-output",
                node.origin,
                f"block {giver.block.name!r} has no output {output!r}",
                value=output,
                known=sorted(giver.block.outputs),
                written=output,
            )

    def _check_headline(
        self, outline: Outline, shown: list[tuple[CheckedPlacement, Condition | None]]
    ) -> None:
        """Every page has exactly one `h1`, whatever its date, section or language."""
        always = tuple(item.draft for item, show in shown if item.headline and show is None)
        sometimes = [item.draft for item, show in shown if item.headline and show is not None]
        self._headlines[outline.name] = always
        for draft in sometimes:
            self._findings.add(
                "headline-conditional",
                draft.node.entries["show"].origin,
                f"placement {draft.key!r} shows the page's h1 only under a condition",
                value=draft.key,
                hint="remove the condition or take the headline off it",
            )
        inherited = self._headlines.get(outline.parent or "")
        if len(always) == 1 or inherited == always or (sometimes and not always):
            return
        places = ", ".join(f"{draft.key} ({draft.declared.place})" for draft in always)
        number = f"{len(always)} placements" if always else "no placement"
        verb = f"show the page's h1: {places}" if always else "shows the page's h1"
        self._findings.add(
            "headline-twice" if always else "headline-missing",
            outline.origin,
            f"{number} of layout {outline.name!r} {verb}",
            hint="let exactly one block show the headline",
        )

    def _layout(
        self,
        outline: Outline,
        page_type: str,
        title: dict[str, str],
        template: str,
        shown: list[tuple[CheckedPlacement, Condition | None]],
    ) -> Layout:
        regions: dict[str, tuple[Placement, ...]] = {
            region: tuple(
                _placement(item, show) for item, show in shown if item.draft.region == region
            )
            for region in self._templates[template]
        }
        return Layout(outline.name, page_type, title, template, regions)


def _own(outline: Outline, node: Node | None) -> Origin:
    """Where a layout's own file decides something; its name if the decision is inherited."""
    if node is not None and node.origin.file == outline.origin.file:
        return node.origin
    return outline.origin


def _placement(item: CheckedPlacement, show: Condition | None) -> Placement:
    draft = item.draft
    return Placement(
        key=draft.key,
        block=item.block.name,
        region=draft.region,
        settings=item.settings,
        bind=tuple(binding for binding, _ in item.bind),
        show=show,
        **item.handling,
    )


def _circle_through(key: str, givers: Mapping[str, list[str]]) -> list[str]:
    """The way from a placement through its givers back to itself, if there is one."""
    ways = [[key]]
    seen = set()
    while ways:
        way = ways.pop()
        for giver in givers[way[-1]]:
            if giver == key:
                return way
            if giver not in seen:
                seen.add(giver)
                ways.append([*way, giver])
    return []
