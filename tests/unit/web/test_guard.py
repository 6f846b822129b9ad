"""What the guard lets through and what it refuses, told by the environment a server makes."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest

from portal.web.guard import LARGEST_HEADERS
from portal.web.guard import LONGEST_TARGET
from portal.web.guard import find_refusal

LIMIT = 1000


def environ(**values: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "HTTP_HOST": "portal.example",
        **values,
    }


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"HTTP_HOST": "portal.example:8000"},
        {"HTTP_HOST": "127.0.0.1:1"},
        {"HTTP_HOST": "[::1]:8000"},
        {"HTTP_HOST": "[2001:db8::1]"},
        {"CONTENT_LENGTH": "", "REQUEST_METHOD": "POST"},
        {"CONTENT_LENGTH": str(LIMIT), "REQUEST_METHOD": "POST"},
        {"RAW_URI": "/tin-tuc?page=2"},
        {"HTTP_COOKIE": "x" * 4000},
    ],
    ids=str,
)
def test_honest_requests_pass(values: dict[str, str]):
    assert find_refusal(environ(**values), LIMIT) is None


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, HTTPStatus.LENGTH_REQUIRED),
        (
            {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "3"},
            HTTPStatus.LENGTH_REQUIRED,
        ),
        ({"CONTENT_LENGTH": "+3"}, HTTPStatus.BAD_REQUEST),
        ({"CONTENT_LENGTH": "3, 3"}, HTTPStatus.BAD_REQUEST),
        ({"CONTENT_LENGTH": "３"}, HTTPStatus.BAD_REQUEST),
        ({"CONTENT_LENGTH": str(LIMIT + 1)}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        ({"HTTP_CONTENT_LENGTH": "3"}, HTTPStatus.BAD_REQUEST),
        ({"HTTP_CONTENT_TYPE": "text/html"}, HTTPStatus.BAD_REQUEST),
        ({"HTTP_HOST": ""}, HTTPStatus.BAD_REQUEST),
        ({"HTTP_HOST": "a,b"}, HTTPStatus.BAD_REQUEST),
        ({"HTTP_HOST": "user@portal.example"}, HTTPStatus.BAD_REQUEST),
        ({"HTTP_HOST": "portal.example/x"}, HTTPStatus.BAD_REQUEST),
        ({"HTTP_HOST": "portal.example:port"}, HTTPStatus.BAD_REQUEST),
        ({"HTTP_HOST": "a b"}, HTTPStatus.BAD_REQUEST),
        ({"PATH_INFO": "*", "REQUEST_METHOD": "OPTIONS"}, HTTPStatus.BAD_REQUEST),
        ({"RAW_URI": "http://evil.example/"}, HTTPStatus.BAD_REQUEST),
        ({"PATH_INFO": "/" + "a" * LONGEST_TARGET}, HTTPStatus.REQUEST_URI_TOO_LONG),
        ({"QUERY_STRING": "a" * LONGEST_TARGET}, HTTPStatus.REQUEST_URI_TOO_LONG),
        ({"HTTP_X": "a" * LARGEST_HEADERS}, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
        ({"REQUEST_METHOD": "CONNECT"}, HTTPStatus.NOT_IMPLEMENTED),
        ({"REQUEST_METHOD": "TRACE"}, HTTPStatus.NOT_IMPLEMENTED),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_two_servers_may_understand_differently_is_refused(
    values: dict[str, str], status: HTTPStatus
):
    refusal = find_refusal(environ(**values), LIMIT)
    assert refusal is not None
    assert refusal.status == status
