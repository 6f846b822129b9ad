"""The in-process tier is bounded and never replaces a later state by an earlier one."""

from __future__ import annotations

import sys

import pytest

from portal.block import HeadPart
from portal.cache import RENDERED
from portal.cache import Entry
from portal.cache import MemoryTier
from portal.content.stamps import Stamp


def make_entry(position: int = 1, html: bytes = b"x", epoch: str = "a") -> Entry:
    return Entry(
        stamp=Stamp(epoch, position),
        tags=frozenset(),
        created=0.0,
        fresh_until=10.0,
        stale_until=20.0,
        digest="d",
        html=html,
    )


def found(tier: MemoryTier, key: str) -> Entry | None:
    held = tier.get(key, RENDERED)
    return held.entry if held is not None else None


def test_what_was_put_is_got_back():
    tier = MemoryTier(10_000)
    entry = make_entry()
    tier.put("key", entry)
    assert found(tier, "key") is entry
    assert found(tier, "other") is None


def test_the_least_recently_used_entries_leave_when_the_bytes_run_out():
    tier = MemoryTier(3 * make_entry(html=b"x" * 500).size)
    for name in ("one", "two", "three"):
        tier.put(name, make_entry(html=b"x" * 500))
    found(tier, "one")
    tier.put("four", make_entry(html=b"x" * 500))
    assert [found(tier, name) is not None for name in ("one", "two", "three", "four")] == [
        True,
        False,
        True,
        True,
    ]
    assert tier.bytes <= 3 * make_entry(html=b"x" * 500).size


@pytest.mark.parametrize(
    "part",
    [
        HeadPart("json", "json news", text="ạ" * 1000),
        HeadPart("meta", "meta description", (("name", "description"), ("content", "ạ" * 1000))),
    ],
    ids=["text", "attributes"],
)
def test_what_stands_in_the_head_is_counted_like_the_rest(part: HeadPart):
    taken = sys.getsizeof("ạ" * 1000)
    tier = MemoryTier(10 * taken)
    for number in range(20):
        tier.put(str(number), make_entry()._replace(head=(part,)))
    assert len(tier) * taken <= 10 * taken


def test_an_entry_larger_than_the_tier_is_not_kept():
    tier = MemoryTier(1000)
    tier.put("key", make_entry(html=b"x" * 5000))
    assert found(tier, "key") is None
    assert tier.bytes == 0


def test_an_earlier_state_does_not_replace_a_later_one():
    tier = MemoryTier(10_000)
    later = make_entry(position=7)
    tier.put("key", later)
    tier.put("key", make_entry(position=6))
    assert found(tier, "key") is later


def test_another_epoch_replaces_whatever_its_position():
    tier = MemoryTier(10_000)
    tier.put("key", make_entry(position=7))
    restored = make_entry(position=2, epoch="b")
    tier.put("key", restored)
    assert found(tier, "key") is restored


def test_replacing_an_entry_counts_its_bytes_once():
    tier = MemoryTier(10_000)
    tier.put("key", make_entry())
    tier.put("key", make_entry(position=2)._replace(html=b"yy"))
    assert tier.bytes == make_entry(position=2)._replace(html=b"yy").size
    tier.clear()
    assert (len(tier), tier.bytes) == (0, 0)


def test_what_is_dropped_is_gone_and_counted_no_longer():
    tier = MemoryTier(10_000)
    for key in ("one", "two"):
        tier.put(key, make_entry())
    for _ in range(2):
        tier.drop("one")
    assert (found(tier, "one"), found(tier, "two")) == (None, make_entry())
    assert tier.bytes == make_entry().size
