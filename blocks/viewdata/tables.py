"""Makes the tables of a body readable on a narrow screen.

`scroll` keeps the table and puts it into a region that a keyboard can reach and scroll.
`stack` turns each row into a card on narrow screens: every cell then needs the heading of its
column beside it, and explicit roles, because `display: block` takes a table's meaning away.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from portal.block import Token
from portal.block import plain_text

TableMode = Literal["scroll", "stack"]
Translate = Callable[..., str]

_ROLES = {
    "table": "table",
    "thead": "rowgroup",
    "tbody": "rowgroup",
    "tfoot": "rowgroup",
    "tr": "row",
}


def opens(token: Token, *names: str) -> bool:
    """Whether this is the start tag of one of these elements."""
    return token.kind == "start" and token.name in names


def with_attributes(token: Token, attributes: dict[str, str]) -> Token:
    """A start tag with attributes added."""
    return replace(token, attributes={**token.attributes, **attributes})


def end_of(tokens: Sequence[Token], start: int) -> int:
    """The index behind the end tag that belongs to the start tag at `start`."""
    name, depth = tokens[start].name, 0
    for position in range(start, len(tokens)):
        token = tokens[position]
        if token.kind != "text" and token.name == name:
            depth += 1 if token.kind == "start" else -1
            if depth == 0:
                return position + 1
    return len(tokens)


def frame_table(
    table: Sequence[Token], number: int, mode: TableMode, translate: Translate
) -> list[Token]:
    """The table (from its start tag to its end tag) in a labelled, focusable region.

    `number` counts the tables of the article from 1, so that no two regions share a name. A table
    that cannot be stacked without loss (merged cells, no headings, a table within) scrolls.
    """
    caption = _text_of_first(table, "caption")
    label = (
        translate("table_with_caption", number=number, caption=caption)
        if caption
        else translate("table", number=number)
    )
    stacked = _stack(table) if mode == "stack" else None
    shape = "viewdata__table--stack" if stacked else "table-scroll"
    region = {
        "class": f"viewdata__table {shape}",
        "role": "region",
        "tabindex": "0",
        "aria-label": label,
    }
    return [Token("start", "div", region), *(stacked or table), Token("end", "div")]


def _text_of_first(tokens: Sequence[Token], name: str) -> str:
    start = next((i for i, token in enumerate(tokens) if opens(token, name)), None)
    return "" if start is None else plain_text(tokens[start : end_of(tokens, start)])


def _stack(table: Sequence[Token]) -> list[Token] | None:
    headings = _column_headings(table)
    if headings is None:
        return None
    stacked: list[Token] = []
    column = 0
    for token in table:
        added: dict[str, str] = {}
        if opens(token, *_ROLES):
            column = 0
            added = {"role": _ROLES[token.name]}
        elif opens(token, "td", "th"):
            added = _describe_cell(token, headings, column)
            column += 1
        stacked.append(with_attributes(token, added) if added else token)
    return stacked


def _describe_cell(cell: Token, headings: Sequence[str], column: int) -> dict[str, str]:
    if cell.name == "th":
        is_row = cell.attributes.get("scope") == "row"
        return {"role": "rowheader" if is_row else "columnheader"}
    label = headings[column] if column < len(headings) else ""
    return {"role": "cell", "data-label": label} if label else {"role": "cell"}


def _column_headings(table: Sequence[Token]) -> list[str] | None:
    """The texts of the first row when it consists of headings and the grid is regular."""
    if sum(opens(token, "table") for token in table) > 1:
        return None
    cells = [token for token in table if opens(token, "td", "th")]
    if any({"colspan", "rowspan"} & cell.attributes.keys() for cell in cells):
        return None
    start = next((i for i, token in enumerate(table) if opens(token, "tr")), len(table) - 1)
    row = table[start : end_of(table, start)]
    starts = [i for i, token in enumerate(row) if opens(token, "td", "th")]
    if not starts or any(row[i].name == "td" for i in starts):
        return None
    return [plain_text(row[i : end_of(row, i)]) for i in starts]
