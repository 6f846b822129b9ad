"""Loads a site folder: `site.yaml`, `sections.yaml` and `layouts/`, all or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from portal.errors import ConfigError
from portal.layouts.checking import Checker
from portal.layouts.compile import Compiled
from portal.layouts.compile import compile_layouts
from portal.layouts.layout_file import LayoutFile
from portal.layouts.layout_file import read_layout_file
from portal.layouts.model import PAGE_TYPES
from portal.layouts.model import BlockSpec
from portal.layouts.model import Layout
from portal.layouts.patch import Outline
from portal.layouts.problems import Findings
from portal.layouts.problems import LayoutErrors
from portal.layouts.problems import Problem
from portal.layouts.show import SiteFacts
from portal.layouts.site_file import SectionDeclaration
from portal.layouts.site_file import check_menu_sections
from portal.layouts.site_file import read_sections
from portal.layouts.site_file import read_site
from portal.layouts.source import read_source
from portal.layouts.tree import Node
from portal.layouts.tree import Origin
from portal.layouts.tree import ScalarNode
from portal.site import SHIPPED_LOCALES
from portal.site import Site

ERROR_LAYOUTS = ("404", "410", "503")
"""Layouts of page type `error`, found by name: not found, withdrawn, out of service."""

_FALLBACK_TIME_ZONE = "Asia/Ho_Chi_Minh"


@dataclass(frozen=True, slots=True)
class SiteFolder:
    """A site as loaded: everything checked, nothing left to fail while pages are served."""

    folder: Path
    site: Site
    sections: tuple[SectionDeclaration, ...]
    layouts: Mapping[str, Layout]
    defaults: Mapping[str, str]
    """Name of the default layout by page type."""
    choices: Mapping[str, Mapping[str, str]]
    """What sections choose: layout name by page type, by section key."""
    warnings: tuple[Problem, ...] = ()
    outlines: Mapping[str, Outline] = field(default_factory=dict, repr=False)
    """All layouts before compilation, abstract ones too, for explanations."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """The file of each layout."""

    @property
    def section_keys(self) -> frozenset[str]:
        """The slug paths of all sections."""
        return frozenset(section.key for root in self.sections for section in root.walk())


def load_site_folder(
    folder: Path,
    blocks: Mapping[str, BlockSpec],
    *,
    templates: Mapping[str, tuple[str, ...]],
    broken: Mapping[str, str] | None = None,
) -> SiteFolder:
    """Load and check a site. Raises `LayoutErrors` with all problems of all files.

    `blocks` are the installed ones by name; `templates` gives the regions of each page template
    in document order; `broken` are installed blocks that cannot be loaded, with the reason.
    """
    return _Loader(folder, blocks, templates, broken or {}).load()


def plan_for(site_folder: SiteFolder, page_type: str, section_key: str | None) -> Layout:
    """The layout of a page: its section's choice, else an ancestor's, else the default.

    Raises `ConfigError` for page types without a default: error pages are chosen by name.
    """
    key = section_key or ""
    while key:
        chosen = site_folder.choices.get(key, {}).get(page_type)
        if chosen is not None:
            return site_folder.layouts[chosen]
        key = key.rpartition("/")[0]
    if page_type not in site_folder.defaults:
        known = ", ".join(sorted(site_folder.defaults))
        raise ConfigError(f"no default layout for page type {page_type!r} (known: {known})")
    return site_folder.layouts[site_folder.defaults[page_type]]


class _Loader:
    def __init__(
        self,
        folder: Path,
        blocks: Mapping[str, BlockSpec],
        templates: Mapping[str, tuple[str, ...]],
        broken: Mapping[str, str],
    ) -> None:
        self._broken = broken
        self._folder = folder
        self._blocks = blocks
        self._templates = templates
        self._findings = Findings()
        self._checker = Checker(self._findings)
        self._unreadable: set[str] = set()
        self._paths: dict[str, Path] = {}

    def load(self) -> SiteFolder:
        site_tree = self._read(self._folder / "site.yaml")
        site = read_site(site_tree, self._checker) if site_tree else None
        locales: tuple[str, ...] = site.locales if site else SHIPPED_LOCALES
        sections_tree = self._read(self._folder / "sections.yaml")
        read = read_sections(sections_tree, self._checker, locales) if sections_tree else None
        sections = read or ()
        keys = tuple(section.key for root in sections for section in root.walk())
        if site_tree and read is not None:
            check_menu_sections(site_tree, self._checker, keys)
        facts = SiteFacts(
            locales=locales,
            time_zone=site.time_zone if site else _FALLBACK_TIME_ZONE,
            sections=keys if read is not None else None,
        )
        files = self._read_layouts()
        compiled = compile_layouts(
            files,
            self._blocks,
            templates=self._templates,
            facts=facts,
            findings=self._findings,
            unreadable=frozenset(self._unreadable),
            broken=self._broken,
        )
        defaults = self._find_defaults(compiled.outlines)
        choices = self._check_choices(sections, compiled)
        if self._findings.failed or site is None:
            raise LayoutErrors(self._findings.problems)
        return SiteFolder(
            folder=self._folder,
            site=site,
            sections=sections,
            layouts=_with_sections(compiled.layouts, choices),
            defaults=MappingProxyType(defaults),
            choices=MappingProxyType(choices),
            warnings=self._findings.problems,
            outlines=compiled.outlines,
            files=MappingProxyType(self._paths),
        )

    def _read(self, file: Path) -> Node | None:
        if not file.is_file():
            self._findings.add(
                "missing-file",
                Origin(file.as_posix()),
                "every site has this file",
                hint="copy the one of the demo site and change it",
            )
            return None
        return read_source(file, self._findings)

    def _read_layouts(self) -> dict[str, LayoutFile]:
        folder = self._folder / "layouts"
        files: dict[str, LayoutFile] = {}
        paths = sorted(folder.rglob("*"), key=lambda path: path.as_posix())
        if not any(path.suffix == ".yaml" for path in paths):
            self._findings.add(
                "missing-file",
                Origin(folder.as_posix()),
                "no layout file (*.yaml) is here",
                hint="copy the layouts of the demo site and change them",
            )
        for path in paths:
            if path.suffix in {".yml", ".json"} and path.is_file():
                self._findings.add(
                    "file-extension",
                    Origin(path.as_posix()),
                    "only files called *.yaml are layouts",
                    hint=f"rename it to {path.stem}.yaml",
                )
            if path.suffix != ".yaml":
                continue
            # By convention a file is called like its layout; good enough to know whom it hides.
            by_path = path.relative_to(folder).with_suffix("").as_posix()
            tree = read_source(path, self._findings)
            file = read_layout_file(tree, self._checker) if tree else None
            if file is None:
                self._unreadable.add(by_path)
            elif file.name in files:
                self._findings.add(
                    "duplicate-layout",
                    file.origin,
                    f"layout {file.name!r} is also declared in {files[file.name].origin.place}",
                    value=file.name,
                    hint="rename or remove one of them",
                )
            else:
                files[file.name] = file
                self._paths[file.name] = path
        return files

    def _find_defaults(self, outlines: Mapping[str, Outline]) -> dict[str, str]:
        claims: dict[str, list[Outline]] = defaultdict(list)
        for outline in outlines.values():
            if outline.default is not None and outline.page_type is not None:
                claims[_page_type(outline) or ""].append(outline)
        for page_type, claimants in claims.items():
            for extra in claimants[1:]:
                if extra.default is not None and claimants[0].default is not None:
                    self._findings.add(
                        "default-twice",
                        extra.default,
                        f"layout {claimants[0].name!r} ({claimants[0].default.place}) already is"
                        f" the default of page type {page_type!r}",
                        hint="a page type has one default; sections choose others",
                    )
        # A file that cannot be read, or a layout that cannot be placed, may be the missing one.
        if self._unreadable or not outlines:
            return {}
        self._check_completeness(outlines, claims)
        return {page_type: found[0].name for page_type, found in claims.items()}

    def _check_completeness(
        self, outlines: Mapping[str, Outline], claims: Mapping[str, list[Outline]]
    ) -> None:
        uncertain = not all(
            outline.complete and _page_type(outline) in {None, *PAGE_TYPES}
            for outline in outlines.values()
        )
        where = Origin((self._folder / "layouts").as_posix())
        for page_type, kind in PAGE_TYPES.items():
            if page_type == "error" or page_type in claims or uncertain:
                continue
            if kind.optional and not any(
                _page_type(outline) == page_type for outline in outlines.values()
            ):
                continue
            candidates = tuple(
                outline.name for outline in outlines.values() if _page_type(outline) == page_type
            )
            if PAGE_TYPES[page_type].optional and not candidates:
                continue
            hint = "write default: true in one of these" if candidates else "write a layout"
            self._findings.add(
                "no-default",
                where,
                f"no layout is the default of page type {page_type!r}",
                known=candidates,
                hint=hint,
            )
        for name in ERROR_LAYOUTS:
            found = _page_type(outlines[name]) if name in outlines else None
            if found != "error" and not uncertain:
                self._findings.add(
                    "no-error-layout",
                    outlines[name].origin if name in outlines else where,
                    f"no layout {name!r} for the page type 'error'",
                    hint="readers need it when a page cannot be shown",
                )

    def _check_choices(
        self, sections: tuple[SectionDeclaration, ...], compiled: Compiled
    ) -> dict[str, Mapping[str, str]]:
        choices: dict[str, Mapping[str, str]] = {}
        for section in (section for root in sections for section in root.walk()):
            for page_type, name in section.layouts.items():
                self._check_choice(page_type, name, section.layout_origins[page_type], compiled)
            if section.layouts:
                choices[section.key] = section.layouts
        return choices

    def _check_choice(self, page_type: str, name: str, origin: Origin, compiled: Compiled) -> None:
        usable = tuple(kind.name for kind in PAGE_TYPES.values() if "section" in kind.provides)
        if page_type not in usable:
            self._findings.add(
                "unknown-page-type",
                origin,
                f"a section has no pages of type {page_type!r}",
                value=page_type,
                known=usable,
                written=page_type,
            )
            return
        outline = compiled.outlines.get(name)
        fitting = tuple(
            other.name for other in compiled.outlines.values() if _page_type(other) == page_type
        )
        if outline is None:
            if name not in self._unreadable:
                self._findings.add(
                    "unknown-layout",
                    origin,
                    f"no file declares layout {name!r}",
                    value=name,
                    known=fitting,
                    written=name,
                )
        elif name not in fitting and outline.complete:
            kind = _page_type(outline)
            if kind is not None and kind not in PAGE_TYPES:
                return
            what = f"is for page type {kind!r}" if kind else "has no page type"
            self._findings.add(
                "layout-page-type",
                origin,
                f"layout {name!r} {what}, not for {page_type!r}",
                value=name,
                known=fitting,
            )


def _page_type(outline: Outline) -> str | None:
    """The page type as written, right or wrong."""
    node = outline.page_type
    return node.raw if isinstance(node, ScalarNode) else None


def _with_sections(
    layouts: Mapping[str, Layout], choices: Mapping[str, Mapping[str, str]]
) -> Mapping[str, Layout]:
    """The layouts, each knowing the sections that choose it."""
    chosen_by: dict[str, list[str]] = defaultdict(list)
    for key, choice in choices.items():
        for name in choice.values():
            chosen_by[name].append(key)
    return MappingProxyType(
        {name: replace(layout, sections=tuple(chosen_by[name])) for name, layout in layouts.items()}
    )
