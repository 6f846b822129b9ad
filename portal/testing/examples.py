"""The examples of a block: one file for each state it can be in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from typing import Literal

import yaml
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from portal.block import Block
from portal.content.values import SearchQuery
from portal.errors import BlockError

Text = dict[str, str]


class FailureExample(BaseModel):
    """The failure of an error page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Literal[404, 410, 503]
    headline: str = ""
    reason: str = ""


class Example(BaseModel):
    """A state of a block: settings, and the sample page it stands on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: Text
    settings: Mapping[str, Any] = Field(default_factory=dict)
    page: Literal[
        "home",
        "section",
        "article",
        "print",
        "page",
        "search",
        "error",
        "tag",
        "topic",
        "author",
        "archive",
        "gallery",
        "album",
        "videos",
        "video",
        "sitemap",
        "accessibility",
        "offline",
    ] = "home"
    locale: Literal["vi", "en"] = "vi"
    article: str = "normal"
    section: str = "tin-tuc"
    slug: str = ""
    """Of a tag, topic, author, album or film; the period of an archive (`2026-11`)."""
    page_number: int = 1
    search: SearchQuery = SearchQuery()
    failure: FailureExample = FailureExample(status=404)
    expect: Literal["html", "nothing"] = "html"


def read_examples(block: Block[Any]) -> tuple[Example, ...]:
    """The block's examples in name order. Raises `BlockError` for a block that has none."""
    files = sorted((block.folder / "examples").glob("*.yaml"))
    if not files:
        raise BlockError(f"block {block.name!r} has no examples; write examples/normal.yaml")
    return tuple(_read(file, file.stat().st_mtime_ns) for file in files)


@cache
def _read(file: Path, changed: int) -> Example:
    """The example as it was at `changed`: every test of the contract asks for all of a block."""
    values = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
    try:
        return Example(name=file.stem, **values)
    except (TypeError, ValueError) as problem:
        raise BlockError(f"{file}: {problem}") from problem
