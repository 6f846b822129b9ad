"""The schema editors use agrees with what loading accepts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from portal.layouts.problems import Findings
from portal.layouts.schema import layout_schema
from portal.layouts.schema import schema_text
from portal.layouts.source import parse_source
from portal.layouts.tree import Plain
from portal.layouts.tree import plain
from tests.unit.layouts.layout_site import CORPUS
from tests.unit.layouts.layout_site import SPECS
from tests.unit.layouts.layout_site import TEMPLATES

SCHEMA = layout_schema(SPECS, TEMPLATES)
VALIDATOR = Draft202012Validator(SCHEMA)


def read(text: str) -> Plain:
    tree = parse_source(text.encode(), "layout.yaml", Findings())
    assert tree is not None
    return plain(tree)


def faults(text: str) -> list[str]:
    return sorted({error.json_path for error in VALIDATOR.iter_errors(read(text))})


def test_schema_is_valid_and_the_same_every_time() -> None:
    Draft202012Validator.check_schema(SCHEMA)

    backwards = dict(reversed(SPECS.items()))
    assert schema_text(SPECS, TEMPLATES) == schema_text(backwards, TEMPLATES)
    assert json.loads(schema_text(SPECS, TEMPLATES)) == SCHEMA


@pytest.mark.parametrize(
    "file", sorted((CORPUS / "site" / "layouts").rglob("*.yaml")), ids=lambda file: file.stem
)
def test_good_layouts_pass(file: Path) -> None:
    assert faults(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("{key: a, block: relatd}", "$.regions.main[0].block"),
        ("{key: a, block: related, settings: {limt: 1}}", "$.regions.main[0].settings"),
        ("{key: a, block: related, settings: {limit: 99}}", "$.regions.main[0].settings.limit"),
        ("{key: a, block: toolbar, settings: {limit: 9}}", "$.regions.main[0].settings"),
        (
            "{key: a, block: Block_BanTin_Related, settings: {limit: x}}",
            "$.regions.main[0].settings.limit",
        ),
        ("{key: a-b, block: banner}", "$.regions.main[0].key"),
        ("{key: a, block: banner, budget: 10}", "$.regions.main[0].budget"),
        ("{key: a, block: banner, show: {day: 1}}", "$.regions.main[0].show"),
        ("{key: a, block: banner, color: red}", "$.regions.main[0]"),
    ],
)
def test_mistakes_are_underlined_where_they_are(line: str, path: str) -> None:
    assert faults(f"layout: a\nregions:\n  main:\n    - {line}\n") == [path]


def test_patch_operations_are_described() -> None:
    good = """
layout: a
extends: b
patch:
  - {set: related.settings.limit, to: 8}
  - {insert: {key: c, block: banner}, after: related}
  - {move: related, region: main}
  - {remove: tools}
"""

    assert faults(good) == []
    assert faults("layout: a\nextends: b\npatch:\n  - {move: related}\n") == ["$.patch[0]"]
    assert faults("layout: a\npatch: []\n") == ["$"]


def test_every_reference_leads_to_a_definition() -> None:
    references = set(re.findall(r'"\$ref": "#/\$defs/([^"]+)"', json.dumps(SCHEMA)))

    assert references <= set(SCHEMA["$defs"])
    assert "settings.related.GroupSettings" in references


def test_old_settings_are_not_underlined() -> None:
    assert (
        faults(
            "layout: a\nregions:\n  main:\n    - {key: a, block: latest, settings: {count: 4}}\n"
        )
        == []
    )
