"""Every problem a site builder can make, with the exact words that report it.

A case is a folder below `tests/layout_corpus/`: its files are laid over the complete site in
`tests/layout_corpus/site/`, and `expected.txt` holds what loading then prints.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from portal.layouts import LayoutErrors
from portal.layouts import Problem
from portal.layouts import load_site_folder
from portal.layouts import render_json
from portal.layouts import render_text
from portal.layouts.problems import CODES
from portal.layouts.source import SIZE_LIMIT
from tests.unit.layouts.layout_site import CORPUS
from tests.unit.layouts.layout_site import SPECS
from tests.unit.layouts.layout_site import TEMPLATES

BROKEN = {"weather": "ModuleNotFoundError: No module named 'pyowm'"}
CASES = sorted(path.parent for path in CORPUS.glob("*/expected.txt"))


def problems_of(case: Path, folder: Path) -> tuple[Problem, ...]:
    """What loading the case reports.

    `removed.txt` names files the case goes without, `padded.txt` files that grow beyond the limit.
    """
    shutil.copytree(CORPUS / "site", folder / "config")
    shutil.copytree(case, folder / "config", dirs_exist_ok=True)
    for name in names_in(case / "removed.txt"):
        (folder / "config" / name).unlink()
    for name in names_in(case / "padded.txt"):
        file = folder / "config" / name
        file.write_bytes(file.read_bytes() + b"#\n" * SIZE_LIMIT)
    try:
        return load_site_folder(Path("config"), SPECS, templates=TEMPLATES, broken=BROKEN).warnings
    except LayoutErrors as error:
        return error.problems


def names_in(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").split() if file.exists() else []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_broken_file_is_reported_word_for_word(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    problems = problems_of(case, tmp_path)

    assert render_text(problems) + "\n" == (case / "expected.txt").read_text(encoding="utf-8")
    assert [item["line"] for item in json.loads(render_json(problems))] == [
        problem.line for problem in problems
    ]


def test_site_below_all_cases_is_without_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(CORPUS / "site", tmp_path / "config")

    assert load_site_folder(Path("config"), SPECS, templates=TEMPLATES).warnings == ()


def test_every_problem_code_has_a_case() -> None:
    expected = "\n".join((case / "expected.txt").read_text(encoding="utf-8") for case in CASES)

    assert set(re.findall(r"^\S+ (?:error|warning)\[([a-z0-9-]+)\]", expected, re.M)) == set(CODES)


def test_every_problem_code_is_used_by_the_code() -> None:
    folder = Path(__file__).parents[3] / "portal" / "layouts"
    source = "\n".join(
        file.read_text(encoding="utf-8")
        for file in folder.glob("*.py")
        if file.name != "problems.py"
    )

    assert {code for code in CODES if f'"{code}"' not in source} == set()
