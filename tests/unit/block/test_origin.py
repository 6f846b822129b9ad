"""Whether a page of this site sent a request."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import Headers

from portal.block import is_from_here


@pytest.mark.parametrize(
    "sent",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://www.mau.example"},
        {"Origin": "https://mau.example"},
        {"Origin": "http://mau.example"},
    ],
)
def test_pages_of_this_origin_are_from_here(sent: dict[str, str]):
    assert is_from_here(Headers(sent), "mau.example", unsaid=False)


@pytest.mark.parametrize(
    "sent",
    [
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://mau.example"},
        {"Sec-Fetch-Site": "anything"},
        {"Origin": "https://www.mau.example"},
        {"Origin": "https://mau.example:8443"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": ""},
    ],
)
def test_pages_of_others_are_not(sent: dict[str, str]):
    assert not is_from_here(Headers(sent), "mau.example", unsaid=True)


@pytest.mark.parametrize("sent", [{}, {"Sec-Fetch-Site": "none"}])
def test_where_no_page_is_named_the_caller_decides(sent: dict[str, str]):
    for unsaid in (True, False):
        assert is_from_here(Headers(sent), "mau.example", unsaid=unsaid) is unsaid
