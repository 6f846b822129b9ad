"""Makes the tables of a body readable on a narrow screen.

`scroll` keeps the table and puts it into a region that a keyboard can reach and scroll.
`stack` turns each row into a card on narrow screens: every cell then needs the heading of its
column beside it, and explicit roles, because `display: block` takes a table's meaning away.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from collections.abc import Sequence
from typing import Literal

from blocks.viewdata.markup import Token
from blocks.viewdata.markup import text_of

TableMode = Literal["scroll", "stack"]
Translate = Callable[..., str]

_ROLES = {
    "table": "table",
    "thead": "rowgroup",
    "tbody": "rowgroup",
    "tfoot": "rowgroup",
    "tr": "row",
    "td": "cell",
}


def frame_table(
    table: Sequence[Token], number: int, mode: TableMode, translate: Translate
) -> list[Token]:
    """The table (from its start tag to its end tag) in a labelled, focusable region.

    `number` counts the tables of the article from 1, so that no two regions share a name. A table
    that cannot be stacked without loss (merged cells, no headings, a table within) scrolls.
    """
    caption = _caption(table)
    label = (
        translate("table_with_caption", number=number, caption=caption)
        if caption
        else translate("table", number=number)
    )
    stacked = _stack(table) if mode == "stack" else None
    shape = "viewdata__table--stack" if stacked else "table-scroll"
    opening = (
        f'<div class="viewdata__table {shape}" role="region" tabindex="0"'
        f' aria-label="{html.escape(label)}">'
    )
    return [Token(opening, "div"), *(stacked or table), Token("</div>", "div", closing=True)]


def _caption(table: Sequence[Token]) -> str:
    for start, token in enumerate(table):
        if token.opens("caption"):
            end = next(i for i, later in enumerate(table) if later.closes("caption"))
            return text_of(table[start:end])
    return ""


def _stack(table: Sequence[Token]) -> list[Token] | None:
    headings = _column_headings(table)
    if headings is None:
        return None
    stacked: list[Token] = []
    column = 0
    for token in table:
        if token.opens("tr"):
            column = 0
        if token.opens("td", "th"):
            token = _label_cell(token, headings, column)
            column += 1
        elif token.opens(*_ROLES):
            token = token.with_attributes(role=_ROLES[token.name])
        stacked.append(token)
    return stacked


def _label_cell(cell: Token, headings: Sequence[str], column: int) -> Token:
    label = headings[column] if column < len(headings) else ""
    if cell.name == "td":
        named = {"data_label": label} if label else {}
        return cell.with_attributes(role="cell", **named)
    scope = cell.attributes.get("scope")
    return cell.with_attributes(role="rowheader" if scope == "row" else "columnheader")


def _column_headings(table: Sequence[Token]) -> list[str] | None:
    """The texts of the first row when it consists of headings and the grid is regular."""
    if sum(token.opens("table") for token in table) > 1:
        return None
    cells = [token for token in table if token.opens("td", "th")]
    if any({"colspan", "rowspan"} & cell.attributes.keys() for cell in cells):
        return None
    row = _first_row(table)
    starts = [i for i, token in enumerate(row) if token.opens("td", "th")]
    if not starts or any(row[i].name == "td" for i in starts):
        return None
    ends = [*starts[1:], len(row)]
    return [text_of(row[start:end]) for start, end in zip(starts, ends, strict=True)]


def _first_row(table: Sequence[Token]) -> Sequence[Token]:
    start = next((i for i, token in enumerate(table) if token.opens("tr")), None)
    if start is None:
        return ()
    end = next((i for i, token in enumerate(table) if i > start and token.closes("tr")), len(table))
    return table[start:end]
