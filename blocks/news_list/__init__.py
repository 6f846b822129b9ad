"""The articles of a section, newest first, page by page, under the section's name."""

from __future__ import annotations

from typing import Annotated
from typing import Literal

from pydantic import Field

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import NoSuchPage
from portal.block import Settings
from portal.content import queries
from portal.content.values import ListPage
from portal.content.values import Section
from portal.content.values import Translation


class NewsListSettings(Settings):
    """How a section's list is cut into pages and shown."""

    headline: bool = True
    """Show the section's name as the page's title."""
    description: bool = True
    """Show the section's description on its first page."""
    per_page: Annotated[int, Field(ge=1, le=100)] = 12
    """Articles on a page."""
    include_subsections: bool = True
    """List what stands in the sections below this one too."""
    style: Literal["list", "cards"] = "list"
    """One article a row, or cards side by side."""
    show_lead: bool = True
    """Show the lead of each article."""
    show_image: bool = True
    """Show pictures; an article without one becomes a text row."""
    show_date: bool = True
    """Show the day of publication."""
    show_subsections: bool = True
    """Offer links to the sections directly below this one."""
    empty_text: dict[str, str] = {}
    """Sentence for a section without articles, by language; empty uses the block's own."""


block = Block(
    "news_list",
    __name__,
    settings=NewsListSettings,
    needs={
        "section": Section,
        "page_number": int,
        "translations": tuple[Translation, ...],
    },
    cache=CachePolicy(fresh="1h", stale="1d"),
    aliases=("Block_BanTin_NewsList",),
    headline=lambda settings: settings.headline,
)

Context = BlockContext[NewsListSettings]


@block.render
def render(ctx: Context) -> dict[str, object]:
    """One page of the list; raise `NoSuchPage` for a number beyond its end."""
    settings, section, number = ctx.settings, ctx.section, ctx.page_number
    listed = queries.list_section(
        ctx.reader,
        section.key,
        number,
        settings.per_page,
        include_subsections=settings.include_subsections,
    )
    if number > max(listed.pages, 1):
        raise NoSuchPage(f"section {section.key!r} has {listed.pages} pages, not {number}")
    if settings.headline:
        _describe(ctx, section, listed)
    return {
        "section": section,
        "listed": listed,
        "articles": queries.summaries(ctx.reader, listed.ids),
        "subsections": _subsections(ctx, section) if settings.show_subsections else (),
        "empty_text": ctx.site.text(settings.empty_text, ctx.locale) or ctx.text("empty"),
        "card_options": {
            "show_image": settings.show_image,
            "show_lead": settings.show_lead,
            "show_date": settings.show_date,
        },
    }


def _describe(ctx: Context, section: Section, listed: ListPage) -> None:
    """Name the page; a later page says its number, so that no two have one title."""
    number = listed.number
    title = section.name
    if number > 1:
        title = ctx.text("title_of_page", section=section.name, number=number)
    ctx.describe_page(
        title=title, description=section.description, path=page_path(section.path, number)
    )
    if number > 1:
        ctx.head.link("prev", ctx.absolute(page_path(section.path, number - 1)))
    if number < listed.pages:
        ctx.head.link("next", ctx.absolute(page_path(section.path, number + 1)))


def page_path(path: str, number: int) -> str:
    """The address of page `number` of a list at `path`; the first page has no query."""
    return path if number == 1 else f"{path}?page={number}"


def _subsections(ctx: Context, section: Section) -> list[Section]:
    tree = queries.section_tree(ctx.reader)
    return [item for item in tree if item.parent_id == section.id]
