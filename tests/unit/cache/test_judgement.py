"""The one function that lets a stored fragment onto a page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.cache import Entry
from portal.cache import View
from portal.cache import usable
from portal.content.stamps import Stamp

ENTRY = Entry(
    stamp=Stamp("epoch-a", 10),
    tags=frozenset({"article:1", "article"}),
    created=1000.0,
    fresh_until=2000.0,
    stale_until=3000.0,
    digest="d",
)
VIEW = View("epoch-a", floor=0, position=10, last={"article:1": 10, "article:2": 9})


def test_an_entry_stamped_at_the_last_change_of_its_tags_is_usable():
    assert usable(ENTRY, 10, VIEW, now=1500.0)


@pytest.mark.parametrize(
    ("entry", "position", "view", "now"),
    [
        pytest.param(ENTRY, 10, VIEW, 2000.0, id="its time has run out"),
        pytest.param(
            ENTRY, 11, replace(VIEW, position=11, last={"article:1": 11}), 1500.0, id="tag changed"
        ),
        pytest.param(
            ENTRY, 11, replace(VIEW, position=11, last={"*": 11}), 1500.0, id="everything purged"
        ),
        pytest.param(
            ENTRY, 11, replace(VIEW, position=11, last={"article": 11}), 1500.0, id="class changed"
        ),
        pytest.param(ENTRY, 10, replace(VIEW, epoch="epoch-b"), 1500.0, id="another epoch"),
        pytest.param(ENTRY, 10, replace(VIEW, floor=11, position=12), 1500.0, id="below the floor"),
        pytest.param(ENTRY, 9, replace(VIEW, position=9), 1500.0, id="above what is known"),
        pytest.param(ENTRY, 11, VIEW, 1500.0, id="the page stands above what is known"),
        pytest.param(ENTRY, 5, VIEW, 1500.0, id="the page stands before a change it shows"),
        pytest.param(
            ENTRY,
            5,
            replace(VIEW, floor=8, last={}),
            1500.0,
            id="the page stands below the floor",
        ),
    ],
)
def test_an_entry_that_may_be_untrue_on_the_page_is_refused(entry, position, view, now):
    assert not usable(entry, position, view, now)


def test_changes_of_other_tags_leave_an_entry_usable():
    view = replace(VIEW, position=50, last={"article:1": 10, "article:2": 50})
    assert usable(ENTRY, 50, view, now=1500.0)


def test_the_view_names_the_tag_and_position_that_ended_an_entry():
    view = replace(VIEW, position=12, last={"article:1": 12})
    assert view.ended_by(ENTRY.tags, 10) == ("article:1", 12)
    assert VIEW.ended_by(ENTRY.tags, 10) is None
