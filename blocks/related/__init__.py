"""Related news: pinned, of the same topic, similar, newer and older, each under its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from blocks.related.grouping import Ids
from blocks.related.grouping import allot
from blocks.related.grouping import candidates_of
from blocks.related.grouping import limits_of
from blocks.related.grouping import reading_order
from blocks.related.grouping import similar_of
from blocks.related.grouping import without_doubles
from blocks.related.settings import GroupName
from blocks.related.settings import RelatedSettings
from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Group
from portal.content import queries
from portal.content.values import Article
from portal.content.values import ArticleSummary
from portal.content.values import RelatedReason
from portal.content.values import SectionReference

block = Block(
    "related",
    __name__,
    settings=RelatedSettings,
    needs={"article": Article},
    cache=CachePolicy(fresh="10m", stale="1h"),
    aliases=("Block_BanTin_Related",),
)

Context = BlockContext[RelatedSettings]


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group as the template shows it."""

    name: str
    title: str
    articles: tuple[ArticleSummary, ...]


@block.resolve
def resolve(ctx: Context) -> tuple[Group, ...]:
    """Candidates by group, with the number each group may show."""
    found = queries.related_candidates(ctx.reader, ctx.article, limits_of(ctx.settings))
    return allot(lambda name: _fitting(ctx, name, _candidates(ctx, name, found)), ctx.settings)


def _candidates(ctx: Context, name: GroupName, found: Mapping[RelatedReason, Ids]) -> Ids:
    """The ids of a group, the one to keep first when there is room for few.

    Of newer articles that is the closest; `reading_order` puts the newest on top again.
    """
    if name == "similar":
        return similar_of(found, ctx.settings)
    if name == "newer":
        return _neighbours(ctx)[0][::-1]
    if name == "older":
        return _neighbours(ctx)[1]
    return found.get(name, ())


def _neighbours(ctx: Context) -> tuple[Ids, Ids]:
    """Newer and older candidates of the section: one statement, whichever is asked for first."""
    return queries.beside_in_section(
        ctx.reader,
        ctx.article,
        candidates_of(ctx.settings, "newer"),
        candidates_of(ctx.settings, "older"),
        include_subsections=ctx.settings.include_subsections,
    )


def _fitting(ctx: Context, name: GroupName, ids: Ids) -> Ids:
    """The ids that meet the group's conditions; costs nothing where there are none."""
    group = ctx.settings.groups.of(name)
    oldest = group.max_age or ctx.settings.max_age
    if oldest is None and not group.require_image:
        return ids
    if name == "newer" or name == "older":
        ctx.reader.expected.update(*_neighbours(ctx))
    return tuple(
        article.id
        for article in queries.summaries(ctx.reader, ids)
        if (article.image or not group.require_image)
        and (oldest is None or not ctx.clock.has_passed(article.published.at + oldest))
    )


@block.render
def render(ctx: Context) -> dict[str, object] | None:
    """The chosen articles by group; nothing where fewer than `min_total` are left."""
    settings = ctx.settings
    groups = _shown_groups(ctx)
    total = sum(len(group.articles) for group in groups)
    if total < settings.min_total:
        return None
    if settings.headings == "one":
        groups = [ShownGroup("all", "", tuple(item for group in groups for item in group.articles))]
    heading = ctx.site.text(settings.title, ctx.locale)
    if not heading and len(groups) == 1:
        heading = groups[0].title
    return {
        "heading_text": heading or ctx.text("title"),
        "groups": groups,
        "section": _section(ctx),
        "card_options": {
            "show_image": settings.show_image,
            "show_lead": settings.show_lead,
            "show_section": settings.show_section,
            "show_date": settings.show_date,
        },
    }


def _shown_groups(ctx: Context) -> list[ShownGroup]:
    chosen = ctx.chosen
    ids = tuple(number for group in chosen.values() for number in group)
    articles = {article.id: article for article in queries.summaries(ctx.reader, ids)}
    groups = without_doubles(
        {
            name: [articles[number] for number in group if number in articles]
            for name, group in chosen.items()
        },
        ctx.article.headline,
    )
    return [
        ShownGroup(name, _group_title(ctx, name), reading_order(name, group))
        for name, group in groups.items()
        if group
    ]


def _group_title(ctx: Context, name: str) -> str:
    return ctx.site.text(ctx.settings.groups.of(name).title, ctx.locale) or ctx.text(
        f"group_{name}"
    )


def _section(ctx: Context) -> SectionReference | None:
    section = ctx.article.section
    return section.reference if section and ctx.settings.more_link else None
