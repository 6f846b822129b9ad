"""Page-wide de-duplication: what an earlier block shows, a later one does not."""

from __future__ import annotations

from portal.block import Group
from portal.compose.attempt import choose


def test_each_group_takes_its_first_free_candidates():
    groups = (Group("topic", (1, 2, 3), 2), Group("latest", (4, 5), 1))
    assert choose(groups, taken=set()) == {"topic": (1, 2), "latest": (4,)}


def test_what_is_taken_makes_room_for_the_slack_behind_it():
    assert choose((Group("latest", (1, 2, 3, 4), 2),), taken={1, 3}) == {"latest": (2, 4)}


def test_a_later_group_does_not_repeat_an_earlier_one():
    groups = (Group("pinned", (7, 8), 2), Group("latest", (8, 9), 2))
    assert choose(groups, taken=set()) == {"pinned": (7, 8), "latest": (9,)}


def test_a_candidate_named_twice_is_shown_once():
    assert choose((Group("latest", (1, 1, 2), 3),), taken=set()) == {"latest": (1, 2)}


def test_nothing_left_is_an_empty_group_not_a_missing_one():
    assert choose((Group("latest", (1,), 3),), taken={1}) == {"latest": ()}


def test_the_taken_ids_of_the_page_are_not_changed():
    taken = {1}
    choose((Group("latest", (2,), 1),), taken=taken)
    assert taken == {1}
