"""Reading YAML 1.2 with the place of every key and value."""

from __future__ import annotations

import math
import time
import unicodedata

import pytest

from portal.layouts.problems import Findings
from portal.layouts.problems import suggest
from portal.layouts.source import parse_source
from portal.layouts.source import resolve_plain
from portal.layouts.tree import MappingNode
from portal.layouts.tree import Node
from portal.layouts.tree import Origin
from portal.layouts.tree import ScalarNode
from portal.layouts.tree import SequenceNode
from portal.layouts.tree import format_path
from portal.layouts.tree import plain


def read(text: str) -> Node:
    findings = Findings()
    tree = parse_source(text.encode(), "a.yaml", findings)
    assert findings.problems == ()
    assert tree is not None
    return tree


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("y", "y"),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("-7", -7),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2027-01-28", "2027-01-28"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("0.", 0.0),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("1.2.3", "1.2.3"),
        ("+84", 84),
        ("0123456789012345678901234567890", "0123456789012345678901234567890"),
        ("0b11", "0b11"),
    ],
)
def test_plain_word_means_what_yaml_1_2_says(
    written: str, value: None | bool | int | float | str
) -> None:
    resolved = resolve_plain(written)

    assert resolved == value
    assert type(resolved) is type(value)


def test_quoted_word_is_text() -> None:
    assert plain(read("a: '010'\nb: \"null\"\nc: |\n  5\n")) == {
        "a": "010",
        "b": "null",
        "c": "5\n",
    }


def test_keys_are_text_as_written() -> None:
    assert plain(read("on: 1\n404: 2\ntrue: 3\n1.0: 4\n")) == {
        "on": 1,
        "404": 2,
        "true": 3,
        "1.0": 4,
    }


def test_text_is_composed_unicode() -> None:
    decomposed = unicodedata.normalize("NFD", "Trà: thơm")

    assert plain(read(f"'{decomposed}': {decomposed.replace(':', '')}\n")) == {
        "Trà: thơm": "Trà thơm"
    }


def test_each_key_and_value_knows_its_place() -> None:
    tree = read("layout: article\nregions:\n  aside:\n    - {key: tin, settings: {limit: 6}}\n")

    node: Node = tree
    places = []
    for part in ("regions", "aside", 0, "settings", "limit"):
        if isinstance(node, MappingNode) and isinstance(part, str):
            places.append(node.keys[part])
            node = node.entries[part]
        elif isinstance(node, SequenceNode) and isinstance(part, int):
            node = node.items[part]
            places.append(node.origin)

    path = ("regions", "aside", 0, "settings", "limit")
    assert [(place.line, place.column) for place in places] == [
        (2, 1),
        (3, 3),
        (4, 7),
        (4, 18),
        (4, 29),
    ]
    assert places[-1] == Origin("a.yaml", 4, 29, path)
    assert isinstance(node, ScalarNode)
    assert node.origin == Origin("a.yaml", 4, 36, path)


def test_columns_count_characters_not_bytes() -> None:
    tree = read("{vi: Trà, en: Tea}\n")

    assert isinstance(tree, MappingNode)
    assert tree.keys["en"].column == 11


def test_byte_order_mark_is_no_content() -> None:
    assert plain(read("\ufefflayout: home\n")) == {"layout": "home"}


def test_path_quotes_names_that_are_no_words() -> None:
    assert format_path(("a", 0, "b c", "tin-tuc/x", "404")) == 'a[0]["b c"].tin-tuc/x["404"]'


@pytest.mark.parametrize(
    ("written", "expected"),
    [("limt", "limit"), ("Limit", "limit"), ("titel", "title"), ("xyz", None)],
)
def test_suggestion_is_the_nearest_known_name(written: str, expected: str | None) -> None:
    assert suggest(written, ("limit", "title", "methods")) == expected


@pytest.mark.parametrize("start", ["a: ", "? "], ids=["value", "key"])
def test_nesting_bomb_is_refused_at_once(start: str) -> None:
    findings = Findings()
    started = time.perf_counter()

    tree = parse_source((start + "[" * 100_000).encode(), "a.yaml", findings)

    assert tree is None
    assert len(findings) == 1
    # The parser's own way to the end of this file takes more than a minute.
    assert time.perf_counter() - started < 10
