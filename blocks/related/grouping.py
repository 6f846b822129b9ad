"""Sorts what was found into groups: under which heading, how many, in which order."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping

from blocks.related.settings import GROUPS_OF
from blocks.related.settings import GroupName
from blocks.related.settings import RelatedSettings
from portal.block import Group
from portal.block import similar_titles
from portal.content.values import ArticleSummary
from portal.content.values import RelatedReason

SLACK = 12
"""More candidates a group than it shows: other blocks of the page show some of them already."""

Ids = tuple[int, ...]


def group_order(settings: RelatedSettings) -> tuple[GroupName, ...]:
    """The groups that may appear, in the order of the methods that fill them."""
    names = dict.fromkeys(name for method in settings.methods for name in GROUPS_OF[method])
    return tuple(name for name in names if settings.groups.of(name).enabled)


def limits_of(settings: RelatedSettings) -> dict[RelatedReason, int]:
    """How many candidates to ask for, by reason; neighbours in the section are asked for apart."""
    order = group_order(settings)
    limits: dict[RelatedReason, int] = {
        method: candidates_of(settings, GROUPS_OF[method][0])
        for method in settings.methods
        if method != "section" and GROUPS_OF[method][0] in order
    }
    if settings.fallback == "latest":
        limits["latest"] = candidates_of(settings, "latest")
    return limits


def candidates_of(settings: RelatedSettings, name: GroupName) -> int:
    """How many candidates a group needs: what it may show, and slack."""
    if name not in group_order(settings) and name != "latest":
        return 0
    return min(settings.groups.of(name).limit, settings.limit) + SLACK


def similar_of(found: Mapping[RelatedReason, Ids], settings: RelatedSettings) -> Ids:
    """What `tags` and `text` found, that of the method named first before the other's."""
    ids = [
        number
        for method in settings.methods
        if "similar" in GROUPS_OF[method]
        for number in found.get(method, ())
    ]
    return tuple(dict.fromkeys(ids))


def allot(fetch: Callable[[GroupName], Ids], settings: RelatedSettings) -> tuple[Group, ...]:
    """The groups with the number each may show, so that all together keep within `limit`.

    `fetch` gives the candidates of a group, best first; it is asked only while there is room. An
    article found twice stays in its first group. All candidates of a group stay in it as slack,
    for the page to take out what it shows elsewhere.
    """
    left = settings.limit
    used: set[int] = set()
    groups: list[Group] = []

    def take(name: GroupName) -> None:
        nonlocal left
        ids = tuple(number for number in dict.fromkeys(fetch(name)) if number not in used)
        used.update(ids)
        share = min(settings.groups.of(name).limit, len(ids), left)
        if share:
            groups.append(Group(name, ids, share))
            left -= share

    for name in group_order(settings):
        if left:
            take(name)
    if settings.fallback == "latest" and settings.limit - left < settings.min_total:
        take("latest")
    return tuple(groups)


def without_doubles(
    groups: Mapping[str, Iterable[ArticleSummary]], headline: str
) -> dict[str, list[ArticleSummary]]:
    """The groups without articles whose headline nearly equals `headline` or an earlier one."""
    known = [headline]
    kept: dict[str, list[ArticleSummary]] = {}
    for name, articles in groups.items():
        kept[name] = []
        for article in articles:
            if not any(similar_titles(article.headline, title) for title in known):
                known.append(article.headline)
                kept[name].append(article)
    return kept


def reading_order(name: str, articles: Iterable[ArticleSummary]) -> tuple[ArticleSummary, ...]:
    """How a group is shown: newest first, except where an editor or a score made the order."""
    if name in {"pinned", "similar"}:
        return tuple(articles)
    return tuple(
        sorted(articles, key=lambda article: (article.published.at, article.id), reverse=True)
    )
