"""The log's triggers on SQLite: for each row, and for the rows that REPLACE takes away.

INSERT OR REPLACE and UPDATE OR REPLACE delete rows without delete triggers. So triggers before the
statement name the rows that stand in the way: those with an equal primary or unique key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy import Index
from sqlalchemy import MetaData
from sqlalchemy import Table
from sqlalchemy import UniqueConstraint
from sqlalchemy import text

from portal.content.tracking import compared
from portal.content.tracking import declared
from portal.content.tracking import of_row
from portal.content.tracking import select_tags

_PREFIX = "cache_log_of_"
_INSTALLED = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
_WORD = re.compile(r"'[^']*'|\w+")


def generate(metadata: MetaData) -> dict[str, str]:
    """The statements that create the triggers, by trigger name."""
    made: dict[str, str] = {}
    for table in metadata.sorted_tables:
        if declared(table):
            made.update(_triggers(table))
    return made


def differences(connection: Connection, metadata: MetaData) -> Iterator[str]:
    """What is missing, other or too much."""
    wanted, found = generate(metadata), _installed(connection)
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            yield f"trigger {name} is missing"
        elif name not in wanted:
            yield f"trigger {name} belongs to another version"
        elif wanted[name] != found[name]:
            yield f"trigger {name} was changed"


def install(connection: Connection, metadata: MetaData) -> None:
    """Drop what is there and create what is generated."""
    remove(connection)
    for statement in generate(metadata).values():
        connection.exec_driver_sql(statement)


def remove(connection: Connection) -> None:
    """Drop what is there, for a transaction that ends everything and installs them again."""
    for name in _installed(connection):
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')


def _installed(connection: Connection) -> dict[str, str]:
    rows = connection.execute(_INSTALLED)
    return {row.name: row.sql for row in rows if row.name.startswith(_PREFIX)}


def _triggers(table: Table) -> Iterator[tuple[str, str]]:
    items = declared(table)
    changed = {
        item: f"{_row_of(compared(table, item), 'OLD')} IS NOT"
        f" {_row_of(compared(table, item), 'NEW')}"
        for item in items
    }
    shown = [select_tags(item, "NEW", "") for item in items if item.on_insert]
    if shown:
        yield _create(table, "insert", "AFTER INSERT", shown)
    yield _create(table, "delete", "AFTER DELETE", (select_tags(i, "OLD", "") for i in items))
    sides = (select_tags(i, row, changed[i]) for i in items for row in ("OLD", "NEW"))
    yield _create(table, "update", "AFTER UPDATE", sides)
    keys = [*_unique_keys(table)]
    columns = tuple(dict.fromkeys(name for key, where in keys for name in key + _words(where)))
    victims = " OR ".join(f"({_equal(table, key, where)})" for key, where in keys)
    source = f'"{table.name}" AS victim'
    yield _create(
        table,
        "insert_victims",
        "BEFORE INSERT",
        (select_tags(item, "victim", f"({victims})", source) for item in items),
        _exists(source, victims),
    )
    primary = tuple(column.name for column in table.primary_key)
    others = f"({victims}) AND {_row_of(primary, 'victim')} IS NOT {_row_of(primary, 'OLD')}"
    own = tuple(name for name in columns if name in table.columns)
    yield _create(
        table,
        "update_victims",
        "BEFORE UPDATE",
        (select_tags(item, "victim", others, source) for item in items),
        f"{_row_of(own, 'OLD')} IS NOT {_row_of(own, 'NEW')} AND {_exists(source, others)}",
    )


def _create(
    table: Table, name: str, event: str, selects: Iterable[str], when: str = ""
) -> tuple[str, str]:
    full = f"{_PREFIX}{table.name}_{name}"
    # UNION: each tag once for each row.
    body = "\n  UNION ".join(selects)
    condition = f" WHEN {when}" if when else ""
    return full, (
        f'CREATE TRIGGER "{full}" {event} ON "{table.name}" FOR EACH ROW{condition} BEGIN\n'
        f"  INSERT INTO cache_log (tag)\n  {body};\nEND"
    )


def _exists(source: str, condition: str) -> str:
    """One look at the keys, after which most writes have nothing more to do."""
    return f"EXISTS (SELECT 1 FROM {source} WHERE {condition})"  # noqa: S608 - our own declarations


def _row_of(names: tuple[str, ...], row: str) -> str:
    return f"({', '.join(of_row(name, row) for name in names)})"


def _unique_keys(table: Table) -> Iterator[tuple[tuple[str, ...], str]]:
    """The columns of each unique key, with the condition of a partial one."""
    yield tuple(column.name for column in table.primary_key), ""
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield tuple(column.name for column in constraint.columns), ""
    for index in table.indexes:
        if index.unique:
            yield tuple(column.name for column in index.columns), _condition(index)


def _condition(index: Index) -> str:
    where = index.dialect_options["sqlite"]["where"]
    return str(where) if where is not None else ""


def _words(condition: str) -> tuple[str, ...]:
    return tuple(word for word in _WORD.findall(condition) if not word.startswith("'"))


def _equal(table: Table, key: tuple[str, ...], condition: str) -> str:
    """Whether `victim` has the key of the new row. NULL is equal to nothing here, as in a key."""
    equal = [f'victim."{name}" = NEW."{name}"' for name in key]
    if condition:
        equal += [_read_from(table, condition, row) for row in ("victim", "NEW")]
    return " AND ".join(equal)


def _read_from(table: Table, condition: str, row: str) -> str:
    def qualify(match: re.Match[str]) -> str:
        word = match.group()
        return f'{row}."{word}"' if word in table.columns else word

    return _WORD.sub(qualify, condition)
