"""A small set of blocks and templates, enough to show every rule of the layout language."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator

from portal.field_help import Explained
from portal.layouts import BlockSpec

CORPUS = Path(__file__).parents[2] / "layout_corpus"

Files = Mapping[str, str]


class Settings(Explained):
    """As blocks declare them: immutable, nothing unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class HeaderSettings(Settings):
    headline: bool = False
    """Whether the site's name is the page's title."""


class ToolbarSettings(Settings):
    tools: tuple[Literal["date", "text_size", "listen", "print", "share"], ...] = ("date", "print")
    """Tools in order."""


class ViewdataSettings(Settings):
    show: tuple[Literal["headline", "lead", "body"], ...] = ("headline", "lead", "body")
    """Parts in order."""


class GroupSettings(Settings):
    title: str = ""
    """Heading of the group."""
    limit: int = 3
    """Most articles."""


class RelatedSettings(Settings):
    limit: int = Field(default=6, ge=1, le=20)
    """Most articles in all."""
    methods: tuple[Literal["pinned", "topic", "tags"], ...] = ("pinned", "topic")
    """Ways to find articles, in order."""
    title: dict[str, str] = {}
    """Heading by language."""
    topic: GroupSettings = GroupSettings()
    """The group of the same topic."""
    width: int | Literal["auto"] = "auto"
    """Columns."""
    code: str = Field(default="", pattern="^[a-z]*$")
    """A short mark."""
    weight: float = 1.0
    """Share of the row."""
    groups: dict[str, GroupSettings] = {}
    """Further groups."""


class LatestSettings(Settings):
    limit: int = 5
    """Most articles."""
    sections: tuple[str, ...] = ()
    """Slug paths."""
    first: int = 0
    """Number of the first article."""

    @model_validator(mode="after")
    def _fits(self) -> LatestSettings:
        if self.first > self.limit:
            raise ValueError("first must not be above limit")
        return self


class PollSettings(Settings):
    question: str = ""
    """What is asked."""


class MapSettings(Settings):
    place: str
    """Place to show."""
    points: tuple[int, ...] = Field(default=(), max_length=3)
    """Heights."""


class NoSettings(Settings):
    pass


def _rename_count(settings: dict[str, object]) -> dict[str, object]:
    if "count" in settings:
        settings["limit"] = settings.pop("count")
    if settings.get("sections") == "all":
        settings["sections"] = []
    settings.pop("shadow", None)
    return settings


def _break(settings: dict[str, object]) -> dict[str, object]:
    return {"question": settings["text"]}


SPECS = {
    spec.name: spec
    for spec in (
        BlockSpec("site_header", HeaderSettings, headline=lambda settings: settings.headline),
        BlockSpec(
            "toolbar",
            ToolbarSettings,
            needs=frozenset({"article"}),
            aliases=("Block_BanTin_Toolbar",),
            summary="Tools for reading an article.",
        ),
        BlockSpec(
            "viewdata",
            ViewdataSettings,
            needs=frozenset({"article"}),
            aliases=("Block_BanTin_ViewData",),
            headline=lambda settings: "headline" in settings.show,
        ),
        BlockSpec(
            "related",
            RelatedSettings,
            needs=frozenset({"article"}),
            aliases=("Block_BanTin_Related",),
            inputs=frozenset({"exclude"}),
            outputs=frozenset({"shown"}),
        ),
        BlockSpec(
            "latest",
            LatestSettings,
            version=2,
            migrations={1: _rename_count},
            inputs=frozenset({"exclude"}),
            outputs=frozenset({"shown"}),
        ),
        BlockSpec("banner", NoSettings),
        BlockSpec("map", MapSettings),
        BlockSpec("poll", PollSettings, version=3, migrations={1: _break}),
        BlockSpec(
            "news_list",
            NoSettings,
            needs=frozenset({"section", "page_number"}),
            headline=lambda settings: True,
        ),
        BlockSpec(
            "error_message",
            NoSettings,
            needs=frozenset({"failure"}),
            headline=lambda settings: True,
        ),
    )
}

TEMPLATES = {
    "bare": ("header", "main", "footer"),
    "page": ("header", "top", "main", "aside", "footer"),
    "print": ("main", "footer"),
}


def write_site(folder: Path, files: Files) -> Path:
    """The complete site of the corpus with these files written over it."""
    shutil.copytree(CORPUS / "site", folder, dirs_exist_ok=True)
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder
