"""Help texts of settings: the docstrings below the fields of a model, read when somebody asks.

pydantic can read them itself (`use_attribute_docstrings`), but parses the source of every class as
it is made: a tenth of a start, for texts that no page shows.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache

from pydantic import BaseModel
from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Explained(BaseModel):
    """A model whose fields are explained by docstrings; its JSON Schema tells them."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """What pydantic would say, with `description` for every explained field."""
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name, text in read_help(cls).items():
            if text and name in properties:
                properties[name].setdefault("description", text)
        return schema


def read_help(model: type[BaseModel]) -> dict[str, str]:
    """The help of each field in the order of the fields; empty for one without.

    A `description` that is declared with `Field` goes before the docstring.
    """
    written: dict[str, str] = {}
    # Above `BaseModel` nobody declares fields.
    own = model.__mro__[: model.__mro__.index(BaseModel)]
    for base in reversed(own):
        written.update(_docstrings(base.__module__).get(base.__qualname__, {}))
    return {
        name: field.description or written.get(name, "")
        for name, field in model.model_fields.items()
    }


@cache
def _docstrings(module: str) -> dict[str, dict[str, str]]:
    """The docstrings below fields by qualified class name; none where there is no source."""
    try:
        source = inspect.getsource(sys.modules[module])
    except (KeyError, OSError, TypeError):
        return {}
    return {name: dict(_fields(body)) for name, body in _classes(ast.parse(source), "")}


def _classes(node: ast.AST, prefix: str) -> Iterator[tuple[str, list[ast.stmt]]]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.ClassDef(name=name, body=body):
                yield prefix + name, body
                yield from _classes(child, f"{prefix}{name}.")
            case ast.FunctionDef(name=name):
                yield from _classes(child, f"{prefix}{name}.<locals>.")
            case _:
                yield from _classes(child, prefix)


def _fields(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for field, below in zip(body, body[1:], strict=False):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, inspect.cleandoc(text)
