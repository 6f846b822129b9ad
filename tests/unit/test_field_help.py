"""Help texts are read from the source, as pydantic would read them."""

from __future__ import annotations

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from portal.field_help import Explained
from portal.field_help import read_help


class Below(Explained):
    """A model in another one."""

    depth: int = 0
    """How deep."""


class Outer(Explained):
    """The form that settings have."""

    model_config = ConfigDict(frozen=True)

    plain: str = ""
    """One line."""

    longer: str = ""
    """Two lines,

    and what is indented   keeps its form.
    """
    bare: str = ""

    declared: str = Field("", description="Said where it is declared")
    """Said below."""

    inner: Below = Below()
    """Another model."""

    class Nested(Explained):
        """One that belongs to it."""

        plain: str = ""
        """Not the one outside."""


class Inheriting(Outer):
    """Explains one field anew."""

    plain: str = "other"
    """Another line."""
    added: str = ""
    """Its own."""


HELP = {
    "plain": "One line.",
    "longer": "Two lines,\n\nand what is indented   keeps its form.",
    "bare": "",
    "declared": "Said where it is declared",
    "inner": "Another model.",
}


def test_help_is_what_stands_below_a_field_in_the_order_of_the_fields():
    assert read_help(Outer) == HELP
    assert list(read_help(Outer)) == list(Outer.model_fields)


def test_inherited_fields_keep_their_help_and_may_be_explained_anew():
    assert read_help(Inheriting) == HELP | {"plain": "Another line.", "added": "Its own."}


def test_nested_and_local_classes_have_their_own_help():
    class Local(Explained):
        """Declared in a function."""

        plain: str = ""
        """Here."""

    assert read_help(Outer.Nested) == {"plain": "Not the one outside."}
    assert read_help(Local) == {"plain": "Here."}


def test_where_no_source_is_there_is_no_help():
    made = type("Made", (Explained,), {"__module__": "nowhere", "__annotations__": {"a": "int"}})
    assert read_help(made) == {"a": ""}


def test_the_schema_tells_the_help_as_pydantic_does():
    class Told(BaseModel):
        """The same, read by pydantic."""

        model_config = ConfigDict(use_attribute_docstrings=True)

        depth: int = 0
        """How deep."""

    told = Told.model_json_schema()["properties"]
    schema = Outer.model_json_schema()
    assert schema["$defs"]["Below"]["properties"] == told
    shown = {name: field.get("description", "") for name, field in schema["properties"].items()}
    assert shown == HELP
