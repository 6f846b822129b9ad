"""What a search found: the count as title, results with their hits marked, ways to narrow it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace
from typing import Annotated
from typing import Literal

from pydantic import Field

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Settings
from portal.block import format_number
from portal.content import queries
from portal.content.values import SearchFacet
from portal.content.values import SearchQuery
from portal.content.values import SearchResults
from portal.content.values import Section
from portal.content.values import Translation

FacetName = Literal["section", "year", "kind"]


class SearchResultsSettings(Settings):
    """How results are listed."""

    per_page: Annotated[int, Field(ge=1, le=50)] = 10
    """Results on a page."""
    facets: tuple[FacetName, ...] = ("section", "year", "kind")
    """Ways to narrow the search that are offered, in this order."""
    show_snippet: bool = True
    """Show the place in the text that fits."""
    show_section: bool = True
    """Show the section of each result."""
    show_date: bool = True
    """Show the day of publication of each result."""


block = Block(
    "search_results",
    __name__,
    settings=SearchResultsSettings,
    needs={"search": SearchQuery, "translations": tuple[Translation, ...]},
    # Few readers ask the same: the results stay where they were made, and not for long.
    cache=CachePolicy(fresh="60s", stale="5m", shared=False),
    aliases=("Block_KetQuaTimKiem",),
    headline=lambda settings: True,
)

Context = BlockContext[SearchResultsSettings]


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet as a link: to the narrowed search, or back where it is chosen."""

    name: str
    path: str
    count: int | None
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A way to narrow the search, with its values."""

    name: FacetName
    choices: tuple[Choice, ...]


@block.render
def render(ctx: Context) -> dict[str, object]:
    """A page of results, or what helps to get some."""
    query = ctx.search
    found = queries.search(ctx.reader, query, ctx.settings.per_page)
    title = _title(ctx, query, found)
    ctx.describe_page(
        title=title,
        description="",
        path=_path(ctx, SearchQuery(query.text)),
        schema="SearchResultsPage",
    )
    if query != SearchQuery():
        # The empty form may be found by search engines; lists of results would only compete
        # with the pages in them.
        ctx.head.only_meta("robots", "noindex")
    suggestion = found.suggestion
    whole = SearchQuery(query.text)
    return {
        "page_title": title,
        "query": query,
        "found": found,
        "facets": _facets(ctx, query, found),
        "is_narrowed": replace(query, after=None) != whole,
        "first_path": _path(ctx, replace(query, after=None)),
        "next_path": _path(ctx, replace(query, after=found.after)) if found.after else "",
        "whole_path": _path(ctx, whole) if query != whole else "",
        "suggestion_path": _path(ctx, SearchQuery(suggestion)) if suggestion else "",
        "sections": _top_sections(ctx) if not found.hits else (),
    }


def _title(ctx: Context, query: SearchQuery, found: SearchResults) -> str:
    if not query.text:
        return ctx.text("title")
    number = format_number(found.total, ctx.locale)
    count = ctx.text("more_than", number=number) if found.has_more else number
    return ctx.text("title_results", words=query.text, count=count)


def _path(ctx: Context, query: SearchQuery) -> str:
    return queries.search_path(ctx.reader, query)


def _top_sections(ctx: Context) -> tuple[Section, ...]:
    tree = queries.section_tree(ctx.reader)
    return tuple(section for section in tree if section.parent_id is None)


def _facets(ctx: Context, query: SearchQuery, found: SearchResults) -> tuple[Facet, ...]:
    """The facets that leave a choice, or in which one was made."""
    facets = []
    for name in ctx.settings.facets:
        choices = (*_chosen(ctx, query, name), *_offered(ctx, query, name, found))
        if choices and (len(choices) > 1 or choices[0].is_chosen):
            facets.append(Facet(name, choices))
    return tuple(facets)


def _chosen(ctx: Context, query: SearchQuery, name: FacetName) -> Iterable[Choice]:
    """What was chosen already, as a link that takes the choice back."""
    path = _path(ctx, _narrowed(query, name, None))
    if name == "section" and query.section is not None:
        section = queries.find_section(ctx.reader, query.section)
        if section is not None:
            yield Choice(section.name, path, None, True)
    elif name == "year" and query.year is not None:
        yield Choice(str(query.year), path, None, True)
    elif name == "kind" and query.kind is not None:
        yield Choice(ctx.text(f"kind_{query.kind}"), path, None, True)


def _offered(
    ctx: Context, query: SearchQuery, name: FacetName, found: SearchResults
) -> Iterable[Choice]:
    values = {"section": found.sections, "year": found.years, "kind": found.kinds}[name]
    for value in values:
        if value.value in {str(query.year), query.kind}:
            continue
        path = _path(ctx, _narrowed(query, name, value))
        label = ctx.text(f"kind_{value.value}") if name == "kind" else value.name
        yield Choice(label, path, value.count, False)


def _narrowed(query: SearchQuery, name: FacetName, facet: SearchFacet | None) -> SearchQuery:
    """The search with another value of a facet, from its first page on."""
    value = facet.value if facet is not None else None
    if name == "section":
        return replace(query, section=value, after=None)
    if name == "year":
        return replace(query, year=int(value) if value else None, after=None)
    return replace(
        query,
        kind="page" if value == "page" else "article" if value == "article" else None,
        after=None,
    )
