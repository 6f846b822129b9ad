"""What a site says of itself: moments in its zone, working days, safe addresses."""

from __future__ import annotations

import json
from datetime import UTC
from datetime import datetime

import pytest

from portal.site import Site
from portal.site import is_safe_address
from portal.testing.harness import SITE


def site(**more: object) -> Site:
    return Site.model_validate_json(json.dumps({**SITE, **more}))


def test_moment_without_offset_is_one_of_the_sites_zone():
    morning = datetime(2026, 12, 1, 8, 0)
    assert site().moment(morning).astimezone(UTC) == datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    assert site().moment(morning.replace(tzinfo=UTC)) == morning.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2026-11-20T08:00", "2026-12-02T22:00", 7),
        ("2026-11-20T23:59", "2026-12-02T00:00", 7),
        ("2026-11-23T08:00", "2026-12-02T22:00", 6),
        ("2026-11-27T08:00", "2026-11-30T08:00", 0),
        ("2026-12-02T08:00", "2026-12-01T08:00", 0),
        # Evening in UTC is the next day in Vietnam.
        ("2026-11-19T18:00+00:00", "2026-12-02T22:00", 7),
    ],
)
def test_working_days_lie_between_the_days_of_two_moments(first: str, last: str, days: int):
    moments = datetime.fromisoformat(first), datetime.fromisoformat(last)
    assert site().working_days(*moments) == days


def test_days_off_of_the_site_are_no_working_days():
    first, last = datetime(2026, 11, 20, 8), datetime(2026, 12, 2, 22)
    assert site(holidays=["2026-11-24", "2026-11-28"]).working_days(first, last) == 6


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://tinh.example/", True),
        ("mailto:a@b.example", True),
        ("tel:0200 555 0110", True),
        ("/lien-he", True),
        ("/", True),
        ("//elsewhere.example", False),
        ("/\\elsewhere.example", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("lien-he", False),
        ("", False),
    ],
)
def test_links_lead_to_the_web_mail_telephones_and_own_paths(address: str, safe: bool):
    assert is_safe_address(address) is safe
