"""The rate limit: so many at once, then as many again within a time; nobody is remembered."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from datetime import timedelta

from portal.block import RateLimit
from portal.block.limits import MOST_SENDERS

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def test_sender_waits_after_the_burst_and_others_do_not():
    limit = RateLimit(2, timedelta(minutes=1))
    assert [limit.allows("a", NOW) for _ in range(3)] == [True, True, False]
    assert limit.allows("b", NOW)
    assert limit.allows("a", NOW + timedelta(seconds=31))
    assert not limit.allows("a", NOW + timedelta(seconds=31))


def test_a_network_of_ipv6_is_one_sender():
    limit = RateLimit(2, timedelta(minutes=1))
    assert limit.allows("2001:db8:0:1::1", NOW)
    assert limit.allows("2001:db8:0:1:ffff::2", NOW)
    assert not limit.allows("2001:0DB8:0:1::3", NOW)
    assert limit.allows("2001:db8:0:2::1", NOW)


def test_an_ipv4_address_is_the_same_sender_however_it_came():
    limit = RateLimit(1, timedelta(minutes=1))
    assert limit.allows("::ffff:192.0.2.1", NOW)
    assert not limit.allows("192.0.2.1", NOW)
    assert limit.allows("::ffff:192.0.2.2", NOW)


def test_clock_that_goes_back_gives_nothing_away():
    limit = RateLimit(1, timedelta(minutes=1))
    assert limit.allows("a", NOW)
    assert not limit.allows("a", NOW - timedelta(seconds=50))


def test_no_address_is_kept_and_memory_is_bounded():
    limit = RateLimit(1, timedelta(minutes=1))
    for number in range(MOST_SENDERS + 10):
        limit.allows(f"192.0.2.{number}", NOW)
    assert len(limit._buckets) == MOST_SENDERS
    assert not any(b"192.0.2" in key for key in limit._buckets)


def test_next_day_has_another_salt():
    limit = RateLimit(1, timedelta(days=2))
    limit.allows("a", NOW)
    keys = set(limit._buckets)
    assert limit.allows("a", NOW + timedelta(days=1))
    assert keys.isdisjoint(limit._buckets)
