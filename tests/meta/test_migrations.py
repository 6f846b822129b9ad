"""Migrations only expand: old and new code run together during every deploy (deploy/README.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

VERSIONS = Path(__file__).parents[2] / "portal" / "content" / "migrations" / "versions"
FIRST_RELEASE_AFTER = "0002"
"""Up to here no release had run yet: what these did to SQLite's tables nobody could notice."""
ADDING = {"create_table", "create_index", "add_column", "bulk_insert", "execute", "get_bind", "f"}
NEVER = ("DROP ", "RENAME ", "TRUNCATE ", "DELETE FROM ", "SET NOT NULL")


def contractions(source: str) -> list[str]:
    """What `upgrade` does that code of the version before may not survive."""
    nodes = [
        node
        for part in ast.parse(source).body
        if not (isinstance(part, ast.FunctionDef) and part.name == "downgrade")
        for node in ast.walk(part)
    ]
    calls = [
        node
        for node in nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    found = []
    for call in calls:
        assert isinstance(call.func, ast.Attribute)
        of_op = isinstance(call.func.value, ast.Name) and call.func.value.id == "op"
        if of_op and call.func.attr not in ADDING:
            found.append(f"op.{call.func.attr}")
        if of_op and call.func.attr == "add_column" and not is_harmless(call.args[1]):
            found.append(f"a column that older code does not fill: {ast.unparse(call.args[1])}")
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            statement = node.value.strip().upper()
            # A trigger's body may delete: it follows a row that older code deletes as well.
            if statement.startswith("CREATE TRIGGER"):
                continue
            found += [word.strip() for word in NEVER if statement.startswith(word)]
            if statement.startswith("ALTER "):
                found += [word.strip() for word in NEVER if word in statement]
    return found


def is_harmless(column: ast.expr) -> bool:
    """Whether a row can be written without naming this new column."""
    assert isinstance(column, ast.Call)
    options = {option.arg: option.value for option in column.keywords}
    nullable = options.get("nullable")
    return "server_default" in options or not (
        isinstance(nullable, ast.Constant) and nullable.value is False
    )


@pytest.mark.parametrize(
    "file",
    [file for file in sorted(VERSIONS.glob("0*.py")) if file.name[:4] > FIRST_RELEASE_AFTER],
    ids=lambda file: file.stem,
)
def test_migration_only_expands(file: Path) -> None:
    """Contract one release later, when nobody uses it; then name it here, with a reason."""
    assert contractions(file.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "statement",
    [
        'op.drop_column("article", "lead")',
        'op.rename_table("article", "texts")',
        'op.alter_column("article", "lead", nullable=False)',
        'op.add_column("article", sa.Column("mood", sa.Text(), nullable=False))',
        'op.execute("ALTER TABLE article DROP COLUMN lead")',
        'op.execute("DROP TABLE article")',
    ],
)
def test_contraction_is_seen(statement: str) -> None:
    assert contractions(f"def upgrade():\n    {statement}\n")


def test_new_column_with_a_default_is_an_expansion() -> None:
    column = 'sa.Column("mood", sa.Text(), nullable=False, server_default="")'
    assert contractions(f'def upgrade():\n    op.add_column("article", {column})\n') == []
