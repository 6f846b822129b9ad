"""Who sees a placement, and when that answer changes by itself."""

from __future__ import annotations

import re
from datetime import UTC
from datetime import date
from datetime import datetime

import pytest

from portal.layouts import Condition
from portal.layouts import PageFacts
from portal.layouts.conditions import All
from portal.layouts.conditions import Any
from portal.layouts.conditions import Between
from portal.layouts.conditions import Everywhere
from portal.layouts.conditions import HasTag
from portal.layouts.conditions import InLocale
from portal.layouts.conditions import InSection
from portal.layouts.conditions import IsPageType
from portal.layouts.conditions import Not
from portal.layouts.conditions import Nowhere
from portal.layouts.conditions import decide

NOON = datetime(2027, 2, 1, 5, tzinfo=UTC)
PAGE = PageFacts("article", "vi", "tin-tuc/cai-cach-hanh-chinh", frozenset({"thu-tuc", "so-hoa"}))
TET = Between(date(2027, 1, 28), date(2027, 2, 15), "Asia/Ho_Chi_Minh")


def spell(value: object) -> str:
    """A case's name, with sets in order, so that every test process names it alike."""
    in_order = lambda match: ", ".join(sorted(match[1].split(", ")))  # noqa: E731 - one use
    return re.sub(r"(?<=\{)([^{}]*)(?=\})", in_order, repr(value))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (InSection(("tin-tuc/cai-cach-hanh-chinh",)), True),
        (InSection(("thong-bao", "tin-tuc")), True),
        (InSection(("tin",)), False),
        (InSection(("tin-tuc/cai-cach-hanh-chinh/mot-cua",)), False),
        (HasTag(frozenset({"so-hoa", "cao-pho"})), True),
        (HasTag(frozenset({"cao-pho"})), False),
        (InLocale(frozenset({"en"})), False),
        (IsPageType(frozenset({"article", "print"})), True),
        (TET, True),
        (All((TET, InLocale(frozenset({"vi"})))), True),
        (All((TET, InLocale(frozenset({"en"})))), False),
        (Any((InSection(("thong-bao",)), TET)), True),
        (Any((InSection(("thong-bao",)), InLocale(frozenset({"en"})))), False),
        (Not(TET), False),
    ],
    ids=spell,
)
def test_condition_holds_on_a_page(condition: Condition, expected: bool) -> None:
    assert condition.holds(PAGE, NOON) is expected


def test_page_without_section_is_in_no_section() -> None:
    assert not InSection(("tin-tuc",)).holds(PageFacts("home", "vi"), NOON)


@pytest.mark.parametrize(
    ("now", "shown", "change"),
    [
        # Midnight in Việt Nam is 17:00 UTC of the day before.
        ("2027-01-27T16:59:59", False, "2027-01-27T17:00:00"),
        ("2027-01-27T17:00:00", True, "2027-02-15T17:00:00"),
        ("2027-02-15T16:59:59", True, "2027-02-15T17:00:00"),
        ("2027-02-15T17:00:00", False, None),
    ],
)
def test_window_holds_from_its_first_to_the_end_of_its_last_day(
    now: str, shown: bool, change: str | None
) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)

    assert TET.holds(PAGE, moment) is shown
    assert TET.next_change(moment) == (
        None if change is None else datetime.fromisoformat(change).replace(tzinfo=UTC)
    )


def test_window_is_as_long_as_its_days_where_clocks_change() -> None:
    window = Between(date(2027, 3, 28), date(2027, 3, 28), "Europe/Berlin")

    assert window.begins == datetime(2027, 3, 27, 23, tzinfo=UTC)
    assert window.ends == datetime(2027, 3, 28, 22, tzinfo=UTC)


def test_window_open_on_one_side_changes_once() -> None:
    since = Between(date(2027, 2, 2), None, "UTC")
    until = Between(None, date(2027, 2, 2), "UTC")

    assert not since.holds(PAGE, NOON)
    assert since.next_change(NOON) == datetime(2027, 2, 2, tzinfo=UTC)
    assert since.next_change(datetime(2027, 2, 2, tzinfo=UTC)) is None
    assert until.holds(PAGE, NOON)
    assert until.next_change(NOON) == datetime(2027, 2, 3, tzinfo=UTC)


def test_joined_conditions_change_at_the_first_change_of_a_part() -> None:
    carnival = Between(date(2027, 2, 8), date(2027, 2, 9), "Asia/Ho_Chi_Minh")
    first = datetime(2027, 2, 7, 17, tzinfo=UTC)

    assert All((TET, carnival)).next_change(NOON) == first
    assert Any((Not(carnival), HasTag(frozenset({"x"})))).next_change(NOON) == first
    assert All((InLocale(frozenset({"vi"})),)).next_change(NOON) is None


ARTICLE = IsPageType(frozenset({"article"}))
HOME = IsPageType(frozenset({"home"}))


@pytest.mark.parametrize(
    ("condition", "decided"),
    [
        (ARTICLE, Everywhere()),
        (HOME, Nowhere()),
        (Not(HOME), Everywhere()),
        (Not(ARTICLE), Nowhere()),
        (Not(TET), Not(TET)),
        (All((ARTICLE, TET)), All((TET,))),
        (All((ARTICLE, Not(HOME))), Everywhere()),
        (All((HOME, TET)), Nowhere()),
        (Any((HOME, TET)), Any((TET,))),
        (Any((ARTICLE, TET)), Everywhere()),
        (Any((HOME, Not(ARTICLE))), Nowhere()),
        (TET, TET),
    ],
    ids=spell,
)
def test_page_type_is_decided_at_load(condition: Condition, decided: Condition) -> None:
    assert decide(condition, "article") == decided


def test_decided_conditions_never_change() -> None:
    assert Everywhere().holds(PAGE, NOON)
    assert not Nowhere().holds(PAGE, NOON)
    assert Everywhere().next_change(NOON) is None
    assert Nowhere().next_change(NOON) is None
