"""What a site builder may set of the related news."""

from __future__ import annotations

from typing import Annotated
from typing import Literal

from pydantic import AfterValidator
from pydantic import Field

from portal.block import Duration
from portal.block import Settings

Method = Literal["pinned", "topic", "tags", "text", "section", "latest"]
GroupName = Literal["pinned", "topic", "similar", "newer", "older", "latest"]

GROUPS_OF: dict[Method, tuple[GroupName, ...]] = {
    "pinned": ("pinned",),
    "topic": ("topic",),
    "tags": ("similar",),
    "text": ("similar",),
    "section": ("newer", "older"),
    "latest": ("latest",),
}
"""The groups that show what a method finds."""


def _each_once(methods: tuple[Method, ...]) -> tuple[Method, ...]:
    repeated = sorted({method for method in methods if methods.count(method) > 1})
    if repeated:
        raise ValueError(f"{', '.join(repeated)} stands more than once; name each method once")
    return methods


class GroupSettings(Settings):
    """One group of related articles: those found for the same reason."""

    enabled: bool = True
    """Show this group at all."""
    title: dict[str, str] = {}
    """Heading by language; empty uses the block's own."""
    limit: Annotated[int, Field(ge=1, le=20)] = 5
    """Most articles in this group."""
    max_age: Duration | None = None
    """Oldest article in this group, such as `365d`; none takes the block's `max_age`."""
    require_image: bool = False
    """Take only articles with a picture."""


class Groups(Settings):
    """Settings of each group."""

    pinned: GroupSettings = GroupSettings()
    """Articles an editor pinned to this one, in the editor's order."""
    topic: GroupSettings = GroupSettings()
    """Articles of the same topic, as a timeline."""
    similar: GroupSettings = GroupSettings()
    """Articles that share tags or words with this one."""
    newer: GroupSettings = GroupSettings()
    """The next newer articles of the section."""
    older: GroupSettings = GroupSettings()
    """The next older articles of the section."""
    latest: GroupSettings = GroupSettings()
    """The newest articles of the site."""

    def of(self, name: str) -> GroupSettings:
        """The settings of one group."""
        group: GroupSettings = getattr(self, name)
        return group


class RelatedSettings(Settings):
    """How related articles are found, grouped and shown."""

    methods: Annotated[
        tuple[Method, ...],
        AfterValidator(_each_once),
        Field(min_length=1, json_schema_extra={"uniqueItems": True}),
    ] = ("pinned", "topic", "tags", "text", "section", "latest")
    """Ways to find articles, the most telling first; an article found twice keeps the first."""
    limit: Annotated[int, Field(ge=1, le=40)] = 6
    """Most articles shown in all groups together."""
    groups: Groups = Groups()
    """Titles, counts and conditions of single groups."""
    title: dict[str, str] = {}
    """Heading of the block by language; empty uses the block's own."""
    headings: Literal["groups", "one"] = "groups"
    """A heading that says why for each group, or one list without reasons."""
    layout: Literal["list", "cards", "two-column"] = "list"
    """Headlines, cards with pictures, or groups side by side."""
    show_date: bool = True
    """Show the day of publication."""
    show_image: bool = True
    """Show pictures, in the layout `cards`; an article without one becomes a text card."""
    show_lead: bool = False
    """Show the lead, in the layout `cards`."""
    show_section: bool = False
    """Show the section's name, in the layout `cards`."""
    include_subsections: bool = False
    """For `section`: look into the sections below the article's own too."""
    max_age: Duration | None = None
    """Oldest article shown, such as `365d`; none shows any."""
    min_total: Annotated[int, Field(ge=1, le=20)] = 1
    """With fewer articles than this, `fallback` decides."""
    fallback: Literal["latest", "none"] = "none"
    """Fill up with the newest articles of the site, or show nothing."""
    more_link: bool = False
    """End with a link to the article's section."""
