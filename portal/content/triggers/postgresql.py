"""The log's triggers on PostgreSQL: once for each statement, written by the commit itself.

Each statement's tags wait in `cache_pending`, which only its own transaction ever sees. A deferred
trigger takes them to the log when the transaction commits, in two stages: the first queues itself
again behind all other deferred work (a foreign key checked after the lock could deadlock with
another commit), the second takes the lock and only then draws positions. The lock is held until
the rows are visible, so positions have the order of the commits.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy import MetaData
from sqlalchemy import Table
from sqlalchemy import text

from portal.content.log import LOCK
from portal.content.tags import MOST_TAGS_OF_A_CLASS
from portal.content.tracking import Ends
from portal.content.tracking import compared
from portal.content.tracking import declared
from portal.content.tracking import of_row
from portal.content.tracking import select_tags

PENDING = "cache_pending"
_FLUSH = "cache_flush"
_PREFIX = "cache_log_of_"

_DROP_PENDING = f"DROP TABLE IF EXISTS {PENDING} CASCADE"
# Empty whenever no transaction is at work, so there is nothing to recover after a crash.
_CREATE_PENDING = f"""CREATE UNLOGGED TABLE IF NOT EXISTS {PENDING} (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  transaction bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
  tags text[] NOT NULL,
  last boolean NOT NULL DEFAULT false
)"""
_INDEX_PENDING = (
    f"CREATE INDEX IF NOT EXISTS cache_pending_transaction_index ON {PENDING} (transaction)"
)

_FLUSH_BODY = f"""
BEGIN
  -- The first row of a transaction takes all others along; they find nothing to do.
  PERFORM FROM cache_pending WHERE id = NEW.id;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF NOT NEW.last THEN
    WITH taken AS (
      DELETE FROM cache_pending
      WHERE transaction = pg_current_xact_id()::text::bigint AND NOT last RETURNING tags
    )
    INSERT INTO cache_pending (tags, last)
    SELECT array_agg(DISTINCT tag), true FROM taken CROSS JOIN unnest(taken.tags) AS tag
    HAVING count(*) > 0;
    RETURN NULL;
  END IF;
  -- Visible must mean durable: after a crash a lost position would be drawn again, and an entry
  -- that shows the lost state would be believed.
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'local', true);
  END IF;
  PERFORM pg_advisory_xact_lock({LOCK});
  WITH taken AS (
    DELETE FROM cache_pending
    WHERE transaction = pg_current_xact_id()::text::bigint AND last RETURNING tags
  ), ended AS (
    SELECT DISTINCT tag, split_part(tag, ':', 1) AS class
    FROM taken CROSS JOIN unnest(taken.tags) AS tag
  ), folded AS (
    SELECT class FROM ended GROUP BY class HAVING count(*) > {MOST_TAGS_OF_A_CLASS}
  )
  -- The time of the commit: CURRENT_TIMESTAMP is that of the transaction's beginning.
  INSERT INTO cache_log (tag, at)
  SELECT name, clock_timestamp()
  FROM (
    SELECT class AS name FROM folded
    UNION
    SELECT tag FROM ended WHERE class NOT IN (SELECT class FROM folded)
  ) AS named
  ORDER BY 1;
  PERFORM pg_notify('cache_log', '');
  RETURN NULL;
END
"""  # noqa: S608 - our own constants

# Bits of pg_trigger.tgtype.
_ROW, _INSERT, _DELETE, _UPDATE, _TRUNCATE = 1, 4, 8, 16, 32


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger and its function, which have the same name, as they are and as they shall be."""

    table: str
    name: str
    kind: int
    body: str
    old_rows: str | None = None
    new_rows: str | None = None
    deferred: bool = False
    enabled: str = "A"
    settings: tuple[str, ...] = ()
    definer: bool = True

    @property
    def statements(self) -> Iterator[str]:
        """What creates both; ENABLE ALWAYS, so that no session setting leaves changes out."""
        path = ", ".join(self.settings)
        yield (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql"
            f" SECURITY DEFINER SET {path} AS $cache${self.body}$cache$"
        ).replace("search_path=", "search_path = ")
        table = f'"{self.table}"'
        yield f"DROP TRIGGER IF EXISTS {self.name} ON {table}"
        if self.deferred:
            yield (
                f"CREATE CONSTRAINT TRIGGER {self.name} AFTER INSERT ON {table}"
                f" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {self.name}()"
            )
        else:
            rows = "".join(
                f" {side} TABLE AS {name}"
                for side, name in (("OLD", self.old_rows), ("NEW", self.new_rows))
                if name
            )
            events = {_INSERT: "INSERT", _DELETE: "DELETE", _UPDATE: "UPDATE"}
            yield (
                f"CREATE TRIGGER {self.name} AFTER {events.get(self.kind, 'TRUNCATE')}"
                f" ON {table}{' REFERENCING' + rows if rows else ''}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {self.name}()"
            )
        yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {self.name}"


_INSTALLED = text(
    "SELECT c.relname AS table, t.tgname AS name, t.tgtype AS kind, p.prosrc AS body,"
    " t.tgoldtable AS old_rows, t.tgnewtable AS new_rows,"
    " t.tgdeferrable AND t.tginitdeferred AS deferred, t.tgenabled::text AS enabled,"
    " coalesce(p.proconfig, '{}') AS settings, p.prosecdef AS definer"
    " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
    " WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
)
_TABLE_IS_THERE = text("SELECT to_regclass(:name) IS NOT NULL")
_SCHEMA = text("SELECT quote_ident(current_schema())")


def generate(metadata: MetaData, schema: str) -> dict[str, Trigger]:
    """The triggers by name, for tables in `schema` (quoted where it must be)."""
    settings = (f"search_path={schema}, pg_temp",)
    made = [Trigger(PENDING, _FLUSH, _INSERT | _ROW, _FLUSH_BODY, deferred=True, settings=settings)]
    for table in metadata.sorted_tables:
        if declared(table):
            made += _triggers(table, settings)
    return {trigger.name: trigger for trigger in made}


def differences(connection: Connection, metadata: MetaData) -> Iterator[str]:
    """What is missing, other or too much."""
    if not connection.execute(_TABLE_IS_THERE, {"name": PENDING}).scalar_one():
        yield f"table {PENDING} is missing"
    wanted = generate(metadata, connection.execute(_SCHEMA).scalar_one())
    found = _installed(connection)
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            yield f"trigger {name} is missing"
        elif name not in wanted:
            yield f"trigger {name} belongs to another version"
        elif wanted[name] != found[name]:
            what = {"D": "disabled", "A": "changed"}.get(found[name].enabled, "not enabled always")
            yield f"trigger {name} is {what}"


def install(connection: Connection, metadata: MetaData) -> None:
    """Drop what is there and create what is generated."""
    # What this transaction changed so far goes to the log now: tables with triggers that are
    # still to fire cannot be altered.
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
    for name, trigger in _installed(connection).items():
        connection.exec_driver_sql(f'DROP TRIGGER "{name}" ON "{trigger.table}"')
    for statement in (_DROP_PENDING, _CREATE_PENDING, _INDEX_PENDING):
        connection.exec_driver_sql(statement)
    wanted = generate(metadata, connection.execute(_SCHEMA).scalar_one())
    for trigger in wanted.values():
        for statement in trigger.statements:
            connection.exec_driver_sql(statement)


def _installed(connection: Connection) -> dict[str, Trigger]:
    rows = connection.execute(_INSTALLED).mappings()
    return {
        row["name"]: Trigger(**{**row, "settings": tuple(row["settings"])})
        for row in rows
        if row["name"].startswith(_PREFIX) or row["name"] == _FLUSH
    }


def _triggers(table: Table, settings: tuple[str, ...]) -> Iterator[Trigger]:
    name = f"{_PREFIX}{table.name}"
    items = declared(table)
    for event, kind, old, new in (
        ("insert", _INSERT, None, "new_rows"),
        ("delete", _DELETE, "old_rows", None),
        ("update", _UPDATE, "old_rows", "new_rows"),
    ):
        # A row that nothing shows yet ends nothing; without any such tag there is no trigger.
        some = tuple(item for item in items if item.on_insert or kind != _INSERT)
        if not some:
            continue
        body = _body(table, some, old, new)
        yield Trigger(table.name, f"{name}_{event}", kind, body, old, new, settings=settings)
    everything = _array(f"'{item}'" for item in dict.fromkeys(i.class_name for i in items))
    body = f"\nBEGIN\n  INSERT INTO {PENDING} (tags) VALUES ({everything});\n  RETURN NULL;\nEND\n"  # noqa: S608 - our own declarations
    yield Trigger(table.name, f"{name}_truncate", _TRUNCATE, body, settings=settings)


def _body(table: Table, items: tuple[Ends, ...], old: str | None, new: str | None) -> str:
    sides = [(row, alias) for row, alias in ((old, "o"), (new, "n")) if row]
    source = " FULL JOIN ".join(f"{row} AS {alias}" for row, alias in sides)
    keys = [column.name for column in table.primary_key]
    if len(sides) == 2:
        equal = (f"{of_row(key, 'o')} = {of_row(key, 'n')}" for key in keys)
        source += f" ON {' AND '.join(equal)}"
    conditions = {
        (item, alias): _condition(table, item, alias, len(sides) == 2)
        for item in items
        for _, alias in sides
    }
    selects = "\n      UNION ALL ".join(
        select_tags(item, alias, condition) for (item, alias), condition in conditions.items()
    )
    classes = _array(_class_if(items, name, conditions) for name in _classes(items))
    most = MOST_TAGS_OF_A_CLASS
    return f"""
DECLARE
  found text[];
BEGIN
  IF (SELECT count(*) FROM (SELECT FROM {sides[0][0]} LIMIT {most + 1}) AS first_rows) > {most} THEN
    SELECT array_remove({classes}, NULL) INTO found
    FROM {source};
  ELSE
    -- Old and new rows are brought together once; each side of each tag then costs little.
    SELECT array_agg(DISTINCT ended.tag) INTO found
    FROM {source}
    CROSS JOIN LATERAL (
      {selects}
    ) AS ended;
  END IF;
  IF found <> '{{}}' THEN
    INSERT INTO {PENDING} (tags) VALUES (found);
  END IF;
  RETURN NULL;
END
"""  # noqa: S608 - our own declarations


def _condition(table: Table, item: Ends, alias: str, updated: bool) -> str:
    key = next(iter(table.primary_key)).name
    there = f"{of_row(key, alias)} IS NOT NULL"
    if not updated:
        return there
    names = compared(table, item)
    old, new = (", ".join(of_row(name, row) for name in names) for row in ("o", "n"))
    return f"{there} AND ({old}) IS DISTINCT FROM ({new})"


def _classes(items: tuple[Ends, ...]) -> Iterable[str]:
    return dict.fromkeys(item.class_name for item in items)


def _class_if(
    items: tuple[Ends, ...], class_name: str, conditions: dict[tuple[Ends, str], str]
) -> str:
    """The class if one of very many rows ends a tag of it; other tables are not looked at."""
    some = []
    for (item, alias), condition in conditions.items():
        if item in items and item.class_name == class_name:
            fields = (name for name, is_column in item.parts if is_column and "." not in name)
            there = [condition, *(f"{of_row(name, alias)} IS NOT NULL" for name in fields)]
            there += [f"({of_row(item.when, alias)})"] if item.when else []
            some.append(f"({' AND '.join(there)})")
    return f"CASE WHEN bool_or({' OR '.join(some)}) THEN '{class_name}' END"


def _array(items: Iterable[str]) -> str:
    return f"ARRAY[{', '.join(items)}]::text[]"
