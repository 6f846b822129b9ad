"""The description of the API as OpenAPI 3.1, made from its routes and models."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from portal.field_help import read_help
from portal.site import Site
from portal.web.api.parameters import Arguments
from portal.web.api.paths import PREFIX
from portal.web.api.problems import MEDIA_TYPE
from portal.web.api.problems import ProblemOut
from portal.web.api.registry import ROUTES
from portal.web.api.registry import Route

VERSION = "1.0.0"

_REFERENCE = "#/components/schemas/{model}"
_WORDS = {
    400: "An argument is unknown, repeated or has no possible value",
    404: "There is no such thing",
    410: "It was withdrawn; the detail says why",
}


def describe_api(site: Site) -> dict[str, Any]:
    """The whole description; equal for equal sites."""
    models: list[type[BaseModel]] = [*(route.answer for route in ROUTES), ProblemOut]
    _, schemas = models_json_schema(
        [(model, "serialization") for model in models], ref_template=_REFERENCE
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": site.text(site.name, "en"),
            "version": VERSION,
            "description": "What the portal publishes, for programs. Read-only, without a key.",
            "contact": {"email": site.contact.email},
        },
        "servers": [{"url": site.base_url}],
        "paths": {PREFIX + route.path: {"get": _operation(route)} for route in ROUTES},
        "components": {"schemas": schemas["$defs"]},
    }


def _operation(route: Route) -> dict[str, Any]:
    return {
        "operationId": route.name,
        "summary": route.summary,
        "parameters": [
            *_parameters(route.place, "path"),
            *_parameters(route.arguments, "query"),
        ],
        "responses": {
            "200": {
                "description": "The answer",
                "headers": {
                    "ETag": {
                        "description": "Send it as If-None-Match to be told of changes only",
                        "schema": {"type": "string"},
                    }
                },
                "content": {
                    "application/json": {
                        "schema": {"$ref": _REFERENCE.format(model=route.answer.__name__)}
                    }
                },
            },
            "304": {"description": "Nothing has changed since the ETag that was sent"},
            **{str(status): _failure(status) for status in route.failures},
        },
    }


def _failure(status: int) -> dict[str, Any]:
    schema = {"$ref": _REFERENCE.format(model=ProblemOut.__name__)}
    return {"description": _WORDS[status], "content": {MEDIA_TYPE: {"schema": schema}}}


def _parameters(model: type[Arguments], place: str) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    explained = read_help(model)
    return [
        {
            "name": name,
            "in": place,
            "description": explained[name],
            "required": field.is_required(),
            "schema": _plain(schema["properties"][name]),
        }
        for name, field in model.model_fields.items()
    ]


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a given argument: one that is left out is not null, it is not there."""
    kept = {key: value for key, value in schema.items() if key not in {"description", "title"}}
    choices = kept.pop("anyOf", None)
    if choices is not None:
        kept.pop("default", None)
        kept |= next(choice for choice in choices if choice.get("type") != "null")
    return kept
