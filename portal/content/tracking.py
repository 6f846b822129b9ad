"""How a table says what its rows are shown as: the tags that a change of a row ends.

The declarations stand beside the columns in `portal.content.models`; `portal.content.triggers`
makes the triggers of both databases from them, so that every program's changes are logged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Table

_INFO = "ends"
_FIELD = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)?)\}")
_OWN = re.compile(r"@([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Ends:
    """One kind of tag that rows of a table end.

    `tag` is a pattern: `{id}` is a column of the row, `{pin.scope}` one of a table in `through`.
    `changed` are the columns an UPDATE must change for the tag to end; the primary key and the
    columns of the pattern and of `when` are always among them. An item with `@` is an expression
    instead (`@lead <> ''`); no columns at all mean every one, and `unseen` leaves some out.
    `when` says which rows carry the tag, in SQL that both databases understand, with `@kind` for
    a column of the row. `through` is what stands after FROM to find the tags of one row in other
    tables, joined to the row by `matching`. Without `on_insert` a new row ends nothing: such a
    row can be shown only once another one refers to it. A pattern with a NULL in it makes no tag.
    """

    tag: str
    changed: tuple[str, ...] = ()
    unseen: frozenset[str] = frozenset()
    when: str = ""
    through: str = ""
    matching: str = ""
    on_insert: bool = True

    @property
    def class_name(self) -> str:
        """The tag that stands for all of this kind."""
        return self.tag.partition(":")[0]

    @property
    def parts(self) -> tuple[tuple[str, bool], ...]:
        """The pattern cut into texts and, marked so, names of columns."""
        cut = _FIELD.split(self.tag)
        return tuple((part, bool(at % 2)) for at, part in enumerate(cut) if part)


def ends(*declared: Ends) -> dict[str, Mapping[str, tuple[Ends, ...]]]:
    """The last item of a model's `__table_args__`."""
    return {"info": {_INFO: declared}}


def declared(table: Table) -> tuple[Ends, ...]:
    """What the rows of a table end; nothing for a table that readers do not read."""
    found: tuple[Ends, ...] = table.info.get(_INFO, ())
    return found


def compared(table: Table, item: Ends) -> tuple[str, ...]:
    """The columns (or expressions with `@`) whose change ends a tag, each once, the key first.

    Raises `ValueError` for a name that is no column of the table.
    """
    names = [column.name for column in table.primary_key]
    shown = [column.name for column in table.columns if column.name not in item.unseen]
    names += item.changed or shown
    names += [name for name, is_column in item.parts if is_column and "." not in name]
    names += [name for text in (item.when, item.matching) for name in _OWN.findall(text)]
    own = set(table.columns.keys())
    named = {name for text in names for name in (_OWN.findall(text) or [text])}
    if wrong := sorted((named | item.unseen) - own):
        raise ValueError(
            f"{table.name} ends {item.tag!r}: {', '.join(wrong)} is no column of the table"
        )
    return tuple(dict.fromkeys(names))


def of_row(text: str, row: str) -> str:
    """An expression with `@column` read from `row` (NEW, an alias); a bare name is a column."""
    if "@" not in text:
        return f'{row}."{text}"'
    return _OWN.sub(rf'{row}."\1"', text)


def select_tags(item: Ends, row: str, condition: str, source: str = "") -> str:
    """The SELECT of the tags that one side of a change ends.

    `row` is the name of that side, `source` what to read it from when it is not just there, as
    NEW and OLD are; `condition` tells whether the row counts.
    """
    fields = [
        name if "." in name else of_row(name, row) for name, is_column in item.parts if is_column
    ]
    values = iter(fields)
    # Texts around a column, and never NULL: a refused log row would be a refused save.
    tag = " || ".join(
        f"coalesce(CAST({next(values)} AS TEXT), '')" if is_column else f"'{part}'"
        for part, is_column in item.parts
    )
    conditions = [condition, *(f"{field} IS NOT NULL" for field in fields)]
    conditions += [f"({of_row(text, row)})" for text in (item.when, item.matching) if text]
    sources = [part for part in (source, item.through) if part]
    start = f" FROM {' CROSS JOIN '.join(sources)}" if sources else ""
    return f"SELECT {tag} AS tag{start} WHERE {' AND '.join(filter(None, conditions)) or 'true'}"
