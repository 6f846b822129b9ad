"""Gives HTML from old editors the shape of the body model: paragraphs instead of `div` and `br`.

Works on what the sanitiser's first pass let through; the sanitiser cleans the result again, so
nothing here has to be safe, only right.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

from portal.content.markup import VOID
from portal.content.markup import Token
from portal.content.markup import read_tokens

_RENAMED = {"b": "strong", "i": "em", "strike": "s", "h1": "h2", "h5": "h4", "h6": "h4"}
_RENAMED |= dict.fromkeys(
    ("article", "center", "footer", "header", "main", "pre", "section"), "div"
)
_TRANSPARENT = frozenset({"big", "font", "tt", "u"})
_HEADINGS = frozenset({"h2", "h3", "h4"})
_PARAGRAPHS = _HEADINGS | {"p"}
_FLOW = frozenset({"aside", "blockquote", "details", "div", "figure"})
_ITEMS = frozenset({"dd", "li", "td", "th"})
_LINES = frozenset({"caption", "dt", "figcaption", "summary"})
_LISTS = frozenset({"dl", "ol", "ul"})
_TABLE = frozenset({"table", "tbody", "tfoot", "thead", "tr"})
_BLOCKS = _PARAGRAPHS | _FLOW | _ITEMS | _LINES | _LISTS | _TABLE | {"hr"}
_KEPT_EMPTY = frozenset({"br", "hr", "img", "td", "th", "tr", "thead", "tbody", "tfoot"})
_PARENTS = {
    "caption": {"table"},
    "dd": {"dl"},
    "dt": {"dl"},
    "figcaption": {"figure"},
    "li": {"ol", "ul"},
    "summary": {"details"},
}

# Deeper markup is a mistake or an attack; its elements are passed over, its text stays.
_DEEPEST = 60

_SPACE = r"(?:&nbsp;|[ \t\r\n])"
_RUN = re.compile(rf"{_SPACE}{{2,}}")
_LEADING = re.compile(rf"^{_SPACE}+")
# Only from where a run begins: from each of its spaces a long one would be read anew.
_TRAILING = re.compile(rf"(?<![ \t\r\n])(?<!&nbsp;){_SPACE}+$")


@dataclass(slots=True)
class Element:
    """An element while it is being tidied; texts among the children are escaped HTML."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    def __str__(self) -> str:
        start = str(Token("start", self.name, self.attributes))
        if self.name in VOID:
            return start
        return f"{start}{''.join(map(str, self.children))}</{self.name}>"


Node = Element | str


def tidy(source: str) -> str:
    """The same content with the body model's elements only, one block a line."""
    root = _read(source)
    children = _blocks(_simplify(root.children, "div"))
    return "\n".join(str(node) for child in children for node in _free_pictures(child))


def _read(source: str) -> Element:
    root = Element("div")
    stack = [root]
    skipped = 0
    for token in read_tokens(source):
        if token.kind == "text":
            stack[-1].children.append(_RUN.sub(_shorten, token.text))
        elif token.kind == "end":
            if skipped:
                skipped -= 1
            elif len(stack) > 1:
                stack.pop()
        elif token.name in VOID:
            stack[-1].children.append(Element(token.name, dict(token.attributes)))
        elif len(stack) > _DEEPEST:
            skipped += 1
        else:
            element = Element(token.name, dict(token.attributes))
            stack[-1].children.append(element)
            stack.append(element)
    return root


def _shorten(run: re.Match[str]) -> str:
    """A run of spaces as it was, unless one of them keeps browsers from seeing a single one."""
    return " " if "&nbsp;" in run[0] else run[0]


def _simplify(children: Iterable[Node], parent: str) -> list[Node]:
    """Today's names for elements, without those that say nothing."""
    kept: list[Node] = []
    for child in children:
        if isinstance(child, str):
            kept.append(child)
        else:
            kept += _simplify_element(child, parent)
    return kept


def _simplify_element(element: Element, parent: str) -> list[Node]:
    old = element.name
    name = _RENAMED.get(old, old)
    if name in _PARENTS and parent not in _PARENTS[name]:
        name = "div"
    attributes = _with_class(element.attributes, old)
    meaningless = (name == "span" and "lang" not in attributes) or (
        name == "a" and "href" not in attributes
    )
    if name == "img" and "src" not in attributes:
        return []
    if name in _TRANSPARENT or meaningless:
        return _simplify(element.children, parent)
    children = _simplify(element.children, name)
    shaped = Element(name, attributes, _shape(name, children, attributes))
    if name not in _KEPT_EMPTY and name != "div" and not shaped.children:
        return [] if "data-media" not in attributes else [shaped]
    if name not in _BLOCKS and name not in VOID:
        return _push_down(shaped)
    return [shaped]


def _with_class(attributes: dict[str, str], old: str) -> dict[str, str]:
    """Alignment as a class; left is how text stands anyway."""
    kept = {name: value for name, value in attributes.items() if name not in {"style", "align"}}
    align = attributes.get("style", "").rpartition(":")[2].strip() or attributes.get("align", "")
    if old == "center" and not align:
        align = "center"
    if align and "class" not in kept:
        kept["class"] = f"text-{align}"
    if kept.get("class") == "text-left":
        del kept["class"]
    return kept


def _shape(name: str, children: list[Node], attributes: dict[str, str]) -> list[Node]:
    """The children as the content model of an element wants them."""
    if name == "figure" and "data-media" in attributes:
        return [child for child in children if _is(child, {"figcaption"})][:1]
    if name in _PARAGRAPHS or name in _LINES:
        return _trimmed(_inline(children))
    if name in _ITEMS:
        return _item(children)
    if name in _LISTS:
        return _list(children, {"dt", "dd"} if name == "dl" else {"li"})
    if name == "details":
        titles = [child for child in children if _is(child, {"summary"})][:1]
        rest = [child for child in children if child not in titles]
        return [*titles, *_blocks(rest)]
    if name == "figure":
        return _blocks(children, also={"figcaption"})
    if name in {"aside", "blockquote"}:
        return _blocks(children)
    if name in _TABLE:
        return [child for child in children if not _is_space(child)]
    return children


def _is(node: Node, names: Iterable[str]) -> bool:
    return isinstance(node, Element) and node.name in names


def _is_space(node: Node) -> bool:
    return isinstance(node, str) and not _LEADING.sub("", node)


def _push_down(inline: Element) -> list[Node]:
    """Inline markup around blocks goes into them: a paragraph cannot stand inside `strong`."""
    if not any(_is(child, _BLOCKS) for child in inline.children):
        if inline.name not in {"a", "abbr"} and all(map(_is_space, inline.children)):
            return [" "]
        return [inline]
    result: list[Node] = []
    run: list[Node] = []
    for child in [*inline.children, None]:
        if isinstance(child, str) or (child is not None and not _is(child, _BLOCKS)):
            run.append(child)
            continue
        if any(not _is_space(node) for node in run):
            result.append(Element(inline.name, dict(inline.attributes), run))
        run = []
        if isinstance(child, Element):
            result.append(_wrap_inside(child, inline))
    return result


def _wrap_inside(block: Element, inline: Element) -> Element:
    if block.name in _PARAGRAPHS | _LINES | {"div"}:
        inner = Element(inline.name, dict(inline.attributes), block.children)
        return replace(block, children=_push_down(inner))
    return block


def _inline(children: Sequence[Node]) -> list[Node]:
    """Children of a line of text: blocks among them give up their content, set off by spaces."""
    flat: list[Node] = []
    for child in children:
        if _is(child, _BLOCKS) and isinstance(child, Element):
            flat += [" ", *_inline(child.children), " "]
        else:
            flat.append(child)
    return flat


def _trimmed(children: list[Node]) -> list[Node]:
    """Without white space and line breaks at either end."""
    for end, pattern in ((0, _LEADING), (-1, _TRAILING)):
        while children:
            edge = children[end]
            if isinstance(edge, str):
                children[end] = pattern.sub("", edge)
                if children[end]:
                    break
            elif edge.name != "br":
                break
            children.pop(end)
    return children


def _paragraphs(run: Sequence[Node], attributes: dict[str, str]) -> list[Node]:
    """A run of inline content as paragraphs, which end at two line breaks in a row."""
    pieces: list[list[Node]] = [[]]
    breaks = 0
    for node in run:
        if _is(node, {"br"}):
            breaks += 1
            if breaks == 2:
                pieces.append([])
        elif not _is_space(node):
            breaks = 0
        pieces[-1].append(node)
    trimmed = [_trimmed(piece) for piece in pieces]
    return [Element("p", dict(attributes), piece) for piece in trimmed if piece]


def _blocks(
    children: Iterable[Node],
    attributes: dict[str, str] | None = None,
    also: Iterable[str] = (),
) -> list[Node]:
    """The children as blocks only: text and inline markup between blocks become paragraphs."""
    inherited = {name: text for name, text in (attributes or {}).items() if name == "class"}
    result: list[Node] = []
    run: list[Node] = []
    for child in [*children, None]:
        if child is not None and not _is(child, _BLOCKS):
            run.append(child)
            continue
        result += _paragraphs(run, inherited)
        run = []
        if isinstance(child, Element):
            result += _block(child, inherited, also)
    return result


def _block(child: Element, inherited: dict[str, str], also: Iterable[str]) -> list[Node]:
    if child.name == "div" or (child.name in _LINES and child.name not in also):
        return _blocks(child.children, inherited | child.attributes, also)
    if child.name in _PARAGRAPHS:
        attributes = inherited | child.attributes
        if child.name == "p":
            return _paragraphs(child.children, attributes)
        child.attributes = attributes
    return [child]


def _item(children: list[Node]) -> list[Node]:
    """What stands in a list item or a cell: a line of text, or blocks where there are several."""
    if not any(_is(child, _BLOCKS) for child in children):
        return _trimmed(children)
    blocks = _blocks(children)
    first = blocks[0] if blocks else None
    alone = len(blocks) == 1 or all(_is(block, _LISTS) for block in blocks[1:])
    if isinstance(first, Element) and first.name == "p" and not first.attributes and alone:
        return [*first.children, *blocks[1:]]
    return blocks


def _list(children: Iterable[Node], names: Iterable[str]) -> list[Node]:
    """Items only; a list put directly into a list belongs to the item before it."""
    items: list[Element] = []
    for child in children:
        if _is_space(child):
            continue
        if isinstance(child, Element) and child.name in names:
            items.append(child)
        elif items:
            items[-1].children.append(child)
        else:
            items.append(Element("dd" if "dd" in names else "li", {}, [child]))
    return [item for item in items if item.children]


def _free_pictures(block: Node) -> list[Node]:
    """A block, then the pictures that stood inside it: a page shows those between its parts."""
    found: list[Node] = []

    def without(node: Node) -> Node | None:
        if isinstance(node, str):
            return node
        node.children = _visit(node.children, leave)
        emptied = not node.children and node.name not in _KEPT_EMPTY
        return None if emptied else node

    def leave(node: Node) -> Node | None:
        if isinstance(node, Element) and "data-media" in node.attributes:
            found.append(node)
            return None
        return without(node)

    if isinstance(block, Element) and "data-media" in block.attributes:
        return [block]
    kept = without(block)
    return [*([kept] if kept is not None else []), *found]


def _visit(children: Iterable[Node], change: Callable[[Node], Node | None]) -> list[Node]:
    return [kept for child in children if (kept := change(child)) is not None]
