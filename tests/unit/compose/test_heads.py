"""Heads are kept within a bound of bytes, whatever stands in them."""

from __future__ import annotations

import pytest

from portal.compose.heads import HeadMemory


def test_a_head_is_found_by_all_that_stands_on_its_page():
    heads = HeadMemory(10_000)
    heads.put(("shell", "main a"), b"<title>A</title>", "etag")
    assert heads.get(("shell", "main a")) == (b"<title>A</title>", "etag")
    assert heads.get(("shell", "main a", "main b")) is None


@pytest.mark.parametrize(("letters", "fragments"), [(1_000, 1), (0, 20), (1_000, 20)])
def test_heads_never_take_more_than_there_is_room_for(letters: int, fragments: int):
    heads = HeadMemory(20_000)
    for number in range(100):
        identity = tuple(f"main {number} {place}" for place in range(fragments))
        heads.put(identity, b"x" * letters, "etag")
        assert heads.get(identity) is not None
        assert len(heads) * (letters + 100 * fragments) <= heads.bytes <= 20_000


def test_a_head_that_is_made_twice_is_counted_once():
    heads = HeadMemory(20_000)
    heads.put(("shell",), b"x", "etag")
    counted = heads.bytes
    heads.put(("shell",), b"x", "etag")
    assert heads.bytes == counted


def test_a_head_larger_than_the_room_drives_out_no_other():
    heads = HeadMemory(20_000)
    heads.put(("small",), b"x", "etag")
    heads.put(("large",), b"x" * 20_000, "etag")
    assert heads.get(("large",)) is None
    assert heads.get(("small",)) is not None


def test_what_is_forgotten_is_counted_no_longer():
    heads = HeadMemory(20_000)
    heads.put(("shell",), b"x", "etag")
    heads.clear()
    assert (len(heads), heads.bytes) == (0, 0)
