"""The table of threats names tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
TABLE = (TESTS.parent / "deploy" / "SECURITY.md").read_text(encoding="utf-8")
ROWS = [line for line in TABLE.splitlines() if line.startswith("| ")][1:]
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def test_every_test_of_the_table_exists() -> None:
    for file, name in NAMED.findall(TABLE):
        module = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in module.body if isinstance(node, ast.FunctionDef)}, (
            f"deploy/SECURITY.md names {file}::{name}, which does not exist"
        )


def test_every_threat_has_a_test_or_does_not_apply() -> None:
    assert len(ROWS) > 30
    for row in ROWS:
        assert NAMED.search(row) or "does not apply" in row, row
