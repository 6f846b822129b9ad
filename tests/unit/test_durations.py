"""Durations are written with a unit and read back as written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.durations import format_duration
from portal.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("150ms", timedelta(milliseconds=150)),
        ("30s", timedelta(seconds=30)),
        ("10m", timedelta(minutes=10)),
        ("1h", timedelta(hours=1)),
        ("7d", timedelta(days=7)),
        ("0ms", timedelta(0)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text, value):
    assert parse_duration(text) == value
    assert format_duration(value) == text


@pytest.mark.parametrize("text", ["", "10", "m", "10 m", "1.5h", "-1s", "1h30m", "10min"])
def test_anything_else_is_refused_with_the_units_that_exist(text):
    with pytest.raises(ValueError, match="ms, s, m, h, d"):
        parse_duration(text)
