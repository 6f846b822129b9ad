"""Who extends whom: resolves the chains of a site's layouts and refuses circles."""

from __future__ import annotations

from collections.abc import Mapping

from portal.layouts.layout_file import LayoutFile
from portal.layouts.patch import Outline
from portal.layouts.patch import lay_over
from portal.layouts.problems import Findings
from portal.layouts.settings_version import BlockNames


class Inheritance:
    """Lays each file over the one it extends, the root of a chain first."""

    def __init__(
        self,
        files: Mapping[str, LayoutFile],
        blocks: BlockNames,
        findings: Findings,
        unreadable: frozenset[str],
    ) -> None:
        self._files = files
        self._blocks = blocks
        self._findings = findings
        self._unreadable = unreadable
        self._outlines: dict[str, Outline] = {}
        self._circles = self._find_circles()

    def resolve(self) -> dict[str, Outline]:
        """All layouts by name, parents before their children."""
        for name in self._files:
            self._outline(name)
        return self._outlines

    def _outline(self, name: str) -> Outline:
        if name not in self._outlines:
            # Circles are known before, and a chain of layouts is short: recursion ends.
            file = self._files[name]
            parent = self._parent(file)
            self._outlines[name] = lay_over(file, parent, self._blocks, self._findings)
        return self._outlines[name]

    def _parent(self, file: LayoutFile) -> Outline | None:
        if file.extends is None:
            return None
        name = file.extends.raw
        if name in self._files and file.name not in self._circles:
            return self._outline(name)
        if name not in self._files and name not in self._unreadable:
            self._findings.add(
                "unknown-layout",
                file.extends.origin,
                f"no file declares layout {name!r}",
                value=name,
                known=tuple(self._files),
                written=name,
            )
        return Outline(name, file.extends.origin, complete=False)

    def _find_circles(self) -> frozenset[str]:
        members: set[str] = set()
        for start in self._files:
            chain = [start]
            while (extends := self._files[chain[-1]].extends) and extends.raw in self._files:
                if extends.raw in chain:
                    break
                chain.append(extends.raw)
            if extends is None or extends.raw != start or start in members:
                continue
            members.update(chain)
            origin = self._files[start].extends
            if origin is not None:
                self._findings.add(
                    "inheritance-circle",
                    origin.origin,
                    f"layouts extend each other: {' → '.join([*chain, start])}",
                    value=origin.raw,
                    hint="one of them must not extend the next",
                )
        return frozenset(members)
