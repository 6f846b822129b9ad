"""Which form of a page a reader takes, and whether they have it already."""

from __future__ import annotations

import pytest

from portal.web.forms import Form
from portal.web.forms import choose_coding
from portal.web.forms import matches


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "gzip"),
        ("br;q=1.0, GZIP ; Q = 0.5", "gzip"),
        ("*", "gzip"),
        ("*;q=0, gzip", "gzip"),
        ("gzip;q=", "gzip"),
        ("", "identity"),
        ("br", "identity"),
        ("identity", "identity"),
        ("gzip;q=0", "identity"),
        ("gzip;q=0.000, *", "identity"),
        ("*;q=0", "identity"),
        ("x-gzip", "identity"),
        (" ,;=, ;q=1", "identity"),
    ],
)
def test_gzip_is_sent_to_whoever_accepts_it(accepted: str, coding: str):
    assert choose_coding(accepted) == coding


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ('"a1"', True),
        ('"a1-gzip"', True),
        ('W/"a1"', True),
        ('"x", W/"y" ,"a1"', True),
        ("*", True),
        (" * ", True),
        ('"a"', False),
        ('"a1', False),
        ("a1", False),
        ('"a1-br"', False),
        ("", False),
    ],
)
def test_a_page_is_known_by_its_tag_in_whatever_coding(asked: str, known: bool):
    assert matches(asked, Form('"a1-gzip"', [], b"", [])) is known
