"""Related news: pinned, of the same topic, similar, newer and older, each under its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from blocks.related.grouping import SLACK
from blocks.related.grouping import Ids
from blocks.related.grouping import allot
from blocks.related.grouping import count_shown
from blocks.related.grouping import group_order
from blocks.related.grouping import limits_of
from blocks.related.grouping import reading_order
from blocks.related.grouping import sort_into_groups
from blocks.related.grouping import without_doubles
from blocks.related.settings import RelatedSettings
from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Group
from portal.content import queries
from portal.content.values import Article
from portal.content.values import ArticleSummary
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
    settings = ctx.settings
    found = queries.related_candidates(ctx.reader, ctx.article, limits_of(settings))
    groups = _fitting(ctx, sort_into_groups(found, settings))
    allotted = allot(groups, settings)
    if not _wants_latest(settings, count_shown(allotted)):
        return allotted
    latest = queries.latest(ctx.reader, settings.limit + SLACK)
    known = {number for ids in groups.values() for number in ids} | {ctx.article.id}
    groups["latest"] = tuple(number for number in latest if number not in known)
    return allot(_fitting(ctx, groups), settings)


def _wants_latest(settings: RelatedSettings, found: int) -> bool:
    if "latest" in group_order(settings):
        return found < settings.limit
    return settings.fallback == "latest" and found < settings.min_total


def _fitting(ctx: Context, groups: Mapping[str, Ids]) -> dict[str, Ids]:
    """The groups without what their own conditions refuse; costs nothing where there are none."""
    fitting: dict[str, Ids] = {}
    for name, ids in groups.items():
        group = ctx.settings.groups.of(name)
        if group.require_image or group.max_age is not None:
            ids = tuple(
                article.id
                for article in queries.summaries(ctx.reader, ids)
                if (article.image or not group.require_image)
                and not (
                    group.max_age is not None
                    and ctx.clock.has_passed(article.published.at + group.max_age)
                )
            )
        fitting[name] = ids
    return fitting


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
