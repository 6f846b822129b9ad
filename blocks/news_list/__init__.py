"""A page's list of articles: of a section, tag, topic, author or time; newest first, paged."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import Annotated
from typing import Literal

from pydantic import Field

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import NoSuchPage
from portal.block import Settings
from portal.block import describe_list
from portal.block import page_path
from portal.content import queries
from portal.content.values import ArticleSummary
from portal.content.values import Collection
from portal.content.values import ListPage
from portal.content.values import Section
from portal.content.values import Translation


class NewsListSettings(Settings):
    """How the page's list is cut into pages and shown."""

    headline: bool = True
    """Show the list's name as the page's title."""
    description: bool = True
    """Show the description, where the list has one, on its first page."""
    per_page: Annotated[int, Field(ge=1, le=100)] = 12
    """Articles on a page."""
    include_subsections: bool = True
    """In a section, list what stands in the sections below it too."""
    style: Literal["list", "cards"] = "list"
    """One article a row, or cards side by side."""
    show_lead: bool = True
    """Show the lead of each article."""
    show_image: bool = True
    """Show pictures; an article without one becomes a text row."""
    show_date: bool = True
    """Show the day of publication."""
    show_subsections: bool = True
    """In a section, offer links to the sections directly below it."""
    show_feed: bool = True
    """Below the list, lead to its feed; the archive has none."""
    empty_text: dict[str, str] = {}
    """Sentence for a list without articles, by language; empty uses the block's own."""


block = Block(
    "news_list",
    __name__,
    settings=NewsListSettings,
    needs={
        "collection": Collection,
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
    settings, shown, number = ctx.settings, ctx.collection, ctx.page_number
    listed = queries.list_collection(
        ctx.reader,
        shown.kind,
        shown.key,
        number,
        settings.per_page,
        include_subsections=settings.include_subsections,
    )
    if number > max(listed.pages, 1):
        raise NoSuchPage(f"{shown.kind} {shown.key!r} has {listed.pages} pages, not {number}")
    name = name_of(shown, ctx.text)
    articles = queries.summaries(ctx.reader, listed.ids)
    if settings.headline:
        _describe(ctx, shown, name, listed, articles)
    return {
        "name": name,
        "collection": shown,
        "listed": listed,
        "articles": articles,
        "subsections": _subsections(ctx, shown) if settings.show_subsections else (),
        "empty_text": ctx.site.text(settings.empty_text, ctx.locale) or ctx.text("empty"),
        "card_options": {
            "show_image": settings.show_image,
            "show_lead": settings.show_lead,
            "show_date": settings.show_date,
        },
    }


def name_of(shown: Collection, text: Callable[..., str]) -> str:
    """What the list is called; `text` gives the words of the reader's language."""
    if shown.kind == "section":
        return shown.name
    if shown.kind != "archive":
        return text(f"name_{shown.kind}", name=shown.name)
    year, month, day = (*shown.key.split("-"), "", "")[:3]
    if not shown.key:
        return text("archive_all")
    if day:
        return text("archive_day", day=int(day), month=text(f"month_{month}"), year=year)
    if month:
        return text("archive_month", month=text(f"month_{month}"), year=year)
    return text("archive_year", year=year)


def _describe(
    ctx: Context,
    shown: Collection,
    name: str,
    listed: ListPage,
    articles: Sequence[ArticleSummary],
) -> None:
    """Name the page; a later page says its number, so that no two have one title."""
    number, title = listed.number, name
    if number > 1:
        title = ctx.text("title_of_page", name=name, number=number)
    ctx.describe_page(
        title=title,
        description=shown.description or ctx.text("description", count=listed.total, name=name),
        path=page_path(shown.path, number),
    )
    ctx.head.json_ld("CollectionPage", _structured(ctx, shown, title, listed, articles))
    if shown.kind != "archive":
        ctx.offer_feeds(shown.path, f"{name} – {ctx.site.text(ctx.site.name, ctx.locale)}")
    if number > 1:
        ctx.head.link("prev", ctx.absolute(page_path(shown.path, number - 1)))
    if number < listed.pages:
        ctx.head.link("next", ctx.absolute(page_path(shown.path, number + 1)))


def _structured(
    ctx: Context,
    shown: Collection,
    title: str,
    listed: ListPage,
    articles: Sequence[ArticleSummary],
) -> str:
    """The page and its list for machines; an author's list is about that author."""
    more: dict[str, object] = {}
    if shown.description:
        more["description"] = shown.description
    if shown.kind == "author":
        more["about"] = {"@type": "Thing", "name": shown.name}
    before = (listed.number - 1) * ctx.settings.per_page
    path = page_path(shown.path, listed.number)
    items = [(article.headline, article.path) for article in articles]
    return describe_list(ctx, title, path, listed.total, before, items, **more)


def _subsections(ctx: Context, shown: Collection) -> list[Section]:
    if shown.kind != "section":
        return []
    tree = queries.section_tree(ctx.reader)
    own = next(item for item in tree if item.key == shown.key)
    return [item for item in tree if item.parent_id == own.id]
