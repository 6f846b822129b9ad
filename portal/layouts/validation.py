"""Validates a tree against a pydantic model, and brings each error back to its file and line."""

from __future__ import annotations

import json
import re
import types
from collections.abc import Iterator
from typing import Annotated
from typing import TypeVar
from typing import Union
from typing import get_args
from typing import get_origin

from pydantic import BaseModel
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from portal.layouts.problems import Findings
from portal.layouts.tree import MappingNode
from portal.layouts.tree import Node
from portal.layouts.tree import Origin
from portal.layouts.tree import ScalarNode
from portal.layouts.tree import SequenceNode
from portal.layouts.tree import display
from portal.layouts.tree import plain

ModelT = TypeVar("ModelT", bound=BaseModel)

_KINDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "date_type": "a date (YYYY-MM-DD)",
}
_LIMITS = {
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "string_pattern_mismatch": "must match {pattern}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
}


def validate(
    model: type[ModelT], node: MappingNode, findings: Findings, *, subject: str, unknown: str
) -> ModelT | None:
    """`node` as `model`, or nothing after noting every error.

    Validation is strict as for JSON: `"6"` is no number and `1` is no truth value. `subject`
    names the owner in messages, `unknown` is the code for a field that does not exist.
    """
    try:
        return model.model_validate_json(json.dumps(plain(node)), strict=True)
    except ValidationError as error:
        problems = _Problems(model, node, findings, subject, unknown)
        problems.report(error.errors(include_url=False))
        return None


class _Problems:
    def __init__(
        self,
        model: type[BaseModel],
        node: MappingNode,
        findings: Findings,
        subject: str,
        unknown: str,
    ) -> None:
        self._model = model
        self._node = node
        self._findings = findings
        self._subject = subject
        self._unknown = unknown

    def report(self, errors: list[ErrorDetails]) -> None:
        """Note the errors; the arms of a union speak with one voice about one value."""
        grouped: dict[Origin, list[tuple[ErrorDetails, Node]]] = {}
        for error in errors:
            if error["type"] == "extra_forbidden":
                self._report_unknown(error)
            elif error["type"] == "missing":
                self._report_missing(error)
            else:
                node, _ = self._locate(error)
                grouped.setdefault(node.origin, []).append((error, node))
        for found in grouped.values():
            self._report_value(found)

    def _locate(self, error: ErrorDetails) -> tuple[Node, MappingNode | None]:
        """The node an error is about and the mapping around it.

        Parts of a location that are not in the data name arms of a union; they are passed over.
        """
        node: Node = self._node
        around: MappingNode | None = None
        for part in error["loc"]:
            if isinstance(node, MappingNode) and str(part) in node.entries:
                around, node = node, node.entries[str(part)]
            elif isinstance(node, SequenceNode) and isinstance(part, int):
                if part < len(node.items):
                    node = node.items[part]
        return node, around

    def _report_unknown(self, error: ErrorDetails) -> None:
        name = str(error["loc"][-1])
        node, around = self._locate(error)
        origin = around.keys[name] if around is not None and name in around.keys else node.origin
        known = tuple(_fields_at(self._model, error["loc"][:-1]))
        what = "setting" if self._unknown == "unknown-setting" else "key"
        self._findings.add(
            self._unknown,
            origin,
            f"unknown {what} {name!r} of {self._subject}",
            value=display(node),
            known=known,
            written=name,
        )

    def _report_missing(self, error: ErrorDetails) -> None:
        node, _ = self._locate(error)
        self._findings.add(
            "missing-key", node.origin, f"{self._subject} needs the key {str(error['loc'][-1])!r}"
        )

    def _report_value(self, found: list[tuple[ErrorDetails, Node]]) -> None:
        node = found[0][1]
        errors = [error for error, _ in found]
        kinds = [_KINDS[error["type"]] for error in errors if error["type"] in _KINDS]
        names = [name for error in errors for name in _choices(error)]
        got = {SequenceNode: "a list", MappingNode: "a mapping"}.get(type(node), display(node))
        if len(kinds) == len(errors):
            expected = " or ".join(dict.fromkeys(kinds))
            self._findings.add(
                "wrong-type",
                node.origin,
                f"must be {expected}, not {got}",
                value=display(node),
                hint=_hint_quotes(kinds, node),
            )
            return
        if names and all(error["type"] in _KINDS or _choices(error) for error in errors):
            written = node.raw if isinstance(node, ScalarNode) else None
            also = f" (nor is it {' or '.join(dict.fromkeys(kinds))})" if kinds else ""
            self._findings.add(
                "bad-value",
                node.origin,
                f"{got} is not allowed here{also}",
                value=display(node),
                known=tuple(dict.fromkeys(names)),
                written=written,
            )
            return
        messages = dict.fromkeys(_message(error) for error in errors if error["type"] not in _KINDS)
        suffix = f", not {got}" if isinstance(node, ScalarNode) else ""
        text = " or ".join(messages)
        if got in text or (isinstance(node, ScalarNode) and repr(node.value) in text):
            suffix = ""
        self._findings.add("bad-value", node.origin, text + suffix, value=display(node))


def _hint_quotes(kinds: list[str], node: Node) -> str:
    """Numbers and truth values become text by quotes, and the other way round."""
    if not isinstance(node, ScalarNode):
        return ""
    if "text" in kinds and node.value is None:
        return "a value that begins with # needs quotes"
    if "text" in kinds and isinstance(node.value, bool | int | float):
        return f'write "{node.raw}"'
    if isinstance(node.value, str) and "a whole number" in kinds and node.value.isdecimal():
        return "write it without quotes"
    if "a list" in kinds:
        return f"write [{node.raw}]"
    return ""


def _choices(error: ErrorDetails) -> tuple[str, ...]:
    if error["type"] not in {"literal_error", "enum"}:
        return ()
    expected = str(error.get("ctx", {}).get("expected", ""))
    return tuple(re.findall(r"'([^']*)'", expected)) or tuple(
        part for part in re.split(r", | or ", expected) if part
    )


def _message(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    if error["type"] in _LIMITS:
        return _LIMITS[error["type"]].format(**context)
    text = error["msg"]
    for prefix in ("Value error, ", "Assertion failed, "):
        text = text.removeprefix(prefix)
    return text.replace("Input should be ", "must be ").replace("Input should ", "must ")


def _fields_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> Iterator[str]:
    """The field names that are possible at a location, for "known: …"."""
    models: list[type[BaseModel]] = [model]
    for part in loc:
        annotations = [
            item.model_fields[part].annotation
            for item in models
            if isinstance(part, str) and part in item.model_fields
        ]
        if annotations:
            models = [found for annotation in annotations for found in _models_in(annotation)]
    seen: dict[str, None] = {}
    for item in models:
        seen.update(dict.fromkeys(item.model_fields))
    yield from seen


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    origin = get_origin(annotation)
    if origin in {Union, types.UnionType, Annotated, tuple, list, dict}:
        for part in get_args(annotation):
            yield from _models_in(part)
