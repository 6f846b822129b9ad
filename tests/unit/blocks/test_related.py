"""The pure parts of related news: double headlines, groups, shares, reading order."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime

import pytest
from pydantic import ValidationError

from blocks.related.grouping import SLACK
from blocks.related.grouping import allot
from blocks.related.grouping import candidates_of
from blocks.related.grouping import group_order
from blocks.related.grouping import limits_of
from blocks.related.grouping import reading_order
from blocks.related.grouping import similar_of
from blocks.related.grouping import without_doubles
from blocks.related.settings import Groups
from blocks.related.settings import GroupSettings
from blocks.related.settings import RelatedSettings
from portal.content.values import ArticleSummary
from portal.content.values import Moment


def summary(number: int, headline: str = "", day: int = 1) -> ArticleSummary:
    return ArticleSummary(
        id=number,
        kind="article",
        locale="vi",
        headline=headline or f"Tin số {number}",
        lead="",
        path=f"/tin-{number}",
        published=Moment(datetime(2026, 11, day, tzinfo=UTC), "minute", "Asia/Ho_Chi_Minh"),
        section=None,
        image=None,
    )


# Double headlines


def test_double_of_the_current_article_or_of_an_earlier_group_is_dropped() -> None:
    groups = {
        "topic": [summary(1, "Khánh thành cầu Bến Ngàn"), summary(2, "Lễ hội chè")],
        "similar": [summary(3, "LỄ HỘI CHÈ"), summary(4, "Giá chè tăng")],
    }
    kept = without_doubles(groups, "Khánh thành cầu Bến Ngàn")
    assert [article.id for article in kept["topic"]] == [2]
    assert [article.id for article in kept["similar"]] == [4]


# Groups


def test_groups_follow_the_order_of_methods() -> None:
    settings = RelatedSettings(methods=("section", "text", "tags", "pinned"))
    assert group_order(settings) == ("newer", "older", "similar", "pinned")


def test_disabled_group_neither_appears_nor_is_asked_for() -> None:
    settings = RelatedSettings(groups=Groups(newer=GroupSettings(enabled=False)))
    assert "newer" not in group_order(settings)
    assert candidates_of(settings, "newer") == 0
    assert candidates_of(settings, "older") > 0


def test_only_named_methods_are_asked_for() -> None:
    assert limits_of(RelatedSettings(methods=("tags", "section"), limit=4)) == {"tags": 4 + SLACK}


def test_fallback_asks_for_the_newest() -> None:
    limits = limits_of(RelatedSettings(methods=("pinned",), fallback="latest"))
    assert set(limits) == {"pinned", "latest"}


def test_similar_articles_are_those_of_the_first_method_first() -> None:
    settings = RelatedSettings(methods=("text", "tags"))
    assert similar_of({"tags": (1, 2), "text": (2, 3)}, settings) == (2, 3, 1)


def test_newest_of_newer_articles_stands_on_top() -> None:
    chosen = [summary(10, day=10), summary(20, day=20)]
    assert [article.id for article in reading_order("newer", chosen)] == [20, 10]


@pytest.mark.parametrize("name", ["pinned", "similar"])
def test_order_of_editors_and_scores_is_kept(name: str) -> None:
    articles = [summary(1, day=1), summary(2, day=20)]
    assert [article.id for article in reading_order(name, articles)] == [1, 2]


def test_articles_of_one_moment_stand_in_a_fixed_order() -> None:
    articles = [summary(4), summary(9), summary(7)]
    assert [article.id for article in reading_order("older", articles)] == [9, 7, 4]


# Shares


def shares(found: dict[str, tuple[int, ...]], settings: RelatedSettings) -> list[tuple[str, int]]:
    return [
        (group.name, group.limit) for group in allot(lambda name: found.get(name, ()), settings)
    ]


def test_groups_together_keep_within_the_limit() -> None:
    settings = RelatedSettings(methods=("pinned", "tags", "section"), limit=6)
    found = {"pinned": (1,), "similar": (2, 3, 4, 5, 6, 7, 8), "older": (9, 10)}
    assert shares(found, settings) == [("pinned", 1), ("similar", 5)]


def test_groups_without_room_are_not_looked_for() -> None:
    asked: list[str] = []

    def fetch(name: str) -> tuple[int, ...]:
        asked.append(name)
        return (1, 2, 3)

    allot(fetch, RelatedSettings(methods=("tags", "section"), limit=3))
    assert asked == ["similar"]


def test_article_found_twice_stays_in_its_first_group() -> None:
    found = {"pinned": (1,), "topic": (1, 2), "older": (2, 3)}
    groups = allot(
        lambda name: found.get(name, ()), RelatedSettings(methods=("pinned", "topic", "section"))
    )
    assert [(group.name, group.ids) for group in groups] == [
        ("pinned", (1,)),
        ("topic", (2,)),
        ("older", (3,)),
    ]


def test_group_keeps_within_its_own_limit_and_keeps_its_slack() -> None:
    settings = RelatedSettings(methods=("tags",), groups=Groups(similar=GroupSettings(limit=2)))
    (group,) = allot(lambda name: (1, 2, 3, 4), settings)
    assert group.limit == 2
    assert group.ids == (1, 2, 3, 4)


def test_nothing_found_gives_no_group() -> None:
    assert shares({}, RelatedSettings()) == []


@pytest.mark.parametrize(
    ("min_total", "expected"),
    [(1, [("pinned", 1)]), (2, [("pinned", 1), ("latest", 3)])],
    ids=["enough", "too few"],
)
def test_newest_articles_fill_up_where_there_are_too_few(
    min_total: int, expected: list[tuple[str, int]]
) -> None:
    settings = RelatedSettings(methods=("pinned",), limit=4, min_total=min_total, fallback="latest")
    assert shares({"pinned": (1,), "latest": (1, 5, 6, 7, 8)}, settings) == expected


# Settings


@pytest.mark.parametrize(
    "values",
    [
        {"methods": ["tags", "tags"]},
        {"methods": []},
        {"methods": ["similar"]},
        {"limit": 0},
        {"groups": {"topic": {"limit": 21}}},
        {"groups": {"friends": {}}},
        {"max_age": "30"},
    ],
    ids=["twice", "none", "unknown", "no room", "too many", "unknown group", "no unit"],
)
def test_mistaken_settings_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RelatedSettings.model_validate(values)


def test_settings_survive_a_round_trip() -> None:
    settings = RelatedSettings.model_validate(
        {"max_age": "365d", "groups": {"topic": {"title": {"vi": "Diễn biến"}, "max_age": "30d"}}}
    )
    assert RelatedSettings.model_validate_json(settings.model_dump_json()) == settings
    assert '"max_age":"365d"' in settings.model_dump_json()
