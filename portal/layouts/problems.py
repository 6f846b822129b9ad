"""What can be wrong with a site's files: one error model for start-up, CLI, tests and browser."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from portal.errors import ConfigError
from portal.layouts.tree import Origin
from portal.layouts.tree import format_path

Severity = Literal["error", "warning"]

_SHOWN_NAMES = 14

CODES = {
    "bad-colour": "a theme colour is not written as #rrggbb",
    "bad-date": "a date window does not hold two dates in order",
    "bad-duration": "a duration has no unit or an unknown one",
    "bad-name": "a name has characters it may not have",
    "bad-value": "a value is outside of what is allowed",
    "bind-circle": "placements wait for each other's output",
    "bind-input": "the block has no such input",
    "bind-output": "the block has no such output",
    "bind-target": "the placement bound to is not in the layout",
    "block-alias": "a block is called by a legacy name",
    "block-changed": "a layout gives an inherited key to another block",
    "broken-block": "an installed block cannot be loaded",
    "complex-key": "a mapping key is not plain text",
    "default-twice": "two layouts claim to be the default of a page type",
    "duplicate-key": "two placements of a layout share a key",
    "duplicate-layout": "two files declare the same layout",
    "duplicate-section": "two sections share an address",
    "duplicate-yaml-key": "a mapping names a key twice",
    "empty-file": "a file holds nothing",
    "file-extension": "a layout file would be passed over because of its name",
    "future-settings": "settings are written for a newer block",
    "headline-conditional": "the page's h1 depends on a condition",
    "headline-missing": "no placement shows the page's h1",
    "headline-twice": "more than one placement shows the page's h1",
    "inheritance-circle": "layouts extend each other",
    "layout-page-type": "a section chooses a layout for another page type",
    "low-contrast": "two theme colours are too close to be read",
    "menu-target": "a menu entry leads nowhere, or to two places",
    "migration-failed": "a block cannot read its own old settings",
    "missing-file": "a file every site has is not there",
    "missing-key": "a required key is not there",
    "missing-text": "a text lacks the site's default language",
    "multiple-documents": "a file holds more than one YAML document",
    "no-default": "no layout is the default of a page type",
    "no-error-layout": "no layout for an error page",
    "not-utf8": "a file is not UTF-8",
    "old-settings": "settings are written for an older block",
    "outage-lead": "planned work is announced later than the law asks for",
    "outage-times": "the times of an outage contradict each other",
    "patch-place": "a patch names no place, or two that contradict each other",
    "patch-shape": "a patch operation is not one of the four known ones",
    "patch-target-gone": "the placement a patch needs was removed by another file",
    "patch-target-unknown": "the placement a patch needs never existed",
    "patch-without-extends": "a patch in a layout that inherits nothing",
    "reserved-slug": "a section's address belongs to the system",
    "too-deep": "values are nested too deeply",
    "too-large": "a file is larger than any layout",
    "unknown-block": "no installed block has this name",
    "unknown-condition": "a condition tests something that does not exist",
    "unknown-key": "a key the language does not have",
    "unknown-layout": "no file declares this layout",
    "unknown-locale": "a language the site does not have",
    "unknown-page-type": "a page type that does not exist",
    "unknown-region": "the page template has no such region",
    "unknown-section": "no such section in sections.yaml",
    "unknown-setting": "the block has no such setting",
    "unknown-template": "no page template has this name",
    "unsafe-address": "a link could run a script or leave the web",
    "unsatisfied-need": "a block needs a value the page type does not provide",
    "wrong-type": "a value is of another kind than expected",
    "yaml-alias": "an alias, which layouts do not allow",
    "yaml-anchor": "an anchor, which layouts do not allow",
    "yaml-syntax": "not YAML",
    "yaml-tab": "a tab where only spaces may stand",
    "yaml-tag": "an explicit tag, which layouts do not allow",
}
"""Every code with what it means; the corpus in `tests/layout_corpus/` has a case for each."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong at one place. `line` and `column` count from 1; `value` is as displayed."""

    code: str
    file: str
    line: int
    column: int
    path: str
    message: str
    value: str | None = None
    known: tuple[str, ...] = ()
    suggestion: str | None = None
    hint: str = ""
    severity: Severity = "error"

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"problem code {self.code!r} is not declared in CODES")

    @property
    def text(self) -> str:
        """The problem on one line, as compilers print it."""
        parts = [f"{self.file}:{self.line}:{self.column}: {self.severity}[{self.code}]"]
        if self.path:
            parts[0] += f" {self.path}"
        parts[0] += f": {self.message}"
        if self.known:
            shown = ", ".join(self.known[:_SHOWN_NAMES])
            more = ", …" if len(self.known) > _SHOWN_NAMES else ""
            parts.append(f" (known: {shown}{more})")
        if self.suggestion:
            parts.append(f"; did you mean {self.suggestion!r}?")
        if self.hint:
            parts.append(f"; {self.hint}")
        return "".join(parts)

    def as_data(self) -> dict[str, object]:
        """The problem for machines; the field names are part of the CLI's contract."""
        return {
            "severity": self.severity,
            "code": self.code,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "value": self.value,
            "message": self.message,
            "known": list(self.known),
            "suggestion": self.suggestion,
            "hint": self.hint,
        }


class LayoutErrors(ConfigError):
    """A site folder cannot be served; `problems` holds all of them, warnings included."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        errors = sum(problem.severity == "error" for problem in self.problems)
        noun = "error" if errors == 1 else "errors"
        super().__init__(f"{errors} {noun} in the site's files\n{render_text(self.problems)}")


class Findings:
    """Collects problems while files are read, so that one run reports all of them."""

    def __init__(self) -> None:
        self._problems: dict[tuple[str, str, int, int, str], Problem] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems, each once, in the order of files and lines.

        A layout meets the mistakes of those it extends again; they count where they were made.
        """
        return tuple(
            sorted(
                self._problems.values(),
                key=lambda item: (item.file, item.line, item.column, item.code, item.message),
            )
        )

    def __len__(self) -> int:
        return len(self._problems)

    @property
    def failed(self) -> bool:
        """Whether anything found is an error."""
        return any(problem.severity == "error" for problem in self._problems.values())

    def add(
        self,
        code: str,
        origin: Origin,
        message: str,
        *,
        value: str | None = None,
        known: Iterable[str] = (),
        written: str | None = None,
        hint: str = "",
        severity: Severity = "error",
    ) -> None:
        """Note a problem at `origin`; `written` is compared with `known` for "did you mean"."""
        names = tuple(known)
        problem = Problem(
            code=code,
            file=origin.file,
            line=origin.line,
            column=origin.column,
            path=format_path(origin.path),
            message=message,
            value=value,
            known=names,
            suggestion=suggest(written, names) if written is not None else None,
            hint=hint,
            severity=severity,
        )
        identity = (code, problem.file, problem.line, problem.column, message)
        self._problems.setdefault(identity, problem)


def suggest(written: str, known: Iterable[str]) -> str | None:
    """The known name nearest to what was written, if one is near enough to be meant."""
    by_folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(written.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None


def render_text(problems: Iterable[Problem]) -> str:
    """Problems one a line, for terminals and logs."""
    return "\n".join(problem.text for problem in problems)


def render_json(problems: Iterable[Problem]) -> str:
    """Problems as a JSON list, for editors and CI."""
    return json.dumps([problem.as_data() for problem in problems], ensure_ascii=False, indent=2)
