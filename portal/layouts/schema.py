"""JSON Schema of the layout language, for completion and underlining in editors.

The schema is what an editor can know of one file; what needs the other files (inheritance,
keys, the headline) is checked at load.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from typing import get_args

from portal.layouts.checking import KEY_PATTERN
from portal.layouts.checking import LAYOUT_PATTERN
from portal.layouts.layout_file import LANGUAGE_VERSION
from portal.layouts.model import PAGE_TYPES
from portal.layouts.model import BlockSpec
from portal.layouts.model import Deliver
from portal.layouts.model import Failure
from portal.site import SHIPPED_LOCALES

Schema = dict[str, Any]

_DURATION = {"$ref": "#/$defs/duration"}
_NAMES: Schema = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
}


def layout_schema(
    blocks: Mapping[str, BlockSpec], templates: Mapping[str, tuple[str, ...]]
) -> Schema:
    """The schema (draft 2020-12) of layout files with these blocks and page templates."""
    regions = dict.fromkeys(region for names in templates.values() for region in names)
    definitions: Schema = {
        "duration": {
            "type": "string",
            "pattern": r"^\d+(ms|s|m|h|d)$",
            "description": "A whole number and a unit: 150ms, 30s, 10m, 1h, 7d.",
        },
        "text": _text(),
        "key": {
            "type": "string",
            "pattern": f"^{KEY_PATTERN.pattern}$",
            "description": "Stable name of a placement; patches and ids in the page use it.",
        },
        "layout": {
            "type": ["string", "integer"],
            "pattern": f"^{LAYOUT_PATTERN.pattern}$",
        },
        "region": {"enum": list(regions)},
        "condition": _condition(),
        "placement": _placement(blocks),
        "operation": _operation(),
    }
    for name in sorted(blocks):
        definitions.update(_settings(blocks[name]))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Layout of a page",
        "type": "object",
        "required": ["layout"],
        "additionalProperties": False,
        "properties": _layout_properties(list(templates), list(regions)),
        "dependentRequired": {"patch": ["extends"]},
        "$defs": definitions,
    }


def schema_text(blocks: Mapping[str, BlockSpec], templates: Mapping[str, tuple[str, ...]]) -> str:
    """The schema as the file that is committed: the same bytes for the same blocks."""
    return json.dumps(layout_schema(blocks, templates), ensure_ascii=False, indent=2) + "\n"


def _layout_properties(templates: list[str], regions: list[str]) -> Schema:
    placements = {"type": ["array", "null"], "items": {"$ref": "#/$defs/placement"}}
    return {
        "layout": {"$ref": "#/$defs/layout", "description": "Name of this layout."},
        "extends": {
            "$ref": "#/$defs/layout",
            "description": "Layout whose regions are inherited; only differences are written.",
        },
        "for": {
            "enum": list(PAGE_TYPES),
            "description": "Page type; it decides which context blocks find.",
        },
        "default": {
            "type": "boolean",
            "description": "Whether pages of this type use it unless a section chooses another.",
        },
        "title": {"$ref": "#/$defs/text", "description": "Name of the layout for people."},
        "template": {"enum": templates, "description": "Page template; it decides the regions."},
        "regions": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {region: placements for region in regions},
        },
        "patch": {
            "type": ["array", "null"],
            "items": {"$ref": "#/$defs/operation"},
            "description": "Changes of what is inherited, in this order.",
        },
        "version": {"const": LANGUAGE_VERSION, "description": "Version of the layout language."},
    }


def _text() -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {locale: {"type": "string"} for locale in SHIPPED_LOCALES},
    }


def _condition() -> Schema:
    condition = {"$ref": "#/$defs/condition"}
    conditions = {"type": "array", "items": condition, "minItems": 1}
    day = {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}
    return {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "description": "One test; join several with all or any.",
        "properties": {
            "all": conditions,
            "any": conditions,
            "not": condition,
            "section": {**_NAMES, "description": "Slug paths; sections below them count too."},
            "tag": {**_NAMES, "description": "Slugs; one of them is enough."},
            "locale": _one_or_more(list(SHIPPED_LOCALES)),
            "page_type": _one_or_more(list(PAGE_TYPES)),
            "between": {
                "type": "array",
                "items": day,
                "minItems": 2,
                "maxItems": 2,
                "description": "First and last day, both included; null leaves a side open.",
            },
        },
    }


def _one_or_more(names: list[str]) -> Schema:
    return {"anyOf": [{"enum": names}, {"type": "array", "items": {"enum": names}, "minItems": 1}]}


def _placement(blocks: Mapping[str, BlockSpec]) -> Schema:
    names: list[Schema] = []
    settings: list[Schema] = []
    for name in sorted(blocks):
        block = blocks[name]
        names.append({"const": name, **_described(block.summary)})
        names += [
            {"const": alias, "deprecated": True, "description": f"Former name of {name}."}
            for alias in block.aliases
        ]
        current = {"settings": {"$ref": f"#/$defs/{_reference(block, '')}"}}
        settings.append(
            {
                "if": {
                    "properties": {"block": {"enum": [name, *block.aliases]}},
                    "required": ["block"],
                },
                "then": {"properties": _for_version(block, current)},
            }
        )
    return {
        "type": "object",
        "required": ["key"],
        "additionalProperties": False,
        "properties": {
            "key": {"$ref": "#/$defs/key"},
            "block": {"oneOf": names} if names else {"type": "string"},
            "settings": {"type": ["object", "null"]},
            **_handling(),
        },
        "allOf": settings,
    }


def _for_version(block: BlockSpec, current: Schema) -> Schema:
    """Old settings still load, so an editor underlines them only where a version says "new"."""
    if block.version == 1:
        return {**current, "version": {"const": 1}}
    return {"version": {"type": "integer", "minimum": 1, "maximum": block.version}}


def _handling() -> Schema:
    return {
        "version": {"type": "integer", "minimum": 1, "description": "Version of the settings."},
        "required": {
            "type": "boolean",
            "description": "Whether the page itself fails when this block does.",
        },
        "on_error": _on_error(),
        "budget": {**_DURATION, "description": "Longest time the page waits for the block."},
        "deliver": {
            "enum": list(get_args(Deliver)),
            "description": "How the fragment reaches the reader.",
        },
        "min_height": {
            "type": "integer",
            "minimum": 1,
            "description": "Pixels kept free, so that the page does not jump.",
        },
        "cache": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "description": "How long the fragment is kept, where not as the block says.",
            "properties": {"fresh": _DURATION, "stale": _DURATION, "off": {"type": "boolean"}},
        },
        "dedupe": {
            "type": "boolean",
            "description": "Whether articles shown above are left out here.",
        },
        "bind": {
            "type": ["object", "null"],
            "description": "Inputs taken from other placements: {exclude: lead.shown}.",
            "additionalProperties": {"type": "string", "pattern": r"^[a-z][a-z0-9_]*\.[^.]+$"},
        },
        "show": {"$ref": "#/$defs/condition", "description": "Where and when it is shown."},
    }


def _on_error() -> Schema:
    return {
        "description": "What readers see when the block fails.",
        "anyOf": [
            {"const": "hide"},
            {
                "type": "object",
                "required": ["use"],
                "additionalProperties": False,
                "properties": {
                    "use": {"enum": list(get_args(Failure))},
                    "for": _DURATION,
                    "else": {"const": "hide"},
                },
            },
        ],
    }


def _operation() -> Schema:
    key = {"$ref": "#/$defs/key"}
    place = {"region": {"$ref": "#/$defs/region"}, "before": key, "after": key}
    anchored = [{"required": [name]} for name in place]

    def operation(properties: Schema, required: list[str], **more: object) -> Schema:
        return {
            "type": "object",
            "required": required,
            "additionalProperties": False,
            "properties": properties,
            **more,
        }

    return {
        "oneOf": [
            operation(
                {
                    "set": {"type": "string", "pattern": r"^[a-z][a-z0-9_]*(\.[^.\[\]]+)+$"},
                    "to": {},
                    "version": {"type": "integer", "minimum": 1},
                },
                ["set", "to"],
            ),
            operation(
                {"insert": {"$ref": "#/$defs/placement"}, **place}, ["insert"], anyOf=anchored
            ),
            operation({"move": key, **place}, ["move"], anyOf=anchored),
            operation({"remove": key}, ["remove"]),
        ]
    }


def _settings(block: BlockSpec) -> Schema:
    """The block's settings and the models below them, under names of their own."""
    schema = block.settings.model_json_schema(
        ref_template=f"#/$defs/{_reference(block, '{model}')}", mode="validation"
    )
    below = schema.pop("$defs", {})
    definitions = {_reference(block, ""): {**schema, "title": f"Settings of {block.name}"}}
    definitions.update({_reference(block, name): below[name] for name in sorted(below)})
    return definitions


def _reference(block: BlockSpec, model: str) -> str:
    return f"settings.{block.name}.{model}" if model else f"settings.{block.name}"


def _described(summary: str) -> Schema:
    return {"description": summary} if summary else {}
