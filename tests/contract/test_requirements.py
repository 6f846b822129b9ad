"""What is imported is installed: the lock files against the code, and against each other."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements"
LOCKS = ("runtime", "build", "oidc", "s3", "test")

_PIN = re.compile(r"^([a-z0-9][a-z0-9-]*)==([^ ;\\]+)", re.MULTILINE)
_WANT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)", re.MULTILINE)


def read_pins(name: str) -> dict[str, str]:
    """The version of each package in a lock file."""
    return dict(_PIN.findall((REQUIREMENTS / f"{name}.lock").read_text(encoding="utf-8")))


def normalise(name: str) -> str:
    """A package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported_by_the_portal() -> Iterator[tuple[str, str]]:
    """Every module of another package that the served code imports, and where."""
    files = [ROOT / "wsgi.py", *ROOT.glob("portal/**/*.py"), *ROOT.glob("blocks/**/*.py")]
    for file in files:
        place = file.relative_to(ROOT)
        if place.parts[:2] == ("portal", "testing"):
            continue  # for the tests of block authors, who have pytest
        tree = ast.parse(file.read_text(encoding="utf-8"))
        passed_over = set(map(id, not_needed(tree)))
        for node in ast.walk(tree):
            if id(node) in passed_over:
                continue
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.name.partition(".")[0], f"{place}:{node.lineno}"
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module.partition(".")[0], f"{place}:{node.lineno}"


def not_needed(tree: ast.Module) -> Iterator[ast.AST]:
    """What only type checkers import, and what code tries to import and does without."""
    for node in ast.walk(tree):
        for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        tried = isinstance(node, ast.Try) and any(
            handler.type is not None and ast.unparse(handler.type) == "ImportError"
            for handler in node.handlers
        )
        if for_types or tried:
            yield from ast.walk(node)


def test_every_import_of_the_portal_is_locked_for_running_it() -> None:
    locked = read_pins("runtime")
    own = sys.stdlib_module_names | {"portal", "blocks"}
    distributions = packages_distributions()

    missing = {
        f"{place}: {module}"
        for module, place in imported_by_the_portal()
        if module not in own
        and not any(normalise(name) in locked for name in distributions.get(module, ()))
    }

    assert missing == set(), "add the package to requirements/runtime.in and run `make lock`"


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_what_its_input_asks_for(name: str) -> None:
    wanted = _WANT.findall((REQUIREMENTS / f"{name}.in").read_text(encoding="utf-8"))

    assert wanted
    assert [package for package in wanted if normalise(package) not in read_pins(name)] == []


@pytest.mark.parametrize("name", ["runtime", "build", "oidc", "s3"])
def test_tests_run_with_the_versions_that_are_shipped(name: str) -> None:
    assert read_pins(name).items() <= read_pins("test").items()


def test_the_build_backend_is_the_locked_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = (REQUIREMENTS / "build.in").read_text(encoding="utf-8")

    assert project["build-system"]["requires"] == re.findall(r"^[^#\n].*$", asked, re.MULTILINE)


@pytest.mark.parametrize(
    "file",
    [*(f"{name}.lock" for name in LOCKS), "node/package-lock.json"],
)
def test_a_lock_names_no_server(file: str) -> None:
    assert "://" not in (REQUIREMENTS / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes(name: str) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", (REQUIREMENTS / f"{name}.lock").read_text("utf-8"))

    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
